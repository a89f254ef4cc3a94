package collect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// finish looks for secrets once more, counts what is missing and writes the manifest.
func (r *run) finish(ctx context.Context) (*Manifest, error) {
	m := r.manifest
	m.Ended = r.Now().UTC().Truncate(time.Second)
	m.Interrupted = ctx.Err() != nil
	leaks, err := r.lastScan()
	m.Complete = !m.Interrupted && len(leaks) == 0 && r.stopped == "" && !r.absent
	for i := range m.Steps {
		s := &m.Steps[i]
		if slices.Contains(leaks, s.File) {
			s.Outcome, s.Class, s.Detail, s.File, s.SHA256, s.Bytes = Failed, leftClass, "a password of this run was in the answer; the file "+
				"is removed", "", "", 0
		}
		if s.Missing() {
			m.Complete = false
		}
	}
	m.sort()
	r.differences()
	return m, errors.Join(r.broken, err, r.folder.writeManifest(m))
}

// lastScan removes files in which a password or a session of this run occurs, and names them.
func (r *run) lastScan() (leaks []string, err error) {
	err = r.folder.walk(func(name string, data []byte) error {
		if r.cleaner.used(string(data)) != string(data) {
			leaks = append(leaks, name)
			return r.folder.root.Remove(name)
		}
		return nil
	})
	if len(leaks) > 0 {
		err = errors.Join(err, fmt.Errorf("a password or a session key of this run was found in %s: removed", strings.Join(leaks, ", ")))
	}
	return leaks, err
}

// differences notes files that should be the same on all nodes and are not.
func (r *run) differences() {
	hashes := map[string]map[string]bool{}
	for _, s := range r.manifest.Steps {
		if s.File != "" && strings.HasPrefix(s.ID, "files.") {
			what := s.ID + " " + s.File[strings.LastIndexByte(s.File, '/')+1:]
			if hashes[what] == nil {
				hashes[what] = map[string]bool{}
			}
			hashes[what][s.SHA256] = true
		}
	}
	for _, what := range slices.Sorted(maps.Keys(hashes)) {
		if len(hashes[what]) > 1 {
			_, name, _ := strings.Cut(what, " ")
			r.note("%s is not the same on all TFTP servers: clients get what the server has that answers.", name)
		}
	}
}
