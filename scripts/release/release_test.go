package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var when = time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)

// tree makes a folder with a program and a page. The modes and times are those of a user with the umask.
func tree(t *testing.T, umask os.FileMode, at time.Time) string {
	t.Helper()
	top := filepath.Join(t.TempDir(), "cupclint_1.2.3_linux_amd64")
	files := map[string]os.FileMode{"cupclint": 0o777, "README.md": 0o666, "docs/b.md": 0o666, "docs/a.md": 0o666}
	for name, mode := range files {
		file := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("text of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(file, mode&^umask), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(top, "docs"), 0o777&^umask); err != nil {
		t.Fatal(err)
	}
	return top
}

func TestAnArchiveDependsOnNamesAndContentsAlone(t *testing.T) {
	for _, form := range []string{".tar.gz", ".zip"} {
		t.Run(form, func(t *testing.T) {
			var seen [][]byte
			for _, of := range []struct {
				umask os.FileMode
				at    time.Time
			}{{0o022, when}, {0o077, when.Add(time.Hour)}, {0o002, time.Unix(0, 0)}} {
				file := filepath.Join(t.TempDir(), "out"+form)
				if err := archive(tree(t, of.umask, of.at), file, when); err != nil {
					t.Fatal(err)
				}
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				seen = append(seen, data)
			}
			if !bytes.Equal(seen[0], seen[1]) || !bytes.Equal(seen[0], seen[2]) {
				t.Error("umask and times of the files change the archive")
			}
		})
	}
}

func TestArchiveHasModesTimesAndNoOwner(t *testing.T) {
	folder := tree(t, 0o077, time.Now())
	want := []string{"/", "/README.md", "/cupclint", "/docs/", "/docs/a.md", "/docs/b.md"}
	for i := range want {
		want[i] = "cupclint_1.2.3_linux_amd64" + want[i]
	}
	var tarFile, zipFile bytes.Buffer
	if err := errors.Join(writeTar(folder, &tarFile, when), writeZip(folder, &zipFile, when)); err != nil {
		t.Fatal(err)
	}
	packed, err := gzip.NewReader(&tarFile)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(packed); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		program := strings.HasSuffix(h.Name, "/") || strings.HasSuffix(h.Name, "/cupclint")
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(when) || (h.Mode == 0o755) != program {
			t.Errorf("%+v", h)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("tar: %q", names)
	}
	z, err := zip.NewReader(bytes.NewReader(zipFile.Bytes()), int64(zipFile.Len()))
	if err != nil {
		t.Fatal(err)
	}
	names = nil
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(when) || f.Mode().Perm() != 0o644 && !strings.HasSuffix(f.Name, "/") && !strings.HasSuffix(f.Name, "/cupclint") {
			t.Errorf("%s: %v %v", f.Name, f.Modified, f.Mode())
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("zip: %q", names)
	}
}

func TestALinkIsNotPacked(t *testing.T) {
	folder := tree(t, 0, when)
	if err := os.Symlink("/etc/passwd", filepath.Join(folder, "link")); err != nil {
		t.Skip("no symbolic link can be made here: ", err)
	}
	if err := archive(folder, filepath.Join(t.TempDir(), "x.zip"), when); err == nil {
		t.Error("a symbolic link was packed")
	}
}

func TestCompressedFilesHaveNoNameAndNoTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.1")
	if err := os.WriteFile(file, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := compress([]string{file}, when); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != "text" || err != nil || r.Name != "" || !r.ModTime.IsZero() {
		t.Errorf("%q %v %q %v", text, err, r.Name, r.ModTime)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file is still there")
	}
}

const commit = "0123456789abcdef0123456789abcdef01234567"

// someDist has two files; the program is this test.
func someDist(t *testing.T) (dist, program, sums string) {
	t.Helper()
	dist = t.TempDir()
	for _, name := range []string{"a.deb", "b.zip"} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte("contents of "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return dist, program, "../../tools/release/go.sum"
}

// The facts are those of the specification of in-toto's Statement v1 and of SLSA's provenance v1: which fields are required, and their
// form.
func TestProvenanceHasTheFormOfTheSpecification(t *testing.T) {
	dist, program, sums := someDist(t)
	s, err := newProvenance(dist, []string{program}, build{
		Version: "1.2.3", Systems: "linux/amd64", Commit: commit, Source: "https://git.example.com/voice/cupclint", Epoch: 1, ToolSums: sums,
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.write(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type          string `json:"_type"`
		PredicateType string
		Subject       []struct {
			Name   string
			Digest map[string]string
		}
		Predicate struct {
			BuildDefinition struct {
				BuildType            string
				ExternalParameters   map[string]any
				InternalParameters   map[string]any
				ResolvedDependencies []struct {
					Name, URI   string
					Digest      map[string]string
					Annotations map[string]any
				}
			}
			RunDetails struct {
				Builder struct{ ID string }
			}
		}
	}
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "https://in-toto.io/Statement/v1" || got.PredicateType != "https://slsa.dev/provenance/v1" {
		t.Errorf("types: %q %q", got.Type, got.PredicateType)
	}
	hexadecimal := regexp.MustCompile(`^[0-9a-f]+$`)
	if len(got.Subject) != 2 || got.Subject[0].Name != "a.deb" || got.Subject[1].Name != "b.zip" {
		t.Errorf("subject: %+v", got.Subject)
	}
	for _, s := range got.Subject {
		sum, err := sumOf(filepath.Join(dist, s.Name))
		if err != nil || s.Digest["sha256"] != sum || len(sum) != 64 {
			t.Errorf("%s: %v", s.Name, s.Digest)
		}
	}
	uri := regexp.MustCompile(`^[a-z][a-z0-9+.-]*:\S+$`)
	def := got.Predicate.BuildDefinition
	for _, u := range []string{def.BuildType, got.Predicate.RunDetails.Builder.ID} {
		if !uri.MatchString(u) {
			t.Errorf("%q is not a URI", u)
		}
	}
	if def.ExternalParameters["version"] != "1.2.3" || def.ExternalParameters["source"] != "https://git.example.com/voice/cupclint" {
		t.Errorf("parameters: %v", def.ExternalParameters)
	}
	for name := range def.ExternalParameters {
		if _, both := def.InternalParameters[name]; both {
			t.Errorf("%s is an external and an internal parameter", name)
		}
	}
	roles := map[any]int{}
	for _, r := range def.ResolvedDependencies {
		if r.URI == "" && len(r.Digest) == 0 {
			t.Errorf("%+v has neither a URI nor a digest", r)
		}
		if r.URI != "" && !uri.MatchString(r.URI) {
			t.Errorf("%q is not a URI", r.URI)
		}
		for algorithm, sum := range r.Digest {
			if !hexadecimal.MatchString(sum) {
				t.Errorf("%s of %s is %q", algorithm, r.URI, sum)
			}
		}
		roles[r.Annotations["role"]]++
	}
	source := def.ResolvedDependencies[0]
	if source.Digest["gitCommit"] != commit || source.URI != "git+https://git.example.com/voice/cupclint" || len(source.Annotations) != 0 {
		t.Errorf("source: %+v", source)
	}
	if !strings.HasPrefix(def.ResolvedDependencies[1].URI, "pkg:golang/std@1.") {
		t.Errorf("toolchain: %+v", def.ResolvedDependencies[1])
	}
	if roles["tool"] < 2 {
		t.Errorf("roles: %v", roles)
	}
}

func TestProvenanceInventsNothing(t *testing.T) {
	dist, program, sums := someDist(t)
	s, err := newProvenance(dist, []string{program}, build{Version: "1.2.3", Commit: commit, Changed: true, ToolSums: sums})
	if err != nil {
		t.Fatal(err)
	}
	d := s.Predicate.BuildDefinition
	if _, named := d.ExternalParameters["source"]; named || d.ResolvedDependencies[0].URI != "" {
		t.Error("a repository that was not named")
	}
	if d.ResolvedDependencies[0].Annotations["uncommittedChanges"] != true {
		t.Error("changes are not said")
	}
	if s.Predicate.RunDetails.Builder.ID != localBuilder {
		t.Error(s.Predicate.RunDetails.Builder.ID)
	}
	for name, wrong := range map[string]build{"no commit": {ToolSums: sums}, "short commit": {Commit: "0123456", ToolSums: sums},
		"no go.sum": {Commit: commit}} {
		if _, err := newProvenance(dist, []string{program}, wrong); err == nil {
			t.Error(name)
		}
	}
	if _, err := newProvenance(t.TempDir(), []string{program}, build{Commit: commit, ToolSums: sums}); err == nil {
		t.Error("a statement about nothing")
	}
}

// The example of in-toto's specification of digests.
func TestHashOfAModule(t *testing.T) {
	m := module{"github.com/marklodato/go-hello-world", "v0.0.1", "h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48="}
	r, err := m.resource("module")
	if err != nil || r.Digest["dirHash"] != "2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f" {
		t.Error(r, err)
	}
	if r.URI != "pkg:golang/github.com/marklodato/go-hello-world@v0.0.1" {
		t.Error(r.URI)
	}
	m.sum = "h1:short"
	if _, err := m.resource("module"); err == nil {
		t.Error("a hash that is none")
	}
}

func TestSBOMKeepsAllButTheHashesOfTheTool(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	const form = `{"metadata": {"tools": [{"name": "t", "version": "v1"HASHES}]}, "components": [{"hashes": [{"alg": "SHA-256"}]}]}`
	in := strings.Replace(form, "HASHES", `, "hashes": [{"alg": "MD5", "content": "1"}, {"alg": "SHA-1", "content": "2"}]`, 1)
	if err := os.WriteFile(file, []byte(in), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := settleSBOM(file); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != strings.Replace(form, "HASHES", "", 1) {
		t.Errorf("%s", got)
	}
	if err := settleSBOM(file); err == nil {
		t.Error("a file of another form was accepted")
	}
}

func TestSigning(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("missing server: ssh-keygen")
	}
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	sh := func(command string, args ...string) (string, error) {
		c := exec.Command(command, args...)
		c.Dir = dir
		said, err := c.CombinedOutput()
		return string(said), err
	}
	if said, err := sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "someone@example.com", "-f", key); err != nil {
		t.Fatal(said, err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const file = "cupclint_1.2.3_linux_amd64.tar.gz"
	write(file, "contents")
	if said, err := sh("sh", "-c", "sha256sum "+file+" > SHA256SUMS"); err != nil {
		t.Fatal(said, err)
	}
	sign, err := filepath.Abs("../sign.sh")
	if err != nil {
		t.Fatal(err)
	}

	said, err := sh(sign, dir)
	if err != nil || !strings.Contains(said, "NOT SIGNED") {
		t.Errorf("without a key: %v\n%s", err, said)
	}
	if _, err := os.Stat(filepath.Join(dir, "SHA256SUMS.sig")); err == nil {
		t.Error("a signature without a key")
	}
	said, err = sh(sign, dir, key)
	if err != nil {
		t.Fatal(said, err)
	}
	private, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	middle := strings.Split(string(private), "\n")[2]
	if strings.Contains(said, middle) || strings.Contains(said, "PRIVATE") {
		t.Error("the key is in the output")
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	write("cupclint-signers", lines[len(lines)-1]+"\n")

	for _, block := range []string{"verify-linux", "verify-macos"} {
		verify := page(t).block(t, block)
		try := func(what string, good bool) {
			t.Helper()
			said, err := sh("sh", "-ec", verify)
			if (err == nil) != good {
				t.Errorf("%s, %s: %v\n%s", block, what, err, said)
			}
			if good && (!strings.Contains(said, `Good "file" signature for cupclint-release`) || !strings.Contains(said, file+": OK")) {
				t.Errorf("%s, %s: %s", block, what, said)
			}
		}
		try("as signed", true)
		write(file, "contentz")
		try("a changed byte in a file", false)
		write(file, "contents")
		sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		write("SHA256SUMS", strings.Replace(string(sums), file, "other", 1))
		write("other", "contents")
		try("a changed name in SHA256SUMS", false)
		write("SHA256SUMS", string(sums))
		try("as signed again", true)
	}

	// A public half without its key, as with an agent that does not have it, is an error and no unsigned release.
	write("lonely.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x\n")
	if said, err := sh(sign, dir, filepath.Join(dir, "lonely.pub")); err == nil {
		t.Error("signed without a key: " + said)
	}
}

// A key inside the repository would be committed one day.
func TestAKeyInsideTheRepositoryIsRefused(t *testing.T) {
	inside, err := filepath.Abs("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "SHA256SUMS"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("../sign.sh", dir, inside).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "inside the repository") {
		t.Errorf("%v: %s", err, said)
	}
}
