package page_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cupclint/internal/diagnose"
	"cupclint/internal/serve/page"
	"cupclint/lint"
)

// probes are the double of live probes: one target that answers and one that does not.
type probes struct{ ran []string }

func (p *probes) Targets() []page.Target {
	return []page.Target{
		{ID: "sip-1", Area: "sip", Name: "cup1.acme.com:5060", Plan: []string{"Connects to cup1.acme.com on TCP port 5060.",
			"Sends OPTIONS and an unauthenticated REGISTER that asks for bindings and creates none."}},
		{ID: "dns-2", Area: "dns", Name: "cup1.acme.com", Plan: []string{"Asks DNS for the name."}},
	}
}

func (p *probes) Run(_ context.Context, id string) (*page.ProbeResult, error) {
	p.ran = append(p.ran, id)
	if id == "dns-2" {
		return nil, errors.New("this target is being probed already")
	}
	return &page.ProbeResult{Summary: "challenge for realm acme.com", Took: 12 * time.Millisecond,
		Findings: []lint.Finding{{Rule: "SIP101", Name: "presence-server-unreachable", Severity: lint.Error, Message: "it does not answer",
			Area: "sip"}}, Looked: []diagnose.Looked{{Rule: "SIP101", Key: "Presence.Primary.Address"}}}, nil
}

func newPage(t testing.TB, o page.Options) http.Handler {
	t.Helper()
	h, err := page.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A form as a browser posts it.
type form struct {
	path   string
	fields [][2]string
	files  [][2]string // name and content
	accept string
}

func (f form) request(t testing.TB) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range f.fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range f.files {
		part, err := w.CreateFormFile("file", file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, file[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := f.path
	if path == "" {
		path = "/diagnose"
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept-Language", f.accept)
	return r
}

func answer(t testing.TB, h http.Handler, r *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func post(t testing.TB, h http.Handler, f form) (int, string) {
	t.Helper()
	return answer(t, h, f.request(t))
}

func get(t testing.TB, h http.Handler, path, accept string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", accept)
	return answer(t, h, r)
}

var (
	sealedOf = regexp.MustCompile(`name="sealed" value="([^"]*)"`)
	assetOf  = regexp.MustCompile(`(page|icon)-[0-9a-f]{16}\.`)
)

// Each page is as its golden file has it, in both languages. -update writes them.
func TestPagesAreAsExpected(t *testing.T) {
	h := newPage(t, page.Options{Version: "1.0", Probes: new(probes), Token: func(*http.Request) string { return "TOKEN" }})
	desk := form{fields: [][2]string{{"complaint", "desk-phone"},
		{"text", "Desk Phone: Failed to connect. Invalid credentials.\npassword: hunter2"}}}
	export := form{fields: [][2]string{{"complaint", "presence"}}, files: [][2]string{{`C:\exports\hq.properties`,
		"Presence.Primary.Address = cup1.cisco.com\nPresence.Domain = example.org\nDirectory.Password = S3cr3tM4rk\n"}}}
	pages := map[string]func(lang string) (int, string){
		"form":    func(lang string) (int, string) { return get(t, h, "/", lang) },
		"desk":    func(lang string) (int, string) { desk.accept = lang; return post(t, h, desk) },
		"export":  func(lang string) (int, string) { export.accept = lang; return post(t, h, export) },
		"address": func(lang string) (int, string) { return get(t, h, "/address?node=cup1&domain=10.11.12.13", lang) },
		"targets": func(lang string) (int, string) { return get(t, h, "/targets", lang) },
		"target":  func(lang string) (int, string) { return get(t, h, "/targets/sip-1", lang) },
		"problem": func(lang string) (int, string) { return post(t, h, form{accept: lang}) },
		"silent": func(lang string) (int, string) {
			return post(t, h, form{accept: lang, fields: [][2]string{{"text", "blah blah"}}})
		},
		"complain": func(lang string) (int, string) {
			return post(t, h, form{accept: lang, fields: [][2]string{{"complaint", "locked"}}})
		},
	}
	for _, lang := range []string{"en", "de"} {
		for name, make := range pages {
			t.Run(name+"."+lang, func(t *testing.T) {
				_, body := make(lang)
				body = sealedOf.ReplaceAllString(assetOf.ReplaceAllString(body, "$1-HASH."), `name="sealed" value="SEALED"`)
				golden(t, filepath.Join("testdata", name+"."+lang+".html"), body)
			})
		}
	}
}

var update = flag.Bool("update", false, "write the golden files again")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: the page is another; read the difference after -update\n%s", file, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "want " + a[i] + "\ngot  " + b[i]
		}
	}
	return "one is longer"
}

// manyProbes are as many targets as a file may name.
type manyProbes struct{ probes }

func (*manyProbes) Targets() []page.Target {
	list := make([]page.Target, 500)
	for i := range list {
		list[i] = page.Target{ID: fmt.Sprint("sip-", i), Area: "sip", Name: fmt.Sprint("cup", i)}
	}
	return list
}

// A page holds the case once for each way to continue, however many targets there are: it may be half a megabyte.
func TestTargetsShareTheCase(t *testing.T) {
	_, body := post(t, newPage(t, page.Options{Probes: new(manyProbes)}), form{fields: [][2]string{{"complaint", "presence"}}})
	if n, targets := len(sealedOf.FindAllString(body, -1)), strings.Count(body, "/targets/sip-"); n > 3 || targets != 500 {
		t.Errorf("the case is there %d times for %d targets", n, targets)
	}
}
