package page

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// desk makes the handler for tests that look inside.
func desk(t testing.TB) *handler {
	t.Helper()
	made, err := newHandler(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.start(); err != nil {
		t.Fatal(err)
	}
	return made
}

func posting(t testing.TB, fields, files [][2]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, diagnosePath, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// shown is a page together with what it hands over to the next, unpacked.
func shown(t testing.TB, h *handler, r *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	body := w.Body.String()
	if _, after, ok := strings.Cut(body, `name="sealed" value="`); ok {
		field, _, _ := strings.Cut(after, `"`)
		c, err := h.unseal(field)
		if err != nil {
			t.Errorf("the page hands over what it does not take back: %v", err)
			return w.Code, body
		}
		body += fmt.Sprintf("\n%+v", c.kept())
		for _, p := range c.in.Pastes {
			body += fmt.Sprintf("\n%+v", *p)
		}
	}
	return w.Code, body
}

// sealed is the field of a page that holds the case, encrypted.
var sealed = regexp.MustCompile(`name="sealed" value="[\w-]+"`)

// marks are the secrets of fixtures/reality/promises.
var marks = []string{"S3cr3tM4rk", "S3cr3t", "M4rk"}

// failing is a text whose lines say that something fails, so that the page shows them.
func failing(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("Log-in failed: invalid credentials; " + line)
	}
	return b.String()
}

// apart are inputs whose secret is none any more with words in front of each line: the rows of a table, and a value that continues in the
// next line.
var apart = map[string]bool{"18-parameter-table/param.txt": true, "73-continued-line/hq.properties": true}

// No page shows a secret: every input of the promises' cases is pasted, and uploaded, under every complaint that makes a difference.
func TestNoSecretIsShown(t *testing.T) {
	h := desk(t)
	const root = "../../../fixtures/reality/promises"
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "expect.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		name, _ := filepath.Rel(root, path)
		for how, r := range map[string]*http.Request{
			"pasted":   posting(t, [][2]string{{"complaint", "log-in"}, {"text", string(text)}}, nil),
			"uploaded": posting(t, [][2]string{{"complaint", "presence"}}, [][2]string{{d.Name(), string(text)}}),
			"failing": posting(t, [][2]string{{"complaint", "log-in"}, {"text", failing(string(text))}},
				[][2]string{{"failing.log", failing(string(text))}}),
			"both": posting(t, [][2]string{{"text", string(text)}}, [][2]string{{d.Name(), string(text)}}),
		} {
			code, body := shown(t, h, r)
			if code != http.StatusOK {
				t.Errorf("%s %s: status %d", name, how, code)
			}
			if how == "failing" && apart[filepath.ToSlash(name)] {
				continue
			}
			body = sealed.ReplaceAllString(body, "") // encrypted: it is random, so it can have four letters of a mark
			for _, mark := range marks {
				if at := strings.Index(body, mark); at >= 0 {
					t.Errorf("%s %s: the page shows %q", name, how, body[max(0, at-200):min(len(body), at+50)])
				}
			}
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Errorf("%d inputs, %v", n, err)
	}
}

// Names of files are shown and nothing else; a secret in one is masked, a folder is left out.
func TestNamesOfFilesAreOnlyShown(t *testing.T) {
	h := desk(t)
	for given, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\temp\csf.log`: "csf.log", "": "file", "-": "file", "..": "file", "/": "file",
		"a\x00b\n.log": `a\x00b\n.log`, strings.Repeat("x", 300) + ".log": strings.Repeat("x", 96) + ".log", "a!b.xml": "a_b.xml",
	} {
		if got := fileName(given); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
	_, body := shown(t, h, posting(t, nil, [][2]string{{`../../password=S3cr3tM4rk.log`, "x"}, {"<script>alert(1)</script>.log", "x"},
		{"same.log", "Invalid credentials"}, {"same.log", "Invalid credentials"}}))
	if strings.Contains(body, "S3cr3tM4rk") || strings.Contains(body, "<script>alert") || !strings.Contains(body, "same (2).log") {
		t.Errorf("the names are shown as they are:\n%s", body)
	}
}

// Nothing is written to the disk, for any kind of post: many findings, archives, logs.
func TestNothingIsWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the temporary folder has another variable there")
	}
	h := desk(t)
	folder := t.TempDir()
	long := time.Unix(1_000_000_000, 0) // a file that comes and goes changes the time of its folder
	if err := os.Chtimes(folder, long, long); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", folder)
	var many strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&many, "Unknown.Key%d = x\nDirectory.Primary.Port = 9999999\n", i)
	}
	code, body := shown(t, h, posting(t, [][2]string{{"complaint", "directory"}}, [][2]string{{"many.properties", many.String()}}))
	if code != http.StatusOK || !strings.Contains(body, "HYG003") {
		t.Errorf("status %d, %d bytes", code, len(body))
	}
	if info, err := os.Stat(folder); err != nil || !info.ModTime().Equal(long) {
		t.Error("something was written to the temporary folder", err)
	}
}

// A problem report is read from memory: the failures in its log are evidence, and its secrets are masked.
func TestAProblemReportIsRead(t *testing.T) {
	log, err := os.ReadFile("../../../fixtures/reality/diagnose/discovery-in-the-log/srv.log")
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for name, text := range map[string]string{"Jabber/csf-unified.log": string(log) + "\npassword=S3cr3tM4rk\n", "screen.dmp": "\x00\x01"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	code, body := shown(t, desk(t), posting(t, nil, [][2]string{{"Jabber-Win-PRT.zip", archive.String()}}))
	if code != http.StatusOK || !strings.Contains(body, `cause-first" data-cause="service-discovery"`) ||
		!strings.Contains(body, "Jabber-Win-PRT.zip/Jabber/csf-unified.log") || strings.Contains(body, "S3cr3tM4rk") {
		t.Errorf("status %d\n%s", code, body)
	}
}

// What an earlier page handed over is taken back only as it was, and by the same process only.
func TestAHandedOverCaseIsSealed(t *testing.T) {
	h := desk(t)
	c := newCase()
	c.complaint = "log-in"
	field, err := h.seal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.unseal(field); err != nil {
		t.Error(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(field)
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if _, err := h.unseal(base64.RawURLEncoding.EncodeToString(changed)); err == nil {
			t.Fatalf("byte %d was changed and it was not noticed", i)
		}
	}
	if _, err := h.unseal(base64.RawURLEncoding.EncodeToString(append(raw, 0))); err == nil { // unpacking would skip it
		t.Error("what is after the seal's end is not looked at")
	}
	if _, err := desk(t).unseal(field); err == nil {
		t.Error("another process takes it")
	}
	code, body := shown(t, h, posting(t, [][2]string{{"sealed", "AAAA"}}, nil))
	if code != http.StatusBadRequest || !strings.Contains(body, "Start the case again") {
		t.Errorf("status %d\n%s", code, body)
	}
}

// A form is bounded, and every mistake in one is answered with a page.
func TestMistakesGiveAPage(t *testing.T) {
	made, err := newHandler(Options{MaxUpload: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 2<<20)
	var many [][2]string
	for i := range maxFiles + 1 {
		many = append(many, [2]string{fmt.Sprint(i), "x"})
	}
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"large file":     {posting(t, nil, [][2]string{{"a.log", large}}), http.StatusRequestEntityTooLarge},
		"many files":     {posting(t, nil, many), http.StatusRequestEntityTooLarge},
		"long complaint": {posting(t, [][2]string{{"complaint", large[:maxField+1]}}, nil), http.StatusRequestEntityTooLarge},
		"no complaint":   {posting(t, [][2]string{{"complaint", "nonsense"}}, nil), http.StatusBadRequest},
		"no question":    {posting(t, [][2]string{{"answer.nonsense", "x"}}, nil), http.StatusBadRequest},
		"no answer":      {posting(t, [][2]string{{"answer.who", "x"}}, nil), http.StatusBadRequest},
		"empty":          {posting(t, nil, nil), http.StatusBadRequest},
		"no form":        {httptest.NewRequest(http.MethodPost, diagnosePath, strings.NewReader("{}")), http.StatusUnsupportedMediaType},
		"no page":        {httptest.NewRequest(http.MethodGet, "/nonsense", nil), http.StatusNotFound},
		"no rule":        {httptest.NewRequest(http.MethodGet, "/rules/..%2f..%2fetc", nil), http.StatusNotFound},
		"no probes":      {httptest.NewRequest(http.MethodGet, "/targets", nil), http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		made.mux.ServeHTTP(w, c.r)
		if w.Code != c.want || !strings.Contains(w.Body.String(), `role="alert"`) || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: status %d, want %d\n%.300s", name, w.Code, c.want, w.Body.String())
		}
	}
}

// The page asks its own server only, and has nothing in line.
func TestNothingIsInLine(t *testing.T) {
	h := desk(t)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, posting(t, [][2]string{{"complaint", "desk-phone"}, {"text", "Invalid credentials"}}, nil))
	body := w.Body.String()
	for _, bad := range []string{"<style", " style=", "<script>", " onclick", "javascript:", "http://", "//cdn", "type=\"password\""} {
		if strings.Contains(body, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, e := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'"} {
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), e) {
			t.Errorf("the policy lacks %s", e)
		}
	}
	for _, address := range []string{h.assets.CSS, h.assets.JS, h.assets.Picture} {
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.Contains(body, address) {
			t.Errorf("%s: status %d", address, w.Code)
		}
	}
}

