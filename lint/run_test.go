package lint

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cupclint/export"
)

// badValue finds every property whose value begins with "bad".
var badValue = &Rule{
	ID: "T001", Name: "bad-value", Area: "test", Severity: Error, Kind: ExportKind,
	Check: func(in *Input) []Finding {
		var found []Finding
		for i := range in.Properties {
			if p := &in.Properties[i]; strings.HasPrefix(p.Value, "bad") {
				found = append(found, in.At(p, "%q is bad", p.Value))
			}
		}
		return found
	},
}

// everyExport has something to say about each export.
var everyExport = &Rule{
	ID: "T002", Name: "every-export", Area: "test", Severity: Info, Kind: ExportKind,
	Check: func(in *Input) []Finding {
		f := in.At(nil, "an export")
		f.Evidence = []string{fmt.Sprintf("%d properties", len(in.Properties))}
		return []Finding{f}
	},
}

// sharedValue finds domains that several exports have, at the first of them.
var sharedValue = &Rule{
	ID: "T003", Name: "shared-value", Area: "test", Severity: Warning, Kind: FleetKind,
	Fleet: func() Fleet { return &sharing{first: make(map[string]Place), count: make(map[string]int)} },
}

type sharing struct {
	first map[string]Place
	count map[string]int
}

func (s *sharing) Add(in *Input) {
	p := in.Get(export.PresenceDomain)
	if p == nil {
		return
	}
	s.note(strings.Clone(p.Value), 1, in.Place(p))
}

func (s *sharing) note(value string, n int, pl Place) {
	s.count[value] += n
	if at, ok := s.first[value]; !ok || pl.Before(at) {
		s.first[value] = pl
	}
}

func (s *sharing) Merge(other Fleet) {
	o := other.(*sharing)
	for value, pl := range o.first {
		s.note(value, o.count[value], pl)
	}
}

func (s *sharing) Findings() []Finding {
	var found []Finding
	for value, n := range s.count {
		if n > 1 {
			found = append(found, s.first[value].Finding("%d exports have %q", n, value))
		}
	}
	return found
}

var testRules = []*Rule{badValue, everyExport, sharedValue, Define(UnusedSuppression, Rule{})}

// oddNames are names whose order in a walk of the folders is not their order as strings.
var oddNames = []string{
	"a/b", "a.x", "a-b", "a b", "a!b", "a/b.x", "a0", "A/b", "a/c/d", "a/c.d", "é", "e\u0301", "~", "a/\x01", "[a]", "a*", "-", "-- x", "ab/c",
}

// folder writes files and returns their sources in the order given. Names are kept short by working in the folder.
func folder(t testing.TB, files map[string]string) []export.Source {
	t.Helper()
	t.Chdir(t.TempDir())
	var names []string
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return sourcesOf(names)
}

func exportText(domain, node string, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Presence.Domain = %s\nPresence.Primary.Address = %s\n", domain, node)
	for i, v := range more {
		fmt.Fprintf(&b, "Test.Value%d = %s\n", i, v)
	}
	return b.String()
}

// collect runs and returns all that came out as JSON, which is what must not differ.
func collect(t testing.TB, o Options) (*Result, []Finding, string) {
	t.Helper()
	res, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Close() })
	findings := drain(t, res)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for i := range findings {
		if err := enc.Encode(&findings[i]); err != nil {
			t.Fatal(err)
		}
	}
	for row, err := range res.Addresses() {
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Encode(res.Summary); err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(res.Errors); err != nil {
		t.Fatal(err)
	}
	return res, findings, out.String()
}

func drain(t testing.TB, res *Result) []Finding {
	t.Helper()
	var findings []Finding
	for f, err := range res.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, *f)
	}
	return findings
}

func oddFolder(t testing.TB) []export.Source {
	files := make(map[string]string)
	for i, name := range oddNames {
		if strings.HasPrefix(name, "a/b") && name != "a/b.x" {
			name = "a/b" // a folder and a file cannot share a name
		}
		files["d/"+name] = exportText(fmt.Sprintf("d%d.example.net", i%3), "cup1", "bad \u202e\u200b", "good", "bad again", "bad again")
	}
	return folder(t, files)
}

