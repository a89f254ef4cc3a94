package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A release is built twice from the same commit, and all files are compared byte by byte. The second build has another folder, home,
// folder of modules, build cache, umask, time zone, language and time. It takes five minutes of a processor, and so
// runs with make reproducible (Linux on amd64) and make soak (all systems). The packaging tools are built once.
func TestReleaseIsReproducibleSoak(t *testing.T) {
	soak := os.Getenv("CUPCLINT_SOAK") != ""
	if !soak && os.Getenv("CUPCLINT_REPRODUCIBLE") == "" {
		t.Skip("builds two releases: make reproducible")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("missing server: git")
	}
	systems := "linux/amd64"
	if soak {
		systems = ""
	}
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	goEnv := func(name string) string {
		said, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(said))
	}
	modules := goEnv("GOMODCACHE")
	release := func(folder, umask string, env ...string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
			t.Fatal(err)
		}
		script := `umask ` + umask + ` && git clone -q "file://$1" "$2" && cd "$2" && git checkout -q "$3" && scripts/release.sh 1.2.3`
		head, err := exec.Command("git", "-C", top, "rev-parse", "HEAD").Output()
		if err != nil {
			t.Skip("not a git checkout")
		}
		c := exec.Command("bash", "-ec", script, "-", top, folder, strings.TrimSpace(string(head)))
		c.Env = append(os.Environ(), "SYSTEMS="+systems, "DIST=", "RELEASE_KEY=", "CHANGED_TREE=", "TOOL_CACHE="+goEnv("GOCACHE"))
		c.Env = append(c.Env, env...)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		return filepath.Join(folder, "dist")
	}
	one := release(filepath.Join(t.TempDir(), "one"), "022")
	home := t.TempDir()
	t.Cleanup(func() { exec.Command("chmod", "-R", "u+w", home).Run() })
	two := release(filepath.Join(t.TempDir(), "some", "where", "else entirely"), "077",
		"HOME="+home, "GOPATH="+filepath.Join(home, "go"), "GOMODCACHE="+filepath.Join(home, "modules"), "GOCACHE="+filepath.Join(home, "cache"),
		// The modules come from the first folder of modules, so that nothing is asked of the network.
		"GOPROXY=file://"+filepath.Join(modules, "cache", "download")+",off", "GOSUMDB=off", "GOFLAGS=-mod=mod -buildvcs=true",
		"TZ=Asia/Kathmandu", "LANG=de_DE.UTF-8", "LC_ALL=C.UTF-8", "GOAMD64=v2", "CGO_ENABLED=1", "USER=builder", "SOURCE_DATE_EPOCH=1")

	names := func(folder string) (list []string) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	if a, b := strings.Join(names(one), " "), strings.Join(names(two), " "); a != b {
		t.Fatalf("%s\n%s", a, b)
	}
	for _, name := range names(one) {
		a, errA := os.ReadFile(filepath.Join(one, name))
		b, errB := os.ReadFile(filepath.Join(two, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs (%v, %v)", name, errA, errB)
		}
	}
	if len(names(one)) < 6 {
		t.Errorf("only %v", names(one))
	}
}
