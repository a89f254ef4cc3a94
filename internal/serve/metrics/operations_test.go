package metrics_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/catalogue"
	"cupclint/internal/serve/metrics"
	"cupclint/internal/servertest"
)

var update = flag.Bool("update", false, "write the table of docs/operations.md again")

const (
	page   = "../../../docs/operations.md"
	folder = "../../../docs/operations"
)

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The table of all metrics is that of the program.
func TestThePageHasAllMetrics(t *testing.T) {
	table := "| metric | labels | meaning |\n| --- | --- | --- |\n"
	for _, f := range metrics.Families(catalogue.Areas(nil)) {
		table += fmt.Sprintf("| `%s` | %s | %s |\n", f.Name, strings.Join(f.Labels, ", "), f.Help)
	}
	have := text(t, page)
	head, rest, _ := strings.Cut(have, "-update -->\n")
	_, tail, found := strings.Cut(rest, "<!-- end -->")
	want := head + "-update -->\n" + table + "<!-- end -->" + tail
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !found || have != want {
		t.Error("docs/operations.md does not have the metrics of the program: run the test with -update")
	}
}

// What the page shows of the files is what the files have.
func TestThePageShowsTheFiles(t *testing.T) {
	files := ""
	for _, name := range []string{"modules.yml", "prometheus.yml", "rules.yml", "nagios.cfg", "icinga2.conf"} {
		files += text(t, filepath.Join(folder, name))
	}
	shown := 0
	for i, part := range strings.Split("\n"+text(t, page), "\n```") {
		language, block, _ := strings.Cut(part, "\n")
		if i%2 == 0 || language != "" && language != "yaml" || strings.Contains(block, "schtasks") || strings.Contains(block, " * * * ") {
			continue
		}
		shown++
		if !strings.Contains(files, block) {
			t.Errorf("no file has\n%s", block)
		}
	}
	if shown < 6 {
		t.Errorf("%d blocks", shown)
	}
}

func TestTheModulesOfThePageAreRight(t *testing.T) {
	list, err := metrics.ParseModules("modules.yml", []byte(text(t, filepath.Join(folder, "modules.yml"))), catalogue.Areas(nil))
	if err != nil {
		t.Fatal(err)
	}
	var scraped struct {
		Configs []struct {
			Static []struct {
				Targets []string          `yaml:"targets"`
				Labels  map[string]string `yaml:"labels"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(text(t, filepath.Join(folder, "prometheus.yml"))), &scraped); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range scraped.Configs {
		for _, s := range c.Static {
			name, ok := s.Labels["module"]
			if !ok {
				continue
			}
			for _, target := range s.Targets {
				parsed, err := metrics.ParseTarget(target)
				if m := list.Find(name); err != nil || m == nil || !m.Allows(parsed) {
					t.Errorf("the module %s does not allow %s", name, target)
				}
				n++
			}
		}
	}
	if n < 5 {
		t.Errorf("%d targets", n)
	}
}

// expressions are the queries of the rules and of the dashboard.
func expressions(t *testing.T) (out []string, records map[string]bool) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Record, Expr string }
		}
	}
	if err := yaml.Unmarshal([]byte(text(t, filepath.Join(folder, "rules.yml"))), &rules); err != nil {
		t.Fatal(err)
	}
	records = map[string]bool{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			out = append(out, r.Expr)
			if r.Record != "" {
				records[r.Record] = true
			}
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Annotations struct{ List []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(text(t, filepath.Join(folder, "dashboard.json"))), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 || p.Title == "" {
			t.Errorf("the panel %q has no query", p.Title)
		}
		for _, q := range p.Targets {
			out = append(out, q.Expr)
		}
	}
	for _, a := range dashboard.Annotations.List {
		out = append(out, a.Expr)
	}
	return out, records
}

// Rules and dashboard name only metrics that there are.
func TestQueriesNameMetricsThatExist(t *testing.T) {
	list, records := expressions(t)
	known := map[string]bool{"up": true, "ALERTS": true}
	labels := map[string]bool{"instance": true, "module": true, "job": true, "alertname": true, "alertstate": true}
	for _, f := range metrics.Families(catalogue.Areas(nil)) {
		known[f.Name] = true
		for _, l := range f.Labels {
			labels[l] = true
		}
	}
	quoted := regexp.MustCompile(`"[^"]*"`)
	by := regexp.MustCompile(`by \([^)]*\)`)
	name := regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_:]*`)
	word := map[string]bool{"and": true, "by": true, "sum": true, "sort": true, "topk": true, "abs": true, "time": true, "avg_over_time": true,
		"d": true}
	for _, expr := range list {
		for _, group := range by.FindAllString(expr, -1) {
			for _, l := range name.FindAllString(group, -1) {
				if !labels[l] && l != "by" {
					t.Errorf("%s: no metric has the label %s", expr, l)
				}
			}
		}
		bare := by.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
		bare = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(bare, "")
		for _, n := range name.FindAllString(bare, -1) {
			if !known[n] && !records[n] && !word[n] {
				t.Errorf("%s: there is no metric %s", expr, n)
			}
		}
	}
}

// Prometheus' own tool reads configuration and rules, and fires each alert in made-up time; it reads the queries of the dashboard.
func TestPromtoolReadsTheFiles(t *testing.T) {
	promtool := servertest.Promtool(t)
	list, _ := expressions(t)
	queries := "groups:\n- name: dashboard\n  rules:\n"
	for i, expr := range list {
		queries += fmt.Sprintf("  - {record: \"query:%d\", expr: %q}\n", i, expr)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "queries.yml"), []byte(queries), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"check", "rules", "rules.yml"},
		{"test", "rules", "rules-test.yml"},
		{"check", "rules", filepath.Join(dir, "queries.yml")}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "FAILED") {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	tested := text(t, filepath.Join(folder, "rules-test.yml"))
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(text(t, filepath.Join(folder, "rules.yml")), -1) {
		if !strings.Contains(tested, "alertname: "+alert[1]+"\n") {
			t.Errorf("rules-test.yml has no test of %s", alert[1])
		}
	}
}
