package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// registry is a double of a registry that wants a token, as Docker Hub does. manifests has the text of each image and tag.
func registry(t *testing.T, manifests map[string]string) *httptest.Server {
	t.Helper()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			if r.FormValue("service") != "double" || !strings.HasPrefix(r.FormValue("scope"), "repository:") {
				http.Error(w, "no", http.StatusBadRequest)
				return
			}
			fmt.Fprintf(w, `{"token": "for %s"}`, r.FormValue("scope"))
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/v2/")
		name, tag, found := strings.Cut(name, "/manifests/")
		if want := "Bearer for repository:" + name + ":pull"; r.Header.Get("Authorization") != want {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.URL+`/token",service="double",scope="repository:`+name+`:pull"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		text := manifests[name+":"+tag]
		if !ok || !found || text == "" || !strings.Contains(r.Header.Get("Accept"), "application/vnd.oci.image.index.v1+json") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		sum := digestOf(text)
		if text == "forged" {
			sum = digestOf("another")
		}
		w.Header().Set("Docker-Content-Digest", sum)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// repositories has actions/checkout with the tag v4 (with a message), actions/plain with the tag v1 (without) and the branch main.
func repositories(t *testing.T) (url string, sums map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("missing server: git")
	}
	top := t.TempDir()
	sums = map[string]string{}
	git := func(dir string, args ...string) string {
		c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.invalid"}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, said)
		}
		return strings.TrimSpace(string(said))
	}
	for _, name := range []string{"actions/checkout", "actions/plain"} {
		dir := filepath.Join(top, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		git(dir, "init", "-q", "-b", "main")
		git(dir, "commit", "-q", "--allow-empty", "-m", name)
		sums[name] = git(dir, "rev-parse", "HEAD")
	}
	git(filepath.Join(top, "actions/checkout"), "tag", "-a", "-m", "four", "v4")
	git(filepath.Join(top, "actions/plain"), "tag", "v1")
	return "file://" + top, sums
}

// pin runs the command on one file and gives the file afterwards.
func pin(t *testing.T, file, text string, args ...string) (code int, said, after string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code = run(t.Context(), append(args, path), &out, &out)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Error("the mode of the file changed")
	}
	return code, out.String(), string(got)
}

func TestBaseImagesArePinned(t *testing.T) {
	s := registry(t, map[string]string{"library/golang:1.26-bookworm": "go", "library/debian:latest": "deb", "own/thing:2": "thing"})
	own := strings.TrimPrefix(s.URL, "http://") + "/own/thing"
	const form = `# syntax of a Dockerfile
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm%s AS build
COPY go.mod ./
FROM build AS more
COPY --from=build /a /b
COPY --from=0 /a /b
from debian%s
COPY --from=OWN:2%s /x /y
FROM scratch
`
	whole := strings.ReplaceAll(form, "OWN", own)
	loose := fmt.Sprintf(whole, "", "", "")
	pinned := fmt.Sprintf(whole, "@"+digestOf("go"), ":latest@"+digestOf("deb"), "@"+digestOf("thing"))
	hub := "--registry=docker.io=" + s.URL

	code, said, after := pin(t, "Dockerfile", loose, hub, "--check")
	if code != 1 || after != loose || strings.Count(said, "NOT pinned; it is sha256:") != 3 {
		t.Errorf("check of loose images: %d\n%s", code, said)
	}
	code, said, after = pin(t, "Dockerfile", loose, hub)
	if code != 0 || after != pinned {
		t.Errorf("%d\n%s\n%s", code, said, after)
	}
	code, said, after = pin(t, "Dockerfile", pinned, hub)
	if code != 0 || after != pinned || strings.Count(said, "up to date") != 3 {
		t.Errorf("again: %d\n%s\n%s", code, said, after)
	}
	if code, said, _ = pin(t, "Dockerfile", pinned, hub, "--check"); code != 0 {
		t.Errorf("check: %d\n%s", code, said)
	}
	// A tag that means something else now.
	old := strings.Replace(pinned, digestOf("go"), digestOf("older"), 1)
	code, said, after = pin(t, "Dockerfile", old, hub, "--check")
	if code != 1 || after != old || !strings.Contains(said, "Dockerfile:2: golang:1.26-bookworm MOVED: it is "+digestOf("go")) {
		t.Errorf("moved: %d\n%s", code, said)
	}
	if code, said, after = pin(t, "Dockerfile", old, hub); code != 0 || after != pinned {
		t.Errorf("moved, and pinned again: %d\n%s\n%s", code, said, after)
	}
}

func TestActionsArePinnedToCommits(t *testing.T) {
	url, sums := repositories(t)
	const form = "jobs:\r\n  a:\r\n    steps:\r\n" +
		"      - uses: actions/checkout@%s\r\n" +
		"      - name: x\r\n" +
		"        uses: actions/plain/sub/folder@%s\r\n" +
		"      - uses: ./local\r\n" +
		"      - uses: docker://alpine:3\r\n" +
		"      - uses: actions/plain@%s\r\n"
	loose := fmt.Sprintf(form, "v4", "v1", "main # for now")
	pinned := fmt.Sprintf(form, sums["actions/checkout"]+" # v4", sums["actions/plain"]+" # v1", sums["actions/plain"]+" # main (for now)")
	code, said, after := pin(t, "ci.yml", loose, "--git", url)
	if code != 0 || after != pinned {
		t.Errorf("%d\n%s\n%s", code, said, after)
	}
	if code, said, after = pin(t, "ci.yml", strings.Replace(pinned, " (for now)", "", 1), "--git", url, "--check"); code != 0 {
		t.Errorf("check: %d\n%s\n%s", code, said, after)
	}
	old := strings.Repeat("0", 40)
	moved := strings.Replace(pinned, sums["actions/checkout"], old, 1)
	if code, said, _ = pin(t, "ci.yml", moved, "--git", url, "--check"); code != 1 || !strings.Contains(said, "actions/checkout@v4 MOVED") {
		t.Errorf("moved: %d\n%s", code, said)
	}
	quoted := `        uses: "actions/checkout@v4"` + "\n"
	if code, said, after = pin(t, "action.yml", quoted, "--git", url); code != 0 || after != "        uses: actions/checkout@"+
		sums["actions/checkout"]+" # v4\n" {
		t.Errorf("in quotes: %d\n%s\n%s", code, said, after)
	}
}

// What cannot be looked up stays as it is, and that is said.
func TestWhatCannotBeLookedUpStays(t *testing.T) {
	s := registry(t, map[string]string{"library/forged:1": "forged"})
	hub := "--registry=docker.io=" + s.URL
	url, _ := repositories(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	commit := strings.Repeat("a", 40)
	for name, of := range map[string]struct {
		file, text, want string
		code             int
		args             []string
	}{
		"no such tag of an image": {"Dockerfile", "FROM debian:none\n", "NOT pinned: .*404", 1, []string{hub}},
		"a registry that is away": {"Dockerfile", "FROM debian:12\n", "NOT pinned: .*refused", 1, []string{"--registry=docker.io=" + gone.URL}},
		"a wrong digest":          {"Dockerfile", "FROM forged:1\n", "says the digest", 1, []string{hub}},
		"a variable":              {"Dockerfile", "FROM golang:${VERSION}\n", "it has a variable", 1, []string{hub}},
		"a digest that is none":   {"Dockerfile", "FROM debian:12@sha256:12\n", "is not sha256", 1, []string{hub}},
		"no such tag of an action": {"ci.yml", "  - uses: actions/plain@v9\n", "has no tag and no branch v9", 1,
			[]string{"--git", url}},
		"no such action": {"ci.yml", "  - uses: actions/none@v9\n", "NOT pinned: git ls-remote", 1, []string{"--git", url}},
		"a commit without a tag": {"ci.yml", "  - uses: actions/plain@" + commit + "\n", "pinned, not compared: no comment", 0,
			[]string{"--git", url}},
		"pinned, and no registry answers": {"ci.yml", "  - uses: a/b@" + commit + " # v1\n", "pinned, not compared", 0,
			[]string{"--check", "--git", gone.URL}},
		"pinned image, no registry answers": {"Dockerfile", "FROM debian:12@" + digestOf("x") + "\n", "pinned, not compared", 0,
			[]string{"--check", "--registry=docker.io=" + gone.URL}},
	} {
		t.Run(name, func(t *testing.T) {
			code, said, after := pin(t, of.file, of.text, of.args...)
			if code != of.code || after != of.text || !matches(said, of.want) {
				t.Errorf("%d\n%s\n%s", code, said, after)
			}
			if of.code == 1 && !strings.Contains(said, "1 references are NOT pinned: a build takes whatever the tag means") {
				t.Error("the last line does not say it: " + said)
			}
		})
	}
	if code := run(t.Context(), []string{"no such file"}, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("a file that is not there: %d", code)
	}
}

// A token is asked for over TLS or on loopback only.
func TestTokenIsNotAskedForInClearText(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://192.0.2.1/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer s.Close()
	code, said, _ := pin(t, "Dockerfile", "FROM debian:12\n", "--registry=docker.io="+s.URL)
	if code != 1 || !strings.Contains(said, "not supported") {
		t.Errorf("%d %s", code, said)
	}
}

func TestNamesOfImages(t *testing.T) {
	l := &lookup{}
	for name, want := range map[string]string{
		"debian":                "https://registry-1.docker.io library/debian",
		"owner/name":            "https://registry-1.docker.io owner/name",
		"ghcr.io/owner/name":    "https://ghcr.io owner/name",
		"localhost/name":        "http://localhost name",
		"127.0.0.1:5000/a/b":    "http://127.0.0.1:5000 a/b",
		"registry.example:1/a":  "https://registry.example:1 a",
		"[::1]:5000/name":       "http://[::1]:5000 name",
		"docker.io/library/foo": "https://registry-1.docker.io library/foo",
	} {
		host, repository := registryOf(name)
		if got := l.baseOf(host) + " " + repository; got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The files of this repository: every base image and every action is found.
func TestReferencesOfThisRepositoryAreFound(t *testing.T) {
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	s := &stages{}
	for line := range strings.Lines(string(text)) {
		if r, ok := s.find(line); ok {
			found = append(found, r.name)
		}
	}
	if strings.Join(found, " ") != "golang debian" {
		t.Error(found)
	}
}

func matches(text, pattern string) bool {
	return regexp.MustCompile(pattern).MatchString(text)
}
