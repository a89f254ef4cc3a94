package metrics_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/dnscheck"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/catalogue"
	"cupclint/internal/lab"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/serve/metrics"
	"cupclint/internal/servertest"
	"cupclint/lint"
)

// cheap is for tests: what a comparison costs is not tested here.
var cheap = servertest.Cheap

func world(t *testing.T, areas func(*dnscheck.Options) []area.Area) metrics.World {
	t.Helper()
	state := t.TempDir()
	return metrics.World{
		Areas: areas, Rules: catalogue.All(), Policy: new(lint.Policy), Cost: cheap,
		Getenv: func(name string) string {
			if name == "XDG_STATE_HOME" {
				return state
			}
			return ""
		},
	}
}

func handler(t *testing.T, o metrics.Options) *metrics.Handler {
	t.Helper()
	h, err := metrics.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// scrape asks as Prometheus does.
func scrape(t *testing.T, h http.Handler, module, target string, more ...string) (int, string) {
	t.Helper()
	q := url.Values{"module": {module}, "target": {target}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/probe?"+q.Encode(), nil)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "30")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// value finds the value of a series in the text format.
func value(text, series string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// modules reads the text of a file, as it would be in the folder of the test.
func modules(t *testing.T, text string) metrics.Modules {
	t.Helper()
	m, err := metrics.ParseModules(filepath.Join(t.TempDir(), "modules.yml"), []byte(text), catalogue.Areas(nil))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checkMetrics lets Prometheus' own tool read the text.
func checkMetrics(t *testing.T, text string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servertest.Promtool(t), "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s\nof\n%s", err, out, text)
	}
}

// Every area of the program is a module: its name and a target are enough.
func TestEveryAreaIsAModule(t *testing.T) {
	for _, a := range catalogue.Areas(nil) {
		info := a.Info()
		if info.Host == "" {
			t.Errorf("%s does not say which key names a server", info.Name)
			continue
		}
		m := &metrics.Module{Name: "x", Area: info.Name, Targets: []string{"a.example.com"}}
		if info.Ports != nil {
			m.Port, m.ServerName = 4711, "other.example.com"
		}
		if err := m.Check(catalogue.Areas(nil)); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
	}
}

// The toy area is all that a new area has to be: a module gives its keys, and the numbers that all areas have are there.
func TestANewArea(t *testing.T) {
	rule := &lint.Rule{ID: "TOY101", Name: "toy-knock", Area: "toy", Severity: lint.Error, Kind: lint.LiveKind, Summary: "a toy"}
	toy := area.New(area.Service[toyRequest, toyObservation]{
		About: area.Info{Name: "toy", Command: "toy", Rules: []*lint.Rule{rule}},
		Requests: func(in *lint.Input) (out []toyRequest, _ area.Known) {
			if p := in.Get(export.CCMCIPHost); p != nil {
				out = append(out, toyRequest{probe.Target{Host: strings.Clone(p.Value), Port: 69}})
			}
			return out, area.Known{}
		},
		Same:     func(r *toyRequest) string { return area.SameTarget(r.Target) },
		Describe: func(r *toyRequest) area.Row { return area.RowTo(r.Target, "toys", "", live.Place{}) },
		Probe: func(_ context.Context, _ area.Tools, r toyRequest) *toyObservation {
			o := &toyObservation{Observation: probe.Observation{Target: r.Target}}
			o.Phases.DNS = 1000
			if r.Target.Host == "bad.example.com" {
				o.Fail(probe.Connect, errors.New("refused"))
			}
			return o
		},
		Judged: func(seen []*toyObservation, _ area.Known) (out []lint.Finding) {
			for _, o := range seen {
				if o.Error != nil {
					out = append(out, rule.New(o.Target.String(), "the toy server %s is not there", o.Target))
				}
			}
			return out
		},
	})
	w := world(t, func(*dnscheck.Options) []area.Area { return []area.Area{toy} })
	w.Rules = append(w.Rules, rule)
	list, err := metrics.ParseModules("m.yml", []byte("modules:\n  toys:\n    area: toy\n    targets: [\"*.example.com\"]\n"+
		"    settings: {CCMCIP.Host: \"{host}\"}\n"), w.Areas(nil))
	if err != nil {
		t.Fatal(err)
	}
	h := handler(t, metrics.Options{World: w, Modules: list})
	code, text := scrape(t, h.Probe, "toys", "good.example.com")
	if code != http.StatusOK || value(text, "probe_success") != "1" || value(text, `cupclint_probe_phase_success{phase="dns"}`) != "1" {
		t.Errorf("%d\n%s", code, text)
	}
	_, text = scrape(t, h.Probe, "toys", "bad.example.com")
	for series, want := range map[string]string{"probe_success": "0", `cupclint_probe_phase_success{phase="connect"}`: "0",
		`cupclint_probe_findings{rule="TOY101",severity="error"}`: "1"} {
		if got := value(text, series); got != want {
			t.Errorf("%s is %q, not %s\n%s", series, got, want, text)
		}
	}
	list[0].Port = 80
	if _, err := metrics.New(metrics.Options{World: w, Modules: list}); err == nil {
		t.Error("a port for an area that takes none is accepted")
	}
}

type toyRequest struct{ Target probe.Target }

type toyObservation struct{ probe.Observation }

func (o *toyObservation) Seen() []area.Seen {
	return area.SeenServer(&o.Observation, live.Place{}, "knock", "")
}

// A request to /probe contacts nothing but what the module lists.
func TestTargets(t *testing.T) {
	w := world(t, catalogue.Areas)
	dialled := make(chan string, 100)
	w.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		dialled <- address
		return nil, errors.New("the test refuses")
	}
	h := handler(t, metrics.Options{World: w, Modules: modules(t, `
modules:
  ldap:
    area: ldap
    targets: [127.0.0.9, 127.1.0.0/16, "*.inside.test", "127.0.0.8:3268", "[::1]:389"]
`)})
	for target, want := range map[string]int{
		"127.0.0.9": 200, "127.1.2.3": 200, "127.0.0.8:3268": 200, "[::1]:389": 200,
		"127.0.0.9:22": 403, "127.1.2.3:22": 403, "127.0.0.8": 403, "127.0.0.8:22": 403, "10.0.0.1": 403, "localhost": 403, "::1": 403,
		"inside.test": 403, "x.outside.test": 403, "xinside.test": 403, "127.1.evil.test": 403,
		"": 400, "http://127.0.0.9": 400, "127.0.0.9/x": 400, "a b": 400, "u:p@127.0.0.9": 400, "127.0.0.9:0": 400, "x\n.inside.test": 400,
		".inside.test": 400, "fe80::1%eth0": 400, "127.0.0.9:99999": 400,
	} {
		if code, text := scrape(t, h.Probe, "ldap", target); code != want {
			t.Errorf("target %q: status %d, not %d: %s", target, code, want, text)
		}
	}
	if n := len(dialled); n != 4 {
		t.Errorf("%d connections, not 4", n)
	}
	if code, _ := scrape(t, h.Probe, "nonsense", "127.0.0.9"); code != http.StatusBadRequest {
		t.Errorf("an unknown module: status %d", code)
	}
}

// The simulated deployment is probed, and Prometheus' own tool accepts what comes out.
func TestProbesOfTheLab(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := world(t, catalogue.Areas)
	w.Dial = l.Dial
	head := "\n    resolvers: " + l.Resolver.String() + "\n    targets: [\"*.acme.test\", cups1]\n"
	list := modules(t, "modules:\n  dns:\n    area: dns\n    settings: {Presence.Domain: acme.test}"+head+
		"  ldap:\n    area: ldap"+head+"  mail:\n    area: mail"+head+"  sip:\n    area: sip"+head)
	h := handler(t, metrics.Options{World: w, Modules: list})
	all := ""
	for _, p := range []struct {
		module, target string
		want           map[string]string
	}{
		{"dns", "nowhere.acme.test", map[string]string{
			`cupclint_presence_address_resolves{address="nowhere.acme.test"}`: "0", "probe_success": "0"}},
		{"ldap", "dc1.acme.test", map[string]string{`cupclint_probe_phase_success{phase="connect"}`: "1"}},
	} {
		code, text := scrape(t, h.Probe, p.module, p.target)
		for series, want := range p.want {
			if got := value(text, series); code != http.StatusOK || got != want {
				t.Errorf("%s: status %d, %s is %q, not %s\n%s", p.module, code, series, got, want, text)
			}
		}
		all = text
		checkMetrics(t, all)
	}
	if _, text := scrape(t, h.Probe, "dns", "nowhere.acme.test", "debug", "true"); !strings.Contains(text, "does not exist") {
		t.Errorf("the output for people:\n%s", text)
	}
	r := httptest.NewRecorder()
	h.Metrics.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	checkMetrics(t, r.Body.String())
	if got := value(r.Body.String(), `cupclint_probes_total{module="dns",result="failure"}`); got != "2" {
		t.Errorf("%s failed probes\n%s", got, r.Body)
	}
}

// All metrics of the program have names and help as Prometheus wants them.
func TestFamilies(t *testing.T) {
	form := regexp.MustCompile(`^(cupclint_[a-z_]+|probe_success|probe_duration_seconds|process_[a-z_]+)$`)
	for _, f := range metrics.Families(catalogue.Areas(nil)) {
		if !form.MatchString(f.Name) || !strings.HasSuffix(strings.TrimSpace(f.Help), ".") {
			t.Errorf("%s: %s", f.Name, f.Help)
		}
	}
}
