// Package history keeps one line for each run of lint and audit, and shows how the counts of findings change. A Run goes in, a line of a
// file comes out, and back; tables and a chart come out of many.
//
// A line holds counts, IDs of rules and names of sites: no value, no message and no secret. It is at most MaxLine bytes long.
package history

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofrs/flock"

	"cupclint/internal/safefile"
	"cupclint/lint"
)

// Bounds of a line.
const (
	// MaxLine is how long a line may be, in bytes.
	MaxLine = 1 << 20
	// MaxSites is how many sites a line names: those with the most findings.
	MaxSites = 2000
	// maxRules bounds the rules of a line that is read.
	maxRules = 2000
	// maxName bounds the name of a site, in bytes.
	maxName = 200
)

// A Run is one line, published as docs/schema/history.schema.json.
type Run struct {
	Time    time.Time `json:"time"`
	Version string    `json:"version"`
	// Command is lint or audit.
	Command string `json:"command"`
	// Exit is the exit code of the run.
	Exit int `json:"exit"`
	// Files counts the exports that were read, Errors the inputs and probes that failed.
	Files  int `json:"files"`
	Errors int `json:"errors,omitempty"`
	// Findings counts by severity, as the report does; Suppressed and Baseline are not in it.
	Findings   lint.Counts            `json:"findings"`
	Suppressed int                    `json:"suppressed,omitempty"`
	Baseline   int                    `json:"baseline,omitempty"`
	Rules      map[string]lint.Counts `json:"rules"`
	// Sites counts by site; the empty name is for findings of no site. MoreSites is how many sites were left out.
	Sites     map[string]lint.Counts `json:"sites"`
	MoreSites int                    `json:"moreSites,omitempty"`
}

// Add counts one finding.
func (r *Run) Add(rule, site string, s lint.Severity) {
	if r.Rules == nil {
		r.Rules, r.Sites = make(map[string]lint.Counts), make(map[string]lint.Counts)
	}
	r.Findings.Add(s)
	count(r.Rules, rule, s)
	count(r.Sites, cut(site), s)
}

func count(m map[string]lint.Counts, name string, s lint.Severity) {
	c := m[name]
	c.Add(s)
	m[name] = c
}

// cut bounds a name at a code point.
func cut(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= maxName {
		return s
	}
	end := maxName - len("...")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}

// line is the run as it is written, with its line break.
func (r *Run) line() ([]byte, error) {
	out := *r
	out.Time = r.Time.UTC().Truncate(time.Second)
	if out.Rules == nil {
		out.Rules = map[string]lint.Counts{}
	}
	out.Sites, out.MoreSites = most(r.Sites, MaxSites)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	if b.Len() > MaxLine {
		return nil, fmt.Errorf("the line is longer than %d bytes", MaxLine)
	}
	return b.Bytes(), nil
}

// most keeps the n names with the most findings, and counts the others.
func most(all map[string]lint.Counts, n int) (kept map[string]lint.Counts, more int) {
	if kept = all; len(all) <= n {
		if kept == nil {
			kept = map[string]lint.Counts{}
		}
		return kept, 0
	}
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(total(all[b]), total(all[a])), strings.Compare(a, b))
	})
	kept = make(map[string]lint.Counts, n)
	for _, name := range names[:n] {
		kept[name] = all[name]
	}
	return kept, len(all) - n
}

func total(c lint.Counts) int { return c.AtLeast(lint.Info) }

// retry is how often a lock that another run holds is tried again, lockWait how long: it is held for one write.
const (
	retry    = 10 * time.Millisecond
	lockWait = time.Minute
)

// LockName is the file next to a history that runs lock while they append.
func LockName(name string) string {
	dir, base := filepath.Split(name)
	return dir + "." + base + ".lock"
}

// Append adds the run to the file, which is made where there is none. Runs that append at the same time wait for each other; a file is
// left next to it that they lock. A line that an earlier run could not finish is closed first, so that it damages no other one. Where the
// write fails the file is as before.
func Append(ctx context.Context, name string, r *Run) error {
	if err := appendTo(ctx, name, r); err != nil {
		return fmt.Errorf("append to the history %s: %w", name, err)
	}
	return nil
}

func appendTo(ctx context.Context, name string, r *Run) (err error) {
	line, err := r.line()
	if err != nil {
		return err
	}
	if err := Check(name); err != nil {
		return err
	}
	unlock, err := lock(ctx, LockName(name))
	if err != nil {
		return err
	}
	defer unlock()
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|safefile.NonBlock, 0o644)
	if err != nil {
		return bare(err)
	}
	defer func() { err = errors.Join(err, bare(f.Close())) }()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return bare(err)
	}
	if end > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], end-1); err != nil {
			return bare(err)
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(line); err != nil {
		return errors.Join(bare(err), bare(f.Truncate(end)))
	}
	return nil
}

// Check refuses a name to which no run can append: a folder, a pipe, a device, a file in a folder that does not exist, and a file that
// is not a history.
func Check(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(name)); err != nil {
			return fmt.Errorf("the folder %s: %w", filepath.Dir(name), bare(err))
		}
		return nil
	case err != nil:
		return bare(err)
	case !info.Mode().IsRegular():
		return safefile.ErrNotRegular
	}
	head, err := safefile.Head(name, int64(len(beginning)))
	if err == nil && !strings.HasPrefix(beginning, string(head)) {
		err = errors.New("the file is not a history, so it is not changed")
	}
	return bare(err)
}

// beginning is that of every line, and so of every history.
const beginning = `{"time":"`

// bare takes the name out of an error that is said together with it.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func lock(ctx context.Context, name string) (func(), error) {
	// A named pipe in the place of the lock would be waited for.
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", name, safefile.ErrNotRegular)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockWait)
	defer cancel()
	l := flock.New(name, flock.SetPermissions(0o644), flock.SetFlag(os.O_CREATE|os.O_RDONLY|safefile.NonBlock))
	ok, err := l.TryLockContext(ctx, retry)
	if err == nil && !ok {
		err = errors.New("not granted")
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return func() { _ = l.Unlock() }, nil
}
