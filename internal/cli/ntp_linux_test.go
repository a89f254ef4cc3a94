package cli

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// refusing is a time server that answers every question with a kiss-of-death. It returns its address.
func refusing(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if n < 48 {
				continue
			}
			answer := make([]byte, 48)
			answer[0] = 3<<6 | 4<<3 | 4
			copy(answer[12:16], "RATE")
			copy(answer[24:32], b[40:48])
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String()
}

func TestNTPCommand(t *testing.T) {
	p := prober{t, t.TempDir()}
	good := servertest.Chrony(t, servertest.ChronyConfig{Stratum: 2})
	without := servertest.Chrony(t, servertest.ChronyConfig{})
	seen := filepath.Join(t.TempDir(), "seen.json")
	code, stdout, stderr := p.run("", "ntp", good.Addr, without.Addr, refusing(t), "--observations", seen)
	if code != 1 || !strings.Contains(stdout, "NTP102") || !strings.Contains(stdout, "NTP105") ||
		!strings.Contains(stderr, good.Addr+": NTPv4, stratum 2") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if b, err := os.ReadFile(seen); err != nil || !json.Valid(b) || !strings.Contains(string(b), `"kiss": "RATE"`) {
		t.Errorf("%v: %s", err, b)
	}
	if code, stdout, _ := p.run("", "ntp", good.Addr); code != 0 {
		t.Errorf("a good server: exit %d\n%s", code, stdout)
	}
	for _, args := range [][]string{{"ntp"}, {"ntp", "host:port"}} {
		if code, _, stderr := p.run("", args...); code != 2 || stderr == "" {
			t.Errorf("%q: exit %d, %s", args, code, stderr)
		}
	}
	if code, _, stderr := p.run("", "ntp", site(t, "User.ID = anna")); code != 3 || !strings.Contains(stderr, "nothing was probed") {
		t.Errorf("an export without time servers: exit %d, %s", code, stderr)
	}
}

func TestAuditAsksTimeServers(t *testing.T) {
	p := prober{t, t.TempDir()}
	server := servertest.Chrony(t, servertest.ChronyConfig{Stratum: 10})
	host, port := split(t, server.Addr)
	export := site(t, "Network.TimeServer.1.Address = "+host, "Network.TimeServer.1.Port = "+port, "User.ID = anna")
	code, stdout, _ := p.run("", "audit", "--plan", "--format", "json", export)
	var plan struct {
		Targets []struct{ Area, Target, Transport, Use string }
	}
	if err := json.Unmarshal([]byte(stdout), &plan); err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s", code, err, stdout)
	}
	if len(plan.Targets) != 1 || plan.Targets[0].Area != "ntp" || plan.Targets[0].Target != server.Addr || plan.Targets[0].Transport != "UDP" {
		t.Errorf("%+v", plan)
	}
	saved, page := filepath.Join(t.TempDir(), "case.json"), filepath.Join(t.TempDir(), "report.html")
	code, first, stderr := p.run("", "audit", "--only", "ntp", "--save", saved, "--format", "json", export)
	if code != 1 || !strings.Contains(first, `"rule":"NTP103"`) || !strings.Contains(first, `"line":1`) {
		t.Errorf("exit %d\n%s%s", code, first, stderr)
	}
	server.Stop()
	code, again, _ := p.run("", "audit", "--only", "ntp", "--replay", saved, "--format", "json")
	if code != 1 || !strings.Contains(again, `"rule":"NTP103"`) {
		t.Errorf("replay: exit %d\n%s", code, again)
	}
	if code, _, stderr := p.run("", "audit", "--replay", saved, "--format", "html", "--output", page); code != 1 {
		t.Errorf("html: exit %d, %s", code, stderr)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "Time server") || !strings.Contains(string(b), "NTP103") {
		t.Errorf("%v, %d bytes", err, len(b))
	}
	if code, stdout, _ := p.run("", "audit", "--skip", "ntp", "--plan", "--format", "json", export); code != 0 ||
		strings.Contains(stdout, "UDP") {
		t.Errorf("--skip ntp: exit %d\n%s", code, stdout)
	}
}

func TestDiagnoseAsksTimeServers(t *testing.T) {
	p := prober{t, t.TempDir()}
	server := servertest.Chrony(t, servertest.ChronyConfig{})
	host, port := split(t, server.Addr)
	export := site(t, "Network.TimeServer.1.Address = "+host, "Network.TimeServer.1.Port = "+port)
	code, stdout, stderr := p.run("", "diagnose", "--symptom", "presence", "--live", "--format", "json", export)
	if !strings.Contains(stdout, "NTP102") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}