// FuzzForm posts forms: there is always a page, and never a secret of the text.
func FuzzForm(f *testing.F) {
	h := desk(f)
	good, err := h.seal(newCase())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("log-in", "Invalid credentials", "a.log", "x=1", "who", "one", good, "en")
	f.Add("", "password: ", "C:\\x.zip", "PK\x03\x04", "lock", "", "AAAA", "de-DE;q=0.1")
	f.Add("locked", "admin:utils service list", "a.xml", "<a/>", "version", "jabber", "", "x,,;q=")
	f.Fuzz(func(t *testing.T, complaint, text, name, content, question, word, sealed, accept string) {
		const secret = "Zq7-N3ver-Shown"
		r := posting(t, [][2]string{{"complaint", complaint}, {"answer." + question, word}, {"sealed", sealed},
			{"text", text + "\npassword=" + secret + "\n"}},
			[][2]string{{name, content + "\nDirectory.Password = " + secret + "\n"}})
		r.Header.Set("Accept-Language", accept)
		code, body := shown(t, h, r)
		if code >= 500 || !strings.Contains(body, "</html>") {
			t.Fatalf("status %d\n%s", code, body)
		}
		if strings.Contains(body, secret) {
			t.Fatalf("the page shows the secret:\n%s", body)
		}
	})
}
