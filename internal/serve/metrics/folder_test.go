package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cupclint/internal/catalogue"
	"cupclint/internal/serve/metrics"
)

func metricsOf(t *testing.T, h *metrics.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "60")
	h.Metrics.ServeHTTP(w, r)
	return w.Body.String()
}

// The facts of a collected folder: replication, time, findings, and what collect says of itself.
func TestTheFolder(t *testing.T) {
	dir := t.TempDir()
	copyFolder(t, "../../../fixtures/deployments/evidence/broken", filepath.Join(dir, "hq", "cli"))
	writeText(t, filepath.Join(dir, "hq", "manifest.json"), `{"schema": "cupclint-collect/1", "started": "2026-11-25T01:00:00Z",
		"ended": "2026-11-25T02:00:00Z", "complete": true, "nodes": [{"name": "cucm1", "tls": {"sha256": "x", "notAfter": "2027-01-01T00:00:00Z"}}],
		"steps": [{"id": "a", "outcome": "ok"}, {"id": "b", "outcome": "timeout"}]}`)
	h := handler(t, metrics.Options{World: world(t, catalogue.Areas), Folder: dir})
	text := metricsOf(t, h)
	for series, want := range map[string]string{
		"cupclint_folder_read_success": "1", `cupclint_collect_ended_timestamp_seconds{site="hq"}`: "1795572000",
		`cupclint_collect_complete{site="hq"}`:                                          "1",
		`cupclint_collect_steps{site="hq",outcome="timeout"}`:                           "1",
		`cupclint_node_certificate_not_after_timestamp_seconds{site="hq",node="cucm1"}`: "1798761600",
		`cupclint_folder_findings{site="hq",rule="NTP007",severity="error"}`:            "1",
		`cupclint_node_ntp_synchronised{site="hq",node="cucm1"}`:                        "0",
	} {
		if got := value(text, series); got != want {
			t.Errorf("%s is %q, not %s", series, got, want)
		}
	}
	if !strings.Contains(text, `cupclint_replication_state{site="hq",node="cucm1",server="`) {
		t.Errorf("nothing about replication:\n%s", text)
	}
	checkMetrics(t, text)
}

// The folder is read when it has changed, and not at each scrape.
func TestTheFolderIsReadWhenItChanged(t *testing.T) {
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "a.properties"), "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n")
	w := world(t, catalogue.Areas)
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	w.Now = func() time.Time { return now }
	h := handler(t, metrics.Options{World: w, Folder: dir})
	first := value(metricsOf(t, h), "cupclint_folder_read_timestamp_seconds")
	now = now.Add(time.Minute)
	if again := value(metricsOf(t, h), "cupclint_folder_read_timestamp_seconds"); first == "" || again != first {
		t.Errorf("read at %s, and again at %s", first, again)
	}
	writeText(t, filepath.Join(dir, "b.properties"), "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = ACME.COM\n")
	text := metricsOf(t, h)
	if at := value(text, "cupclint_folder_read_timestamp_seconds"); at == first {
		t.Error("a changed folder is not read")
	}
	if n := value(text, `cupclint_folder_severity_findings{severity="error"}`); n == "0" || n == "" {
		t.Errorf("%q errors", n)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if text := metricsOf(t, h); value(text, "cupclint_folder_read_success") != "0" || value(text, "cupclint_folder_inputs") != "2" {
		t.Errorf("the folder is gone:\n%s", text)
	}
}

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
