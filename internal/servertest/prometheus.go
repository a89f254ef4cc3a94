package servertest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// PrometheusServer is a running Prometheus.
type PrometheusServer struct {
	*process
	URL string
	Dir string
}

// Prometheus runs a Prometheus with a configuration and a file rules.yml next to it. It keeps nothing.
func Prometheus(t testing.TB, config, rules string) *PrometheusServer {
	t.Helper()
	path := program(t, "prometheus")
	ip, dir := claimAddress(t), workDir(t)
	for name, text := range map[string]string{"prometheus.yml": config, "rules.yml": rules} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := ip.String() + ":" + strconv.Itoa(freePort(t, ip))
	s := &PrometheusServer{URL: "http://" + address, Dir: dir}
	s.process = run(t, service{
		name: "prometheus", dir: dir, path: path, env: []string{"GOMAXPROCS=1"},
		args: []string{"--config.file=prometheus.yml", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=1h",
			"--storage.tsdb.retention.size=64MB", "--storage.tsdb.wal-segment-size=10MB", "--web.listen-address=" + address},
		ready: func(ctx context.Context) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/-/ready", nil)
			if err != nil {
				return err
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("status %d", answer.StatusCode)
			}
			return nil
		},
	})
	return s
}

// Promtool returns the path of promtool, which checks what Prometheus reads.
func Promtool(t testing.TB) string { return program(t, "promtool") }
