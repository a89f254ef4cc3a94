package servertest

import (
	"strings"
	"testing"
)

// ending is a test that notes how it was ended. Only the methods that missing and program call are its own.
type ending struct {
	testing.TB
	how, reason string
}

func (e *ending) Helper() {}

func (e *ending) Skip(args ...any) { e.end("skipped", args) }

func (e *ending) Fatal(args ...any) { e.end("failed", args) }

func (e *ending) end(how string, args []any) {
	e.how, e.reason = how, args[0].(string)
	panic(e)
}

func TestMissingServerSkipsAndFailsInCI(t *testing.T) {
	if testing.Short() {
		t.Skip("with -short every server is skipped for that reason")
	}
	for ci, want := range map[string]string{"": "skipped", "false": "skipped", "true": "failed"} {
		t.Setenv("CI", ci)
		e := &ending{TB: t}
		func() {
			defer func() { _ = recover() }()
			program(e, "no-such-server")
		}()
		if e.how != want || !strings.HasPrefix(e.reason, MissingPrefix+"no-such-server is not installed") {
			t.Errorf("CI=%q: %s with %q, want %s", ci, e.how, e.reason, want)
		}
	}
}
