package audit

import (
	_ "embed"
	"slices"
	"strings"

	"cupclint/internal/area"
	"cupclint/resolve"
)

//go:embed unchecked.tsv
var uncheckedTable string

// Unchecked is what no probe looks at, for clients of the generations that the areas of the plan belong to. It is empty where
// nothing is probed.
func (p *Plan) Unchecked() []string {
	var infos []area.Info
	for _, t := range p.tasks {
		infos = append(infos, t.area.Info())
	}
	return unchecked(infos)
}

// Unchecked is what no probe looked at, for clients of the generations that were probed.
func (o *Observations) Unchecked() []string {
	var infos []area.Info
	o.each(func(_ area.Area, info area.Info, _ []area.Observation) { infos = append(infos, info) })
	return unchecked(infos)
}

// unchecked words the rows of the generations as a note.
func unchecked(infos []area.Info) []string {
	if len(infos) == 0 {
		return nil
	}
	var list []string
	for line := range strings.Lines(uncheckedTable) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(fields) != 3 || fields[0] == "generation" {
			continue
		}
		of := func(info area.Info) bool { return info.Generation == resolve.Generation(fields[0]) }
		if fields[0] == "-" || slices.ContainsFunc(infos, of) {
			list = append(list, fields[1])
		}
	}
	return []string{"Not checked: " + strings.Join(list, "; ") + "."}
}