func TestOutputIsInOrderWhateverTheNumberOfWorkersAndTheOrderOfSources(t *testing.T) {
	sources := oddFolder(t)
	_, findings, want := collect(t, Options{Sources: sources, Rules: testRules, Jobs: 1, Addresses: true})
	if !slices.IsSortedFunc(findings, func(a, b Finding) int { return Compare(&a, &b) }) {
		t.Error("findings are not in order of Compare")
	}
	if n := 4*len(sources) + 3; len(findings) != n {
		t.Errorf("%d findings, want %d", len(findings), n)
	}
	for jobs := 2; jobs <= 8; jobs++ {
		if _, _, got := collect(t, Options{Sources: sources, Rules: testRules, Jobs: jobs, Addresses: true}); got != want {
			t.Fatalf("%d workers give other bytes than one:\n%s\nwant\n%s", jobs, got, want)
		}
	}
	slices.Reverse(sources)
	if _, again, _ := collect(t, Options{Sources: sources, Rules: []*Rule{badValue, everyExport}, Jobs: 3}); !slices.IsSortedFunc(again,
		func(a, b Finding) int { return Compare(&a, &b) }) {
		t.Error("sources in reverse: findings are not in order of Compare")
	}
}

// Every way to spread exports over workers must give what one worker gives.
func TestFleetFindingsDoNotDependOnTheSpread(t *testing.T) {
	sources := oddFolder(t)
	judge := func(parts int, pick func(i int) int) []Finding {
		accs := make([]Fleet, parts)
		for i := range accs {
			accs[i] = sharedValue.Fleet()
		}
		reader := newTestReader()
		for i, src := range sources {
			for e, err := range readAll(reader, src) {
				if err != nil {
					t.Fatal(err)
				}
				var in Input
				in.reset(e, i, "")
				sharedValue.Gather(accs[pick(i)], &in)
			}
		}
		for _, acc := range accs[1:] {
			accs[0].Merge(acc)
		}
		found := accs[0].Findings()
		slices.SortFunc(found, func(a, b Finding) int { return Compare(&a, &b) })
		return found
	}
	want := fmt.Sprint(judge(1, func(int) int { return 0 }))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		parts := 1 + rnd.IntN(9)
		if got := fmt.Sprint(judge(parts, func(int) int { return rnd.IntN(parts) })); got != want {
			t.Fatalf("%d parts: %s\nwant %s", parts, got, want)
		}
	}
}

