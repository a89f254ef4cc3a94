package collect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
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

// lastScan removes files in which a password or a session of this run occurs, and names them. What is not of a run stays, and is named too.
func (r *run) lastScan() (leaks []string, err error) {
	var stay []string
	err = r.folder.walk(func(name string, data []byte) error {
		switch {
		case r.cleaner.used(string(data)) == string(data):
			return nil
		case r.folder.foreign[name]:
			stay = append(stay, name)
			return nil
		}
		leaks = append(leaks, name)
		return r.folder.root.Remove(filepath.FromSlash(name))
	})
	if len(leaks) > 0 {
		err = errors.Join(err, fmt.Errorf("a password or a session key of this run was found in %s: removed", strings.Join(leaks, ", ")))
	}
	if len(stay) > 0 {
		err = errors.Join(err, fmt.Errorf("a password of this run is in %s, which no run wrote: move it out of the folder before you give the "+
			"folder to others", strings.Join(stay, ", ")))
	}
	return slices.Concat(leaks, stay), err
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
