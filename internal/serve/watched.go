package serve

import (
	"fmt"
	"os"
	"sync"
	"time"

	"cupclint/internal/safefile"
)

// A watched value comes from files and is made again when one of them changes. A file that cannot be read then leaves the old value, and
// the log says so once: an editor or a script may be at work on it.
type watched[T any] struct {
	files []string
	make  func() (T, error)
	note  func(string)
	clock func() time.Time

	mu     sync.Mutex
	value  T
	seen   []state
	looked time.Time
}

// A state shows whether a file changed.
type state struct {
	size     int64
	modified time.Time
	file     os.FileInfo
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

func newWatched[T any](note func(string), make func() (T, error), files ...string) *watched[T] {
	return &watched[T]{files: files, make: make, note: note, clock: time.Now}
}

// load makes the first value.
func (w *watched[T]) load() (T, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked, w.seen = w.clock(), w.states()
	value, err := w.make()
	if err == nil {
		w.value = value
	}
	return value, err
}

// now gives the value of the files as they are.
func (w *watched[T]) now() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock()
	if now.Sub(w.looked) < lookEvery {
		return w.value
	}
	w.looked = now
	states := w.states()
	if same(states, w.seen) {
		return w.value
	}
	w.seen = states
	value, err := w.make()
	if err != nil {
		w.note(fmt.Sprintf("a changed file is not used: %v", err))
		return w.value
	}
	w.value = value
	w.note(fmt.Sprintf("read again: %v", w.files))
	return w.value
}

func (w *watched[T]) states() []state {
	out := make([]state, len(w.files))
	for i, name := range w.files {
		if info, err := os.Stat(name); err == nil {
			out[i] = state{info.Size(), info.ModTime(), info}
		}
	}
	return out
}

func same(a, b []state) bool {
	for i := range a {
		if a[i].size != b[i].size || !a[i].modified.Equal(b[i].modified) || !os.SameFile(a[i].file, b[i].file) &&
			(a[i].file != nil || b[i].file != nil) {
			return false
		}
	}
	return true
}

// readFile reads a file of at most so many bytes.
func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return safefile.ReadAll(f, most)
}
