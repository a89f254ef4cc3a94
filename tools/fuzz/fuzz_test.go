package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// module makes a module with fuzz targets in a folder of its own, because fuzzing writes to testdata.
func module(t *testing.T, body string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":        "module example.com/fuzzed\n\ngo 1.26\n",
		"x.go":          "package fuzzed\n",
		"x_test.go":     "package fuzzed\n\nimport \"testing\"\n\n" + body,
		"sub/y.go":      "package sub\n",
		"sub/y.md":      "func FuzzNot(f *testing.F) {}\n",
		"none/z.go":     "package none\n",
		"sub/y_test.go": "package sub_test\n\nimport \"testing\"\n\nfunc FuzzSub(f *testing.F) {\n\tf.Fuzz(func(*testing.T, []byte) {})\n}\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

const branches = `func FuzzBranches(f *testing.F) {
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, c := range s {
			switch {
			case c < '0':
				n++
			case c < 'A':
				n += 2
			case c < 'a':
				n += 3
			default:
				n += 5
			}
		}
		if n > 1000000 {
			t.Error("long")
		}
	})
}
`

func TestInputsAreSavedUpToTheBound(t *testing.T) {
	dir := module(t, branches)
	for range 2 {
		var out strings.Builder
		if err := run(t.Context(), []string{"-total", "1s", "-least", "200", "-save", "2"}, &out); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if !strings.Contains(out.String(), "ok    example.com/fuzzed FuzzBranches  ") || !strings.Contains(out.String(), "\n2 fuzz targets, ") {
			t.Errorf("it said:\n%s", out.String())
		}
		saved, err := os.ReadDir(filepath.Join(dir, "testdata/fuzz/FuzzBranches"))
		if err != nil || len(saved) == 0 || len(saved) > 2 {
			t.Errorf("%d inputs are saved (%v)", len(saved), err)
		}
	}
}

func TestAFailureIsShownWithItsInputAndWithoutSecrets(t *testing.T) {
	dir := module(t, `func FuzzFails(f *testing.F) {
	f.Add("<password>Hunter2.x</password>", 1)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n > 100 {
			t.Errorf("not fine: %s", s)
		}
	})
}
`)
	var out strings.Builder
	err := run(t.Context(), []string{"-each", "60s", "-save", "5", "."}, &out)
	if err == nil || err.Error() != "fuzz targets have failed" {
		t.Errorf("error %v", err)
	}
	said := out.String()
	for _, want := range []string{"FAIL  example.com/fuzzed FuzzFails", "testdata/fuzz/FuzzFails/", "not fine: ",
		"the input:\ngo test fuzz v1\n",
		"int(", ", 1 failed"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "Hunter2") {
		t.Errorf("it shows the secret:\n%s", said)
	}
	// The input stays, and fails again.
	if files, err := os.ReadDir(filepath.Join(dir, "testdata/fuzz/FuzzFails")); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	out.Reset()
	if err := run(t.Context(), []string{"-each", "1s", "./..."}, &out); err == nil || !strings.Contains(out.String(), "fuzzed/sub FuzzSub  ") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestTheEndOfTheTimeIsNoFailure(t *testing.T) {
	const late = "fuzz: elapsed: 2s, gathering baseline coverage: 0/139 completed\n" +
		"--- FAIL: FuzzX (4.78s)\n    context deadline exceeded\nFAIL\n"
	for said, want := range map[string]bool{
		late: true,
		"failure while testing seed corpus entry: FuzzX/seed#1\n" + late:              false,
		"--- FAIL: FuzzX (4.78s)\n    x_test.go:1: context deadline exceeded\nFAIL\n": false,
		late + "    Failing input written to testdata/fuzz/FuzzX/1\n":                 false,
	} {
		if onlyLate(said) != want {
			t.Errorf("%v for\n%s", !want, said)
		}
	}
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		`string("Directory.Password = Marker.Secret.1")`: `string("Directory.Password = ***")`,
		`"password": "hunter2", "a": 1`:                  `"password": "***", "a": 1`,
		`string("password\"=\"hunter2\"")`:               `string("password\"=\"***\"")`,
		"<Passwort>x1</Passwort>":                        "<Passwort>***</Passwort>",
		"pin 1234\nnext":                                 "pin ***\nnext",
		"nothing: here":                                  "nothing: here",
	} {
		if got := masked(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestNoTargetsIsAnError(t *testing.T) {
	module(t, "func TestX(*testing.T) {}\n")
	if err := run(t.Context(), []string{"./none"}, &strings.Builder{}); err == nil {
		t.Error("no error")
	}
}

func TestAnInterruptLeavesNothingBehind(t *testing.T) {
	module(t, branches)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- run(ctx, []string{"-each", "10m"}, io.Discard) }()
	started := func() bool { // Go's fuzzing has files of this form
		files, err := filepath.Glob(filepath.Join(temp, "fuzz-*"))
		return err != nil || len(files) > 0
	}
	for !started() {
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	stop()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
