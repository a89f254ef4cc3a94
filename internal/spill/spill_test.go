package spill

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// What was added is read again, wherever the limit and the places of reading are.
func TestALogGivesBackWhatWasAdded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		l := Log{Limit: rnd.IntN(3 * readAhead), Dir: t.TempDir()}
		var want []byte
		w := l.Window()
		for range 40 {
			b := make([]byte, rnd.IntN(readAhead/4))
			for i := range b {
				b[i] = byte(rnd.Uint32())
			}
			want = append(want, b...)
			l.Append(b)
			at := rnd.IntN(len(want) + 1)
			n := rnd.IntN(2 * readAhead)
			got, err := w.Bytes(int64(at), n)
			if expected := want[at:min(at+n, len(want))]; err != nil || !bytes.Equal(got, expected) {
				t.Fatalf("%d bytes at %d of %d: got %d, %v", n, at, len(want), len(got), err)
			}
		}
		if l.Size() != int64(len(want)) {
			t.Fatalf("%d bytes, want %d", l.Size(), len(want))
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheZeroLogHasNoFile(t *testing.T) {
	var l Log
	l.Append(make([]byte, 10*readAhead))
	if l.File() != nil || l.Size() != 10*readAhead {
		t.Errorf("file %v, %d bytes", l.File(), l.Size())
	}
}

func TestBytesStayInMemoryWhereTheFileCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := os.Open(path) // for reading only: every write fails
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*Log{
		"no folder": {Limit: 1, Dir: filepath.Join(path, "missing")}, "no space": {Limit: 1, file: full}} {
		for i := range 10 {
			l.Append([]byte{byte(i)})
		}
		got := make([]byte, 10)
		if err := l.Read(got, 0); err != nil || string(got) != "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
