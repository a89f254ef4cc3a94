package metrics_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/internal/serve/metrics"
	"cupclint/internal/servertest"
)

// A scrape ends before Prometheus gives up, whatever the target does, and says so.
func TestAScrapeEndsInTime(t *testing.T) {
	address := servertest.Listen(t, func(c net.Conn) {
		buffer := make([]byte, 100)
		for { // takes everything, and says nothing
			if _, err := c.Read(buffer); err != nil {
				return
			}
		}
	})
	h := handler(t, metrics.Options{World: world(t, catalogue.Areas), Modules: modules(t,
		"modules: {ldap: {area: ldap, targets: [\""+address+"\"], timeout: 5m}}")})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/probe?module=ldap&target="+address, nil)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "0.8")
	w := httptest.NewRecorder()
	h.Probe.ServeHTTP(w, r)
	if text := w.Body.String(); w.Code != http.StatusOK || value(text, "probe_success") != "0" ||
		value(text, "cupclint_probe_timed_out") != "1" {
		t.Errorf("%d\n%s", w.Code, text)
	}
}

// At most as many probes run as the options say; what does not get its turn in time is refused, and counted.
func TestParallelProbesAreBounded(t *testing.T) {
	w := world(t, catalogue.Areas)
	var running, most atomic.Int64
	release := make(chan struct{})
	w.Dial = func(context.Context, string, string) (net.Conn, error) {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer running.Add(-1)
		<-release
		return nil, errors.New("the test refuses")
	}
	h := handler(t, metrics.Options{World: w, Parallel: 4,
		Modules: modules(t, "modules: {ldap: {area: ldap, targets: [127.0.0.0/8], timeout: 20s}}")})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { scrape(t, h.Probe, "ldap", "127.0.0.9") })
	}
	for running.Load() < 4 { //nolint:revive // the probes are on their way
		if t.Context().Err() != nil {
			return
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/probe?module=ldap&target=127.0.0.9", nil)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "0.2")
	refused := httptest.NewRecorder()
	h.Probe.ServeHTTP(refused, r)
	close(release)
	wg.Wait()
	if refused.Code != http.StatusServiceUnavailable || most.Load() != 4 {
		t.Errorf("status %d, %d at once", refused.Code, most.Load())
	}
	if n := value(metricsOf(t, h), `cupclint_probe_rejections_total{reason="too-many"}`); n != "1" {
		t.Errorf("%s refused", n)
	}
}

// A log-in is carried to its end when the scrape is over, so that its outcome is known; scrapes of the same target share it.
func TestALogInIsNotBrokenOff(t *testing.T) {
	s := directory(t, 0)
	h := handler(t, metrics.Options{World: world(t, catalogue.Areas), Modules: modules(t, `
modules:
  ldap: {area: ldap, targets: ["`+s.Addr+`"], log-in: {user: "cn=svc,dc=acme,dc=test", password-env: XDG_STATE_HOME}}
`)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the scraper is gone at once
	w := httptest.NewRecorder()
	h.Probe.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/probe?module=ldap&target="+s.Addr, nil))
	if value(w.Body.String(), "cupclint_probe_timed_out") != "1" {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_, text := scrape(t, h.Probe, "ldap", s.Addr)
			if !strings.Contains(text, `cupclint_login_accepted{account="cn=svc,dc=acme,dc=test"} 1`) {
				t.Errorf("no log-in:\n%s", text)
			}
		})
	}
	wg.Wait()
	if err := h.Close(); err != nil || binds(s) < 1 {
		t.Errorf("%v, %d binds", err, binds(s))
	}
}
