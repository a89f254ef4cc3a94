package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// TestEdgeCommand asks two real name servers, as split DNS has them: nsd outside, and unbound inside, which knows records of its own.
func TestEdgeCommand(t *testing.T) {
	ca := servertest.CA(t)
	server := servertest.Edge(t, servertest.EdgeConfig{Certificate: ca.Issue(t, servertest.WrongName, "edge1.example.com")})
	public := "_collab-edge._tls IN SRV 10 10 8443 edge1\nedge1 IN A " + server.IP.String() + "\n"
	outside := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": public}})
	leaking := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": public +
		"_cisco-uds._tcp IN SRV 0 0 8443 cucm1\ncucm1 IN A 192.0.2.1\n"}})
	empty := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"example.com": "www IN A 192.0.2.1\n"}})
	inside := servertest.Unbound(t, servertest.UnboundConfig{
		LocalZones: map[string]string{"example.com.": "static"},
		LocalData:  []string{"_cisco-uds._tcp.example.com. SRV 10 10 8443 cucm1.example.com.", "cucm1.example.com. A 127.0.0.2"},
	})
	mixed := servertest.Unbound(t, servertest.UnboundConfig{
		Stub:       map[string]string{"example.com": outside.Addr},
		LocalZones: map[string]string{"example.com.": "transparent"},
		LocalData:  []string{"_cisco-uds._tcp.example.com. SRV 10 10 8443 cucm1.example.com.", "cucm1.example.com. A 127.0.0.2"},
	})
	seen := filepath.Join(t.TempDir(), "seen.json")
	p := prober{t, t.TempDir()}
	for _, c := range []struct {
		name string
		args []string
		code int
		out  []string // in the report
		not  []string
		told string // on standard error
	}{
		{"both views", []string{"--resolver", inside.Addr, "--outside", outside.Addr, "--observations", seen}, 1,
			[]string{"EDGE106"}, []string{"EDGE101", "EDGE103", "DNS107", "DNS113"},
			"_collab-edge._tls.example.com: inside: _cisco-uds; outside: _collab-edge"},
		{"internal record outside", []string{"--resolver", inside.Addr, "--outside", leaking.Addr}, 1, []string{"EDGE103",
			"EDGE106"}, []string{"DNS113"}, "outside: _cisco-uds, _collab-edge"},
		{"edge inside", []string{"--resolver", mixed.Addr, "--outside", outside.Addr}, 1, []string{"DNS113", "EDGE106"},
			[]string{"EDGE103", "DNS107"}, "inside: _cisco-uds, _collab-edge"},
		{"not anywhere", []string{"--resolver", empty.Addr, "--outside", leaking.Addr, "--only", "EDGE101"}, 0, nil,
			[]string{"EDGE101"}, ""},
		{"the record is missing outside", []string{"--resolver", empty.Addr, "--outside", inside.Addr, "--fail-on", "warning",
			"--only", "EDGE101,DNS107"}, 1, []string{"EDGE101", "DNS107"}, nil, "outside: _cisco-uds"},
		{"one resolver, outside", []string{"--resolver", outside.Addr}, 1, []string{"EDGE106"}, []string{"DNS107", "DNS113"},
			"judged as the view outside (concluded from the records; --view sets it)"},
		{"one resolver, inside", []string{"--resolver", inside.Addr}, 0, nil, []string{"EDGE", "DNS107"}, "judged as the view inside"},
		{"one resolver, told", []string{"--resolver", empty.Addr, "--view", "outside", "--fail-on", "warning"}, 1,
			[]string{"EDGE101"}, []string{"DNS107"}, "judged as the view outside: no record"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := p.run("", append([]string{"edge", "--ca-file", ca.File, "--skip", "DNS115", "example.com"},
				c.args...)...)
			if strings.Contains(strings.Join(c.args, " "), "--only") {
				code, stdout, stderr = p.run("", append([]string{"edge", "--ca-file", ca.File, "example.com"}, c.args...)...)
			}
			if code != c.code || !strings.Contains(stderr, c.told) {
				t.Errorf("exit %d, want %d\n%s%s", code, c.code, stdout, stderr)
			}
			for _, rule := range c.out {
				if !strings.Contains(stdout, rule) {
					t.Errorf("no %s:\n%s", rule, stdout)
				}
			}
			for _, rule := range c.not {
				if strings.Contains(stdout, rule) {
					t.Errorf("%s:\n%s", rule, stdout)
				}
			}
		})
	}
	if b, err := os.ReadFile(seen); err != nil || !json.Valid(b) || !strings.Contains(string(b), `"ciscoUDS"`) {
		t.Errorf("%v: %s", err, b)
	}
	for _, args := range [][]string{
		{"edge"}, {"edge", "user@example.com"}, {"edge", "localhost"}, {"edge", "--view", "both", "example.com"},
		{"edge", "--resolver", inside.Addr, "--outside", inside.Addr, "example.com"}, {"edge", "--view", "outside", "--outside",
			outside.Addr, "example.com"},
	} {
		if code, _, stderr := p.run("", args...); code != 2 || stderr == "" {
			t.Errorf("%q: exit %d, %s", args, code, stderr)
		}
	}
	if code, _, stderr := p.run("", "edge", "--resolver", inside.Addr, site(t, "User.ID = anna")); code != 3 ||
		!strings.Contains(stderr, "nothing was probed") {
		t.Errorf("an export without a domain: exit %d, %s", code, stderr)
	}
	jabber := filepath.Join(t.TempDir(), "jabber-config.xml")
	const config = "<config version=\"1.0\"><Client><VoiceServicesDomain>example.com</VoiceServicesDomain></Client></config>"
	if err := os.WriteFile(jabber, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"edge"}, {"audit", "--no-login"}} {
		args = append(args, "--resolver", inside.Addr, "--outside", leaking.Addr, "--ca-file", ca.File, jabber)
		if code, stdout, stderr := p.run("", args...); code != 1 || !strings.Contains(stdout, "jabber-config.xml:1:") ||
			!strings.Contains(stdout, "EDGE103") {
			t.Errorf("%q: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}
