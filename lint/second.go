package lint

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"cupclint/export"
	"cupclint/resolve"
)

// Most exports are in folders without exports of servers, and nothing is kept of them: while exports are judged, only the folders and
// deployments with exports of servers are noted. After that, the files of those are read a second time, for the facts.

// note remembers where an export of a server is. The facts of a source that can be read only once are taken at once.
func (g *gatherer) note(in *Input, source string, once bool) {
	if once || readOnce(source) {
		g.add(in, source)
		return
	}
	if g.all {
		g.add(in, source)
	}
	if in.Format.Printed() && in.File == source && !g.all {
		g.add(in, source) // it can be long; once is enough
		g.taken[source] = true
	} else if !in.Format.Printed() && !slices.ContainsFunc(g.servers, func(k export.KeyID) bool { return in.Get(k) != nil }) {
		return
	}
	for _, id := range g.ids(in.File, source) {
		g.joins[id] = true
	}
}

// readOnce reports whether a source is a stream: standard input, or what a shell puts in place of a file.
func readOnce(source string) bool {
	return source == export.Stdin || strings.HasPrefix(source, "/dev/") || strings.HasPrefix(source, "/proc/")
}

// ids are the groups that a file is part of.
func (g *gatherer) ids(file, source string) []string {
	var ids []string
	if len(g.policy.deployments) > 0 {
		rel := g.policy.relative(file)
		for i := range g.policy.deployments {
			if _, ok := g.policy.deployments[i].match(rel); ok {
				ids = append(ids, "d"+g.policy.deployments[i].name)
			}
		}
	}
	switch {
	case ids != nil:
	case file == source:
		ids = append(ids, "f"+g.homes.of(file))
	default:
		ids = append(ids, "f"+source)
	}
	return ids
}

// secondLook reads the exports that are together with exports of servers again, and gathers their facts.
func (r *run) secondLook(ctx context.Context, workers []*worker) {
	if workers[0].facts == nil || ctx.Err() != nil {
		return
	}
	joins, taken := make(map[string]bool), make(map[string]bool)
	for _, w := range workers {
		maps.Copy(taken, w.facts.taken)
		for id := range w.facts.joins {
			joins[id] = true
		}
	}
	if r.Deployments { // who asks wants to hear of those that are configured in any case
		for _, d := range r.policy.deployments {
			joins["d"+d.name] = true
		}
	}
	if len(joins) == 0 {
		return
	}
	again := &supply{list: r.sources, next: r.sources.Reader(), whole: true}
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			w.reader.Passed = nil
			for ctx.Err() == nil {
				src, i, ok := again.take()
				if !ok {
					return
				}
				if !src.Stdin() && !taken[src.Name] && w.facts.concerns(joins, src.Name) && !r.policy.Ignores(src.Name) {
					w.gatherAgain(ctx, src, i)
				}
			}
		})
	}
	wg.Wait()
	r.supply.err = cmp.Or(r.supply.err, again.err)
}

// concerns reports whether a source, or a member of it, may be in one of the groups.
func (g *gatherer) concerns(joins map[string]bool, source string) bool {
	switch {
	case readOnce(source):
		return false
	case joins["f"+source], isArchiveName(source) && len(g.policy.deployments) > 0:
		return true
	}
	return slices.ContainsFunc(g.ids(source, source), func(id string) bool { return joins[id] })
}

func isArchiveName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".tar", ".gz", ".tgz":
		return true
	}
	return false
}

// gatherAgain takes the facts of one source. Its errors were reported the first time.
func (w *worker) gatherAgain(ctx context.Context, src export.Source, i int) {
	defer func() {
		if p := recover(); p != nil {
			w.failed(nil, src.Name, p)
			w.reader = w.NewReader()
		}
	}()
	for e, err := range w.reader.Read(ctx, src) {
		if err != nil || e.File != src.Name && w.policy.Ignores(e.File) {
			continue
		}
		w.input.reset(e, i, resolve.SIP)
		w.orient()
		w.facts.add(&w.input, src.Name)
	}
}
