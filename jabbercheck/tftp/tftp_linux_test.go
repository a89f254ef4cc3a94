package tftp_test

import (
	"strings"
	"testing"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/tftp"
)

func TestRealServers(t *testing.T) {
	config := map[string]string{"jabber-config.xml": goodConfig}
	web := servertest.Jabber(t, servertest.JabberConfig{Files: config})
	expired := servertest.Jabber(t, servertest.JabberConfig{Files: config, CA: web.CA, Flaw: servertest.Expired})
	udp := servertest.TFTP(t, config)
	old := servertest.TFTP(t, config, "-r", "blksize")
	empty := servertest.TFTP(t, nil)
	closed := way(t, servertest.ClosedAddr(t), probe.Plain, "")
	overHTTP, overTLS := way(t, web.HTTP, probe.Plain, ""), way(t, web.HTTPS, probe.ImplTLS, "")
	for _, tt := range []struct {
		name  string
		ways  []probe.Target
		rules string
		from  string // beginning of the URL that gave the file
	}{
		{"HTTP", []probe.Target{overHTTP}, "", "http://" + web.HTTP},
		{"HTTPS", []probe.Target{overTLS}, "", "https://" + web.HTTPS},
		{"HTTPS where HTTP is closed", []probe.Target{closed, overTLS}, "TFTP101", "https://" + web.HTTPS},
		{"an expired certificate", []probe.Target{way(t, expired.HTTPS, probe.ImplTLS, "")}, "TFTP109", "https://" + expired.HTTPS},
		{"TFTP", []probe.Target{way(t, udp.Addr, "", "udp")}, "", "tftp://" + udp.Addr},
		{"TFTP without options", []probe.Target{way(t, old.Addr, "", "udp")}, "", "tftp://" + old.Addr},
		{"TFTP where HTTP is closed", []probe.Target{closed, way(t, udp.Addr, "", "udp")}, "TFTP101", "tftp://" + udp.Addr},
		{"not there over TFTP", []probe.Target{way(t, empty.Addr, "", "udp")}, "TFTP102", ""},
		{"nothing listens", []probe.Target{closed}, "TFTP101", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &tftp.Checker{Prober: &probe.Prober{Roots: web.CA.Pool}}
			o := c.Probe(t.Context(), tftp.Request{Ways: tt.ways})
			found := tftp.Judge([]*tftp.Observation{o}, tftp.JudgeOptions{})
			if got := ids(found); got != tt.rules {
				t.Errorf("rules %q, want %q; %s\n%+v", got, tt.rules, o.Summary(), found)
			}
			if tt.from == "" {
				return
			}
			if f := o.Files; len(f) == 0 || !strings.HasPrefix(f[0].URL, tt.from) || f[0].Bytes != len(goodConfig) {
				t.Errorf("%+v", o.Files)
			}
		})
	}
}

// A file that crosses many blocks comes whole from a real server, with its own block size and with the smallest.
func TestALargeFileFromARealServer(t *testing.T) {
	large := strings.Replace(goodConfig, "</config>", "<!--"+strings.Repeat(" blank", 20_000)+"-->\n</config>", 1)
	for _, options := range [][]string{nil, {"-r", "blksize"}} {
		s := servertest.TFTP(t, map[string]string{"jabber-config.xml": large}, options...)
		o := (&tftp.Checker{}).Probe(t.Context(), tftp.Request{Ways: []probe.Target{way(t, s.Addr, "", "udp")}})
		if len(o.Files) == 0 || o.Files[0].Bytes != len(large) || o.Files[0].Bad != "" {
			t.Errorf("%q: %s", options, o.Summary())
		}
	}
}
