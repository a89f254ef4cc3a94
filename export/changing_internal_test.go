package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file that is written anew, over and over, gives one of the states that was in it, or ErrChanging, and never half of each. A write
// that does not change for longer than a file is left to settle cannot be noticed.
func TestAFileThatIsWrittenToIsNeverHalfOfEach(t *testing.T) {
	state := func(domain string) []byte {
		return []byte("Presence.Domain: " + domain + "\n" + strings.Repeat("# "+strings.Repeat("y", 150)+"\n", 20_000) +
			"Presence.Primary.Address: cup1." + domain + "\n")
	}
	states := [...][]byte{state("north.test"), state("south.test")}
	name := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(name, states[0], 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	writer, longest := make(chan error, 1), time.Duration(0)
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err == nil {
				begun := time.Now()
				_, err = f.Write(states[i%2])
				longest = max(longest, time.Since(begun))
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				writer <- err
				return
			}
		}
		writer <- nil
	}()
	look := func() (string, error) {
		sources, errs := Find([]string{name})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		for e, err := range new(Reader).Read(context.Background(), sources[0]) {
			if err != nil {
				return "", err
			}
			domain, _ := e.Value(PresenceDomain)
			address, _ := e.Value(PresencePrimaryAddress)
			return domain + " " + address, nil
		}
		return "", errors.New("nothing was read")
	}
	whole := map[string]bool{"north.test cup1.north.test": true, "south.test cup1.south.test": true}
	var wrong []string
	for range 6 {
		got, err := look()
		if err == nil && !whole[got] || err != nil && !errors.Is(err, ErrChanging) {
			wrong = append(wrong, fmt.Sprintf("%q, %v", got, err))
		}
	}
	end()
	if err := <-writer; err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 && longest < settleLarge-20*time.Millisecond {
		t.Errorf("%s; the longest write took %v", strings.Join(wrong, "; "), longest)
	}
	if got, err := look(); err != nil || !whole[got] {
		t.Errorf("after the last write: %q, %v", got, err)
	}
}
