package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/internal/servertest"
)

// dnsRun runs the command with files of the test in the place of the system's.
type dnsRun struct {
	dir string
	ctx context.Context
}

func newDNSRun(t *testing.T, resolvConf, hosts string) *dnsRun {
	t.Helper()
	r := &dnsRun{dir: t.TempDir(), ctx: t.Context()}
	r.file(t, "resolv.conf", resolvConf)
	r.file(t, "hosts", hosts)
	return r
}

func (r *dnsRun) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (r *dnsRun) run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := &environment{
		stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, workDir: r.dir, getenv: func(string) string { return "" },
	}
	args = append(args, "--resolv-conf", filepath.Join(r.dir, "resolv.conf"), "--hosts-file", filepath.Join(r.dir, "hosts"))
	code = execute(r.ctx, env, args)
	return code, out.String(), errs.String()
}

// dnsReport is the part of the JSON report that the tests read.
type dnsReport struct {
	Findings []struct {
		Rule, Severity, File, Message string
		Line                          int
		Evidence                      []string
	}
	DNS struct {
		Resolvers []string
		Asked     int
		Canceled  bool
	}
	Observations []struct {
		Name      string
		Kind      string
		Questions []struct {
			Why, Name, Type string
			Answers         []struct {
				Resolver, Outcome, Rcode string
				Records                  []string
				Attempts                 []struct{ Transport, End string }
			}
			Order []string
		}
	}
	Errors []struct{ File, Message string }
}

func (r *dnsRun) json(t *testing.T, wantCode int, args ...string) dnsReport {
	t.Helper()
	code, stdout, stderr := r.run(t, "", append(args, "--format", "json")...)
	if code != wantCode {
		t.Errorf("exit code %d, want %d\n%s", code, wantCode, stderr)
	}
	var report dnsReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	return report
}

func (r dnsReport) rules() []string {
	var rules []string
	for _, f := range r.Findings {
		rules = append(rules, f.Rule+" "+f.Severity)
	}
	slices.Sort(rules)
	return rules
}

const cliZone = `
cup1 IN A 192.0.2.22
cup1.lab.example IN A 192.0.2.23
_sip._tcp IN SRV 20 0 5060 cup1
_sip._tcp IN SRV 10 60 5060 cup1
far.corp IN A 192.0.2.24
`