func TestFindingsComeBackFromTheTemporaryFile(t *testing.T) {
	sources := oddFolder(t)
	_, _, want := collect(t, Options{Sources: sources, Rules: testRules, Addresses: true})

	for _, tt := range []struct {
		name, dir string
		spilled   bool
	}{
		{"spilled", t.TempDir(), true},
		{"no folder for it: stays in memory", filepath.Join(t.TempDir(), "missing"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRun(Options{Sources: sources, Rules: testRules, Addresses: true, TempDir: tt.dir})
			r.findings.limit, r.addresses.limit = 512, 512
			w := []*worker{r.newWorker(), r.newWorker()}
			for i := range sources {
				w[i%2].read(context.Background(), r.Sources[i], i)
			}
			res := r.finish(w)
			if got := res.findings.log.File() != nil; got != tt.spilled {
				t.Fatalf("spilled = %v, want %v", got, tt.spilled)
			}
			if tt.spilled {
				info, err := res.findings.log.File().Stat()
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode().Perm() != 0o600 || info.Size() < 512 {
					t.Errorf("temporary file has mode %v and %d bytes", info.Mode(), info.Size())
				}
				if entries, _ := os.ReadDir(tt.dir); len(entries) > 0 && runtime.GOOS != "windows" {
					t.Errorf("the temporary file still has a name: %v", entries)
				}
			}
			if first, again := drain(t, res), drain(t, res); fmt.Sprint(first) != fmt.Sprint(again) {
				t.Error("a second pass gives something else")
			} else if _, plain, _ := collect(t, Options{Sources: sources, Rules: testRules}); fmt.Sprint(first) != fmt.Sprint(plain) {
				t.Error("spilled findings differ from those in memory")
			}
			if err := res.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if want == "" {
		t.Fatal("nothing to compare")
	}
}

func TestADamagedTemporaryFileIsAnError(t *testing.T) {
	r := newRun(Options{Sources: oddFolder(t), Rules: testRules, TempDir: t.TempDir()})
	r.findings.limit = 1
	w := r.newWorker()
	w.work(context.Background())
	res := r.finish([]*worker{w})
	defer res.Close()
	if err := res.findings.log.File().Truncate(100); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range res.Findings() {
		last = err
	}
	if last == nil {
		t.Error("no error")
	}
}

func TestUnreadableInputsAreReportedAndTheRestIsLinted(t *testing.T) {
	sources := folder(t, map[string]string{"a.txt": exportText("d", "n", "bad"), "c.txt": exportText("d", "n", "bad")})
	sources = append(sources, sourcesOf([]string{"b.txt"})...)
	_, searched := export.Find([]string{"nowhere.txt"})
	res, findings, _ := collect(t, Options{Sources: sources, Errors: searched, Rules: []*Rule{badValue}})
	if len(findings) != 2 || res.Summary.Files != 2 || res.Summary.Findings.Error != 2 {
		t.Errorf("findings %v, summary %+v", findings, res.Summary)
	}
	if len(res.Errors) != 2 || res.Errors[1].File != "nowhere.txt" || res.Errors[0].File != "b.txt" ||
		!errors.Is(res.Errors[0].Err, os.ErrNotExist) {
		t.Errorf("errors: %+v", res.Errors)
	}
}

// Members of an archive are files of their own: for findings, globs and counts.
func TestMembersOfAnArchiveAreLintedAndIgnoredByName(t *testing.T) {
	t.Chdir(t.TempDir())
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"site2/b.txt", "site1/a.txt", "site1/a.bak.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(exportText("d", "n", "bad"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("all.zip", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	p := mustPolicy(t, Settings{Ignore: []Glob{{Pattern: "all.zip!**/*.bak.txt"}}})
	res, findings, _ := collect(t, Options{Sources: sourcesOf([]string{"all.zip"}), Rules: []*Rule{badValue}, Policy: p})
	var files []string
	for _, f := range findings {
		files = append(files, f.File)
	}
	if want := []string{"all.zip!site1/a.txt", "all.zip!site2/b.txt"}; !slices.Equal(files, want) || res.Summary.Files != 2 {
		t.Errorf("%q, %+v, %v", files, res.Summary, res.Errors)
	}
}

func TestARuleThatPanicsIsNamedAndTheOthersRun(t *testing.T) {
	secret := "hunter2"
	broken := &Rule{ID: "T900", Name: "broken", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		if strings.Contains(in.File, "b") {
			panic("value " + secret)
		}
		return nil
	}}
	fleet := &Rule{ID: "T901", Name: "broken-fleet", Area: "test", Kind: FleetKind, Fleet: func() Fleet { return brokenFleet{} }}
	sources := folder(t, map[string]string{"a.txt": exportText("d", "n", "bad"), "b.txt": exportText("d", "n", "bad")})
	res, findings, _ := collect(t, Options{Sources: sources, Rules: []*Rule{broken, fleet, badValue}, Jobs: 2})
	if len(findings) != 2 {
		t.Errorf("findings: %v", findings)
	}
	var got []string
	for _, e := range res.Errors {
		if re, ok := errors.AsType[*PanicError](e.Err); !ok || re.Stack == "" {
			t.Errorf("%v is not a PanicError with a stack", e)
		}
		if strings.Contains(e.Message, secret) {
			t.Errorf("the message has the value that the rule panicked with: %s", e.Message)
		}
		got = append(got, e.File+" "+e.Message[:25])
	}
	if want := []string{" internal error: rule T901", "b.txt internal error: rule T900"}; !slices.Equal(got, want) {
		t.Errorf("errors %q, want %q", got, want)
	}
}

type brokenFleet struct{}

func (brokenFleet) Add(*Input)  {}
func (brokenFleet) Merge(Fleet) {}
func (brokenFleet) Findings() []Finding {
	var none []Finding
	_ = none[len(os.Args)]
	return none
}

func TestACancelledRunReturnsWhatIsKnown(t *testing.T) {
	files := make(map[string]string)
	for i := range 50 {
		files[fmt.Sprintf("%02d.txt", i)] = exportText("d", "n", "bad")
	}
	sources := folder(t, files)
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	var n atomic.Int64
	counting := &Rule{ID: "T902", Name: "counting", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		if n.Add(1) == 10 {
			cancel(stop)
		}
		return nil
	}}
	res, err := Run(ctx, Options{Sources: sources, Rules: []*Rule{counting, badValue}, Jobs: 2})
	if !errors.Is(err, stop) {
		t.Fatalf("error %v", err)
	}
	defer res.Close()
	if got := len(drain(t, res)); got < 10 || got == 50 || got != res.Summary.Files || len(res.Errors) != 0 {
		t.Errorf("%d findings, summary %+v, errors %v", got, res.Summary, res.Errors)
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	files := make(map[string]string)
	for i := range 200 {
		files[fmt.Sprintf("%03d.txt", i)] = exportText("d", "n")
	}
	var calls []int
	_, _, _ = collect(t, Options{Sources: folder(t, files), Jobs: 4, Progress: func(done, total int) {
		if total != 200 {
			t.Errorf("total %d", total)
		}
		calls = append(calls, done)
	}})
	if len(calls) < 2 || calls[len(calls)-1] != 200 {
		t.Errorf("progress %v", calls)
	}
}

func TestHostileValuesSurviveTheWayThroughTheEngine(t *testing.T) {
	long := "bad" + strings.Repeat("\x1b[31m\x00", 1<<17)
	e := &export.Export{File: "x\xff\n"}
	hostile := &Rule{ID: "T903", Name: "hostile", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		f := in.At(nil, "%s", long)
		f.File, f.Key, f.Evidence = "x\xff\n\u2028", "\x00", []string{"", "]]>", long}
		return []Finding{f}
	}}
	var want Finding
	for _, f := range hostile.Judge(NewInput(e)) {
		want = f
	}
	var got Finding
	d := decoder{text: string(want.encode(nil))}
	got.decode(&d)
	if d.err != nil || d.text != "" || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("err %v, rest %d bytes", d.err, len(d.text))
	}
}

// A clean export must cost nothing but reading and looking.
func TestACleanExportAllocatesNothing(t *testing.T) {
	sources := folder(t, map[string]string{"a.txt": exportText("example.net", "cup1.example.net", "good", "fine")})
	r := newRun(Options{Sources: sources, Rules: []*Rule{badValue}})
	w := r.newWorker()
	w.source = sources[0]
	for e, err := range readAll(w.reader, sources[0]) {
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { w.export(0, e) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// A rule of another program can read an export in any way, so it runs on each.
func TestARuleOfAnotherProgramRunsOnEveryExport(t *testing.T) {
	var sources []export.Source
	for i := range 200 {
		text := fmt.Sprintf("<config version=\"1.0\">\n<Directory>\n<PrimaryServerName>dc1.acme.test</PrimaryServerName>\n"+
			"<ConnectionUsername>user%d</ConnectionUsername>\n</Directory>\n</config>\n", i)
		sources = append(sources, export.Memory(fmt.Sprintf("%03d.xml", i), []byte(text)))
	}
	rule := &Rule{ID: "T907", Name: "last-user", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		for i := range in.Export.Properties {
			if p := &in.Export.Properties[i]; p.Value == "user199" || i == 0 && in.File == "150.xml" {
				return []Finding{in.At(p, "found")}
			}
		}
		return nil
	}}
	_, findings, _ := collect(t, Options{Sources: sources, Rules: []*Rule{rule}, Jobs: 1})
	if len(findings) != 2 {
		t.Errorf("%d findings, want 2: %v", len(findings), findings)
	}
}
