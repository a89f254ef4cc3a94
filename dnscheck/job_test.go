package dnscheck

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/servertest"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// runJob runs a job against a resolver.
func runJob(t *testing.T, addr string, job Job) *Report {
	t.Helper()
	r, err := wire.ParseResolver(addr)
	if err != nil {
		t.Fatal(err)
	}
	job.Rules = append(rules.All(), Rules()...)
	report, err := Run(t.Context(), job, Options{Resolvers: []wire.Resolver{r}, Types: A})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func sourceOf(t *testing.T, text string) []export.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.properties")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, errs := export.Find([]string{path})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return sources
}

func TestStaticAndLiveFindingsInOneList(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	tests := []struct {
		name, node, domain string
		want               []want
	}{
		{"softened", "cups1.example.org", "example.com",
			[]want{{"PRES001", lint.Info, "DNS contradicts (DNS111)"}, {"DNS111", lint.Info, "exists in DNS"}}},
		{"confirmed", "cups1.example.com", "other.example.com",
			[]want{{"PRES001", lint.Error, "DNS confirms (DNS101)"}, {"DNS101", lint.Error, "NXDOMAIN"}}},
		{"case", "cups1.example.com", "EXAMPLE.com",
			[]want{{"PRES002", lint.Error, "DNS confirms (DNS101)"}, {"DNS101", lint.Error, "DNS ignores upper and lower case"}}},
	}
	for _, test := range tests {
		t.Run(test.name+" in an export", func(t *testing.T) {
			report := runJob(t, server.Addr,
				Job{Sources: sourceOf(t, "Presence.Primary.Address = "+test.node+"\nPresence.Domain = "+test.domain+"\n")})
			check(t, only(report.Findings, test.want), test.want)
			for _, f := range report.Findings {
				if !strings.HasSuffix(f.File, "a.properties") || f.Line == 0 || !strings.HasSuffix(f.Fingerprint, ":1") {
					t.Errorf("%s is at %s:%d, fingerprint %s", f.Rule, f.File, f.Line, f.Fingerprint)
				}
			}
		})
		t.Run(test.name+" in a pair", func(t *testing.T) {
			report := runJob(t, server.Addr, Job{Pairs: []Pair{{Node: test.node, Domain: test.domain}}})
			check(t, only(report.Findings, test.want), test.want)
		})
	}
}

// only leaves the findings of the rules that the test is about, so that a new static rule does not break it.
func only(findings []lint.Finding, wanted []want) []lint.Finding {
	var kept []lint.Finding
	for _, f := range findings {
		for _, w := range wanted {
			if f.Rule == w.rule {
				kept = append(kept, f)
				break
			}
		}
	}
	return kept
}

func TestPolicyDecidesAboutLiveFindings(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	catalogue := append(rules.All(), Rules()...)
	job := Job{Pairs: []Pair{{Node: "nope", Domain: "example.com"}}}
	for level, want := range map[string]string{"off": "", "info": "info", "error": "error"} {
		policy, err := lint.NewPolicy(catalogue, lint.Settings{Rules: []lint.RuleLevel{{Rule: "presence-unresolvable", Level: level}}})
		if err != nil {
			t.Fatal(err)
		}
		job.Policy = policy
		got := ""
		for _, f := range runJob(t, server.Addr, job).Findings {
			if f.Rule == "DNS101" {
				got = f.Severity.String()
			}
		}
		if got != want {
			t.Errorf("level %s gives a finding of severity %q, want %q", level, got, want)
		}
	}
}

func TestReportCountsWhatItHolds(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: deployZones})
	report := runJob(t, server.Addr,
		Job{Sources: sourceOf(t, "Presence.Primary.Address = cups1.example.org\nPresence.Domain = example.com\n")})
	var counts lint.Counts
	for _, f := range report.Findings {
		counts.Add(f.Severity)
	}
	if report.Summary.Findings != counts || report.Summary.Files != 1 {
		t.Errorf("summary %+v, want %+v in 1 file", report.Summary, counts)
	}
}

func TestCancelledRunGivesWhatIsKnown(t *testing.T) {
	sink := servertest.UDPSink(t)
	r, err := wire.ParseResolver(sink.Addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextThatEndsAfter(t, sink, 1)
	defer cancel()
	report, err := Run(ctx, Job{Pairs: []Pair{{Node: "cups1", Domain: "example.com"}, {Node: "cups2", Domain: "example.com"}}},
		Options{Resolvers: []wire.Resolver{r}, Types: A})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Cancelled || !report.Silent || len(report.Observations) != 3 {
		t.Errorf("cancelled %t, silent %t, %d observations", report.Cancelled, report.Silent, len(report.Observations))
	}
	for _, f := range report.Findings {
		t.Errorf("a cancelled question gives a finding: %s %s", f.Rule, f.Message)
	}
}

func TestJobCountsWhatItKeeps(t *testing.T) {
	var counted [][2]int
	runJob(t, servertest.ClosedAddr(t), Job{
		Pairs:   []Pair{{Node: "cup1", Domain: "example.com"}, {Node: "cup2", Domain: "example.com"}},
		Counted: func(names, findings int) { counted = append(counted, [2]int{names, findings}) },
	})
	if want := [][2]int{{3, 0}, {3, 2}}; !slices.Equal(counted, want) {
		t.Errorf("counted %v, want %v: two presence addresses and their domain; then the two without an address", counted, want)
	}
}