func TestDNSCommand(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"cisco.com": cliZone}})
	resolver := []string{"--resolver", server.Addr}

	t.Run("a good deployment is clean", func(t *testing.T) {
		r := newDNSRun(t, "", "")
		report := r.json(t, exitClean,
			append([]string{"dns", "--node", "cup1", "--domain", "cisco.com", "--types", "a,srv,naptr"}, resolver...)...)
		if len(report.Findings) != 0 || report.DNS.Asked != 7 || !slices.Equal(report.DNS.Resolvers, []string{server.Addr}) {
			t.Errorf("report %+v", report)
		}
		for _, o := range report.Observations {
			for _, q := range o.Questions {
				if q.Name == "_sip._tcp.cisco.com." && (len(q.Order) != 2 || !strings.Contains(q.Order[0], "priority 10")) {
					t.Errorf("order %q", q.Order)
				}
			}
		}
	})

	t.Run("static and live findings are in one list", func(t *testing.T) {
		r := newDNSRun(t, "", "")
		path := r.file(t, "hq.properties", "Presence.Primary.Address = cup1.lab.example\nPresence.Domain = cisco.com\n")
		report := r.json(t, exitClean, append([]string{"dns", path, "--types", "a"}, resolver...)...)
		if got := report.rules(); !slices.Contains(got, "PRES001 info") || !slices.Contains(got, "DNS111 info") {
			t.Errorf("findings %q, want PRES001 as info, and DNS111", got)
		}
		path = r.file(t, "lab.properties", "Presence.Primary.Address = cup9.lab.example\nPresence.Domain = cisco.com\n")
		report = r.json(t, exitFindings, append([]string{"dns", path, "--types", "a"}, resolver...)...)
		if got := report.rules(); !slices.Contains(got, "PRES001 error") || !slices.Contains(got, "DNS101 error") {
			t.Errorf("findings %q, want PRES001 and DNS101 as errors", got)
		}
	})

	t.Run("text shows what was asked and answered", func(t *testing.T) {
		r := newDNSRun(t, "search corp.cisco.com\n", "10.9.9.9 far.cisco.com\n")
		code, stdout, _ := r.run(t, "", append([]string{"dns", "--node", "far", "--domain", "cisco.com", "--types", "a"}, resolver...)...)
		for _, want := range []string{
			"far.cisco.com.  NXDOMAIN", "hosts file", "10.9.9.9", "error DNS101", "warning DNS110", "search-suffix",
		} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%q is missing in\n%s", want, stdout)
			}
		}
		if code != exitFindings {
			t.Errorf("exit code %d", code)
		}
	})

	t.Run("pairs, and lines that are none", func(t *testing.T) {
		r := newDNSRun(t, "", "")
		code, stdout, stderr := r.run(t, "cup1\tcisco.com\nno tab\ncup1\tcisco.com\r\n",
			append([]string{"dns", "--pairs", "-", "--types", "a", "--format", "json"}, resolver...)...)
		if code != exitInput || !strings.Contains(stderr, "-:2:1: no tab between node name and domain") {
			t.Errorf("exit code %d, %s", code, stderr)
		}
		var report dnsReport
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || report.DNS.Asked != 2 || len(report.Errors) != 1 {
			t.Errorf("%v: %d asked, %d errors; want two, the name and the wildcard, and one", err, report.DNS.Asked, len(report.Errors))
		}
	})

	t.Run("resolvers of resolv.conf", func(t *testing.T) {
		r := newDNSRun(t, "nameserver 127.0.0.1\nnameserver nonsense\n", "")
		code, _, stderr := r.run(t, "", "dns", "--node", "cup1", "--domain", "cisco.com", "--types", "a", "--timeout", "50ms")
		if code != exitInput && code != exitFindings { // something may listen on port 53 of this machine
			t.Errorf("exit code %d", code)
		}
		if !strings.Contains(stderr, `line 2: nameserver "nonsense" is not an address`) {
			t.Errorf("stderr %s", stderr)
		}
	})

	t.Run("a policy rules over live findings", func(t *testing.T) {
		r := newDNSRun(t, "", "")
		args := append([]string{"dns", "--node", "nope", "--domain", "cisco.com", "--types", "a"}, resolver...)
		r.file(t, ".cupclint.yaml", "rules:\n  DNS101: info\n")
		if got := r.json(t, exitClean, args...).rules(); !slices.Contains(got, "DNS101 info") {
			t.Errorf("findings %q", got)
		}
	})

	t.Run("no resolver answers", func(t *testing.T) {
		r := newDNSRun(t, "", "")
		code, stdout, stderr := r.run(t, "", "dns", "--node", "cup1", "--domain", "cisco.com", "--types", "a", "--resolver",
			servertest.ClosedAddr(t))
		if code != exitInput || !strings.Contains(stdout, "DNS103") || !strings.Contains(stderr, "no resolver gave an answer") {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	})

	t.Run("wrong usage", func(t *testing.T) {
		for _, args := range [][]string{
			{}, {"--node", "cup1"}, {"--domain", "cisco.com"}, {"--node", "a", "--domain", "b", "--types", "mx"},
			{"--node", "a", "--domain", "b", "--concurrency", "101"},
			{"--node", "a", "--domain", "b", "--resolver", "dns.example.com"}, {"--node", "a", "--domain", "b", "--timeout", "0s"},
			{"--node", "a", "--domain", "b", "--rate", "-5"},
		} {
			if code, _, stderr := newDNSRun(t, "nameserver 127.0.0.1\n", "").run(t, "", append([]string{"dns"}, args...)...); code != exitUsage ||
				stderr == "" {
				t.Errorf("%q: exit code %d, %s", args, code, stderr)
			}
		}
		if code, _, stderr := newDNSRun(t, "", "").run(t, "", "dns", "--node", "a", "--domain", "b"); code != exitInput ||
			!strings.Contains(stderr, "--resolver") {
			t.Errorf("without a resolver: exit code %d, %s", code, stderr)
		}
		if code, _, _ := newDNSRun(t, "", "").run(t, "", append([]string{"dns", "nowhere/"}, resolver...)...); code != exitInput {
			t.Errorf("a path that is not there: exit code %d", code)
		}
	})
}

func TestDNSCommandInterrupted(t *testing.T) {
	sink := servertest.UDPSink(t)
	r := newDNSRun(t, "", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.ctx = ctx
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil && sink.Received() == 0 {
			<-tick.C
		}
		cancel()
	}()
	report := r.json(t, exitInput, "dns", "--node", "cup1", "--domain", "cisco.com", "--resolver", sink.Addr, "--timeout", "1h")
	if !report.DNS.Canceled || len(report.Observations) != 2 || len(report.Findings) != 0 {
		t.Errorf("report %+v, want both names, no findings", report)
	}
}

func TestResolveCheck(t *testing.T) {
	server := servertest.NSD(t, servertest.NSDConfig{Zones: servertest.Zones{"cisco.com": cliZone}})
	r := newDNSRun(t, "", "")
	tests := []struct{ node, domain, want string }{
		{"cup1", "cisco.com", "right: found: 192.0.2.22"},
		{"cup1.cisco.com", "CISCO.com", "wrong: it does not exist (NXDOMAIN)"},
		{"10.1.1.1", "cisco.com", "right: it is an address"},
		{"cup1..x", "cisco.com", "wrong: DNS cannot be asked for it"},
		{"", "cisco.com", "there is no address to ask for"},
	}
	for _, test := range tests {
		code, stdout, stderr := r.run(t, "", "resolve", test.node, "--domain", test.domain, "--check", "--resolver", server.Addr, "--types", "a")
		if code != exitClean || !strings.Contains(stdout, test.want) {
			t.Errorf("%q, %q: exit code %d, %q is missing in\n%s%s", test.node, test.domain, code, test.want, stdout, stderr)
		}
	}
	code, stdout, _ := r.run(t, "", "resolve", "cup1", "--domain", "cisco.com", "--check", "--format", "json", "--resolver", server.Addr,
		"--types", "a")
	var answer struct {
		Address string
		DNS     struct{ Usable bool }
	}
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != exitClean || answer.Address != "cup1.cisco.com" ||
		!answer.DNS.Usable {
		t.Errorf("exit code %d, %v, %s", code, err, stdout)
	}
}
