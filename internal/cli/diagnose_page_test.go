package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/diagnose"
	"cupclint/internal/serve/page"
	"cupclint/internal/testrace"
)

// The page for the help-desk names the same causes in the same order as the command for the same input: for every case of diagnose among
// those from real life.
func TestThePageDiagnosesAsTheCommand(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	cases, err := filepath.Glob("../../fixtures/reality/diagnose/*/expect.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	h, err := page.New(page.Options{})
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, path := range cases {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var c realityCase
			if err := yaml.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			t.Chdir(filepath.Dir(path))
			for i := range c.Steps {
				t.Run(c.Steps[i].name(i), func(t *testing.T) {
					if comparePage(t, h, &c.Steps[i]) {
						compared++
					}
				})
			}
		})
	}
	if compared < 20 {
		t.Errorf("only %d steps were compared", compared)
	}
}

var causeOnPage = regexp.MustCompile(`data-cause="([^"]*)"`)

// comparePage runs a step as a command and as forms of the page. It reports whether the step can be posted at all.
func comparePage(t *testing.T, h http.Handler, s *realityStep) bool {
	t.Helper()
	f, ok := formOf(t, s)
	if !ok {
		return false
	}
	var stdin, stdout, stderr bytes.Buffer
	if s.Stdin != "" {
		text, err := os.ReadFile(s.Stdin)
		if err != nil {
			t.Fatal(err)
		}
		stdin.Write(text)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	env := &environment{loginCost: cheap, stdin: &stdin, stdout: &stdout, stderr: &stderr, workDir: dir,
		getenv: func(k string) string { return map[string]string{"HOME": home, "XDG_STATE_HOME": home}[k] }}
	args := append(slices.Clone(s.Run), "--top", "0")
	if !slices.Contains(args, "--format") {
		args = append(args, "--format", "json")
	}
	execute(context.Background(), env, args)
	var out realityOutput
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return false // wrong usage
	}
	var want, got []string
	for _, c := range out.Causes {
		want = append(want, c.ID)
	}
	body := f.post(t, h)
	for _, body := range []string{body, f.rounds(t, h)} {
		got = nil
		for _, m := range causeOnPage.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("cupclint %s\nthe page:    %v\nthe command: %v", strings.Join(s.Run, " "), got, want)
		}
	}
	if out.Question != nil && len(f.answers) < 3 && len(f.symptoms) < 2 && !strings.Contains(body, `name="answer.`+out.Question.ID+`"`) {
		t.Errorf("the page does not ask %s", out.Question.ID)
	}
	return true
}

// A deskForm is a step as a person at the help-desk would enter it.
type deskForm struct {
	symptoms []string
	answers  map[string]string
	text     []byte
	files    []string
	sealed   string // what an earlier page handed over
}

// formOf reads the arguments of a step. Steps that a person at the page cannot take are left out: several complaints, folders, findings of
// an earlier run.
func formOf(t *testing.T, s *realityStep) (f deskForm, ok bool) {
	t.Helper()
	if len(s.Run) == 0 || s.Run[0] != "diagnose" || len(s.Text) > 0 || s.Server != nil || len(s.Servers) > 0 {
		return f, false
	}
	f.answers = make(map[string]string)
	for i := 1; i < len(s.Run); i++ {
		arg := s.Run[i]
		value := ""
		if strings.HasPrefix(arg, "--") && i+1 < len(s.Run) {
			i++
			value = s.Run[i]
		}
		switch arg {
		case "--format", "--top":
		case "--symptom":
			f.symptoms = append(f.symptoms, diagnose.SymptomNamed(value))
		case "--answer":
			question, word, _ := strings.Cut(value, "=")
			f.answers[question] = word
		case "--health", "-":
			name := value
			if name == "" || name == "-" {
				name = s.Stdin
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return f, false
			}
			f.text = text
		default:
			info, err := os.Stat(arg)
			if strings.HasPrefix(arg, "-") || err != nil || info.IsDir() {
				return f, false
			}
			f.files = append(f.files, arg)
		}
	}
	return f, len(f.symptoms) < 2
}

// rounds posts the complaint and the inputs first, then one answer after the other, as a person does: each page hands the case over to the
// next.
func (f *deskForm) rounds(t *testing.T, h http.Handler) string {
	t.Helper()
	if len(f.symptoms)+len(f.text)+len(f.files) == 0 {
		return f.post(t, h)
	}
	first := *f
	first.answers = nil
	body := first.post(t, h)
	for question, word := range f.answers {
		sealed := sealedOnPage.FindStringSubmatch(body)
		if sealed == nil {
			t.Fatal("the page hands nothing over")
		}
		body = (&deskForm{sealed: sealed[1], answers: map[string]string{question: word}}).post(t, h)
	}
	return body
}

var sealedOnPage = regexp.MustCompile(`name="sealed" value="([^"]*)"`)

func (f *deskForm) post(t *testing.T, h http.Handler) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	field := func(name, value string) {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	field("sealed", f.sealed)
	for _, s := range f.symptoms {
		field("complaint", s)
	}
	for question, word := range f.answers {
		field("answer."+question, word)
	}
	field("text", string(f.text))
	for _, name := range f.files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/diagnose", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	return answer.Body.String()
}
