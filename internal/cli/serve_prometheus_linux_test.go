package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cupclint/internal/lab"
	"cupclint/internal/servertest"
)

// Prometheus scrapes cupclint serve with the rules of docs/operations, and the alerts fire for the broken deployment: an account near its
// lockout, a presence address that does not resolve, broken replication in the collected folder, and a target that is down.
func TestPrometheusFiresTheAlertsOfTheLab(t *testing.T) {
	servertest.Promtool(t) // of the same package: skips where there is none
	l, err := lab.Start(t.Context(), lab.Options{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	directory := ""
	for _, s := range l.Services() {
		if strings.HasPrefix(s.Name, "dc1.acme.test:389") || directory == "" && strings.HasSuffix(s.Name, ":389") {
			directory = s.Address.String()
		}
	}
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"password": l.Password + "\n",
		"modules.yml": fmt.Sprintf(`modules:
  presence-address: {area: dns, targets: [nowhere], settings: {Presence.Domain: acme.test}, resolvers: %q}
  ldap-lockout:
    area: ldap
    targets: [%q]
    log-in: {user: "CN=svc-cupc-search,OU=Service Accounts,DC=acme,DC=test"}
    auditor: {user: "CN=svc-cucm,OU=Service Accounts,DC=acme,DC=test", password-file: password}
  ldap: {area: ldap, targets: [%q]}
`, l.Resolver, directory, servertest.ClosedAddr(t)),
	})
	modules, err := os.ReadFile(filepath.Join(dir, "modules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	down := regexp.MustCompile(`ldap: \{area: ldap, targets: \["([^"]+)"`).FindStringSubmatch(string(modules))[1]
	evidence, err := filepath.Abs("../../fixtures/deployments/evidence/broken")
	if err != nil {
		t.Fatal(err)
	}
	address := serveForPrometheus(t, dir, "--modules", filepath.Join(dir, "modules.yml"), "--folder", evidence)
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: cupclint
    static_configs: [{targets: [%[1]q]}]
  - job_name: cupclint-probe
    metrics_path: /probe
    static_configs:
      - {targets: [nowhere], labels: {module: presence-address}}
      - {targets: [%[2]q], labels: {module: ldap-lockout}}
      - {targets: [%[3]q], labels: {module: ldap}}
%[4]s`, address, directory, down, relabeling(t, address))
	rules, err := os.ReadFile("../../docs/operations/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	quick := regexp.MustCompile(`for: \d+[mh]`).ReplaceAllString(string(rules), "for: 1s")
	p := servertest.Prometheus(t, config, quick)
	await(t, p.URL, "CupclintAccountNearLockout", "CupclintPresenceAddressDoesNotResolve", "CupclintReplicationBroken", "CupclintTargetDown",
		"CupclintTargetUnreachable", "CupclintErrors", "CupclintNodeWithoutTime")
}

// relabeling is that of docs/operations/prometheus.yml, with the address of the exporter of this test.
func relabeling(t *testing.T, address string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "    relabel_configs:\n")
	if !found || !strings.Contains(text, "127.0.0.1:9719") {
		t.Fatal("the configuration of the page has no relabeling")
	}
	return "    relabel_configs:\n" + strings.ReplaceAll(text, "127.0.0.1:9719", address)
}

// serveForPrometheus runs the command until the test ends, and returns the address that it says it serves.
func serveForPrometheus(t *testing.T, state string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	env := &environment{loginCost: cheap, stdin: strings.NewReader(""), stdout: io.Discard, stderr: writer, workDir: state,
		getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state, "HOME": state}[name] }}
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, env, append([]string{"serve", "--listen", "127.0.0.1:0", "--quiet"}, args...))
		writer.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitClean {
			t.Errorf("serve ended with exit code %d", code)
		}
	})
	lines := bufio.NewScanner(reader)
	if !lines.Scan() {
		t.Fatal("serve said nothing")
	}
	m := regexp.MustCompile(`serving http://(\S+)/ `).FindStringSubmatch(lines.Text())
	if m == nil {
		t.Fatalf("serve says %q", lines.Text())
	}
	go func() {
		for lines.Scan() {
			t.Log(lines.Text())
		}
	}()
	return m[1]
}

// await waits until all the alerts fire.
func await(t *testing.T, url string, alerts ...string) {
	t.Helper()
	var found struct {
		Data struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
	}
	pause := time.NewTicker(100 * time.Millisecond)
	defer pause.Stop()
	limit, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a machine that is busy
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(limit, http.MethodGet, url+"/api/v1/alerts", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			err = json.NewDecoder(answer.Body).Decode(&found)
			answer.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
		}
		firing := map[string]bool{}
		for _, a := range found.Data.Alerts {
			firing[a.Labels["alertname"]] = firing[a.Labels["alertname"]] || a.State == "firing"
		}
		missing := ""
		for _, name := range alerts {
			if !firing[name] {
				missing += " " + name
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-pause.C:
		case <-limit.Done():
			t.Fatalf("these alerts do not fire:%s; there are %v", missing, found.Data.Alerts)
		}
	}
}
