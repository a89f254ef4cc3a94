package tftp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/tftp"
	"cupclint/lint"
)

const (
	goodConfig = `<?xml version="1.0" encoding="utf-8"?>
<config version="1.0">
  <Client>
    <VoiceServicesDomain>acme.com</VoiceServicesDomain>
  </Client>
  <Directory>
    <DirectoryServerType>LDAP</DirectoryServerType>
    <PrimaryServerName>dc1.acme.com</PrimaryServerName>
    <ServerPort1>3269</ServerPort1>
    <UseSSL>True</UseSSL>
    <LDAP_UseCredentialsFrom>CUCM</LDAP_UseCredentialsFrom>
    <SearchBase1>OU=People,DC=acme,DC=com</SearchBase1>
  </Directory>
</config>
`
	canary = "Canary-9x7"
)

func way(t *testing.T, addr string, security probe.Security, network string) probe.Target {
	t.Helper()
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Target{Host: host, Port: port, Security: security, Network: network}
}

// double serves files over HTTP and gives its address. A file that begins with ! is served by a function of that name.
func double(t *testing.T, h http.HandlerFunc) probe.Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return way(t, s.Listener.Addr().String(), probe.Plain, "")
}

func files(list map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := list[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Last-Modified", "Tue, 06 Jan 2026 10:00:00 GMT")
		_, _ = io.WriteString(w, text)
	}
}

func probeOf(t *testing.T, r tftp.Request) *tftp.Observation {
	t.Helper()
	return (&tftp.Checker{Prober: &probe.Prober{Timeouts: probe.Timeouts{Protocol: 2 * time.Second}}}).Probe(t.Context(), r)
}

func ids(findings []lint.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestOneServer(t *testing.T) {
	forever := func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, "<config>"+strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, tt := range []struct {
		name   string
		h      http.HandlerFunc
		groups []string
		rules  string
	}{
		{"right", files(map[string]string{"jabber-config.xml": goodConfig}), nil, ""},
		{"missing", files(nil), nil, "TFTP102"},
		{"in other letters", files(map[string]string{"Jabber-Config.xml": goodConfig}), nil, "TFTP102"},
		{"not well-formed", files(map[string]string{"jabber-config.xml": "<config><Client></config>"}), nil, "TFTP103"},
		{"a page", files(map[string]string{"jabber-config.xml": "<html><body>log in</body></html>"}), nil, "TFTP103"},
		{"empty", files(map[string]string{"jabber-config.xml": ""}), nil, "TFTP103"},
		{"endless", forever, nil, "TFTP103"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9000")
			_, _ = io.WriteString(w, goodConfig)
		}, nil, "TFTP103"},
		{"a redirect loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, nil, "TFTP108"},
		{"a proxy", status(http.StatusProxyAuthRequired), nil, "TFTP108"},
		{"broken", status(http.StatusInternalServerError), nil, "TFTP108"},
		{"group", files(map[string]string{"jabber-config.xml": goodConfig, "g/a.xml": goodConfig}), []string{"/g/a.xml"}, ""},
		{"group missing", files(map[string]string{"jabber-config.xml": goodConfig}), []string{"groupa-config.xml"}, "TFTP106"},
		{"a finding of lint", files(map[string]string{"jabber-config.xml": strings.Replace(goodConfig, "3269", "3268", 1)}), nil, "JAB005"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := probeOf(t, tftp.Request{Ways: []probe.Target{double(t, tt.h)}, Groups: tt.groups})
			found := tftp.Judge([]*tftp.Observation{o}, tftp.JudgeOptions{})
			if got := ids(found); got != tt.rules {
				t.Errorf("rules %q, want %q; %s", got, tt.rules, o.Summary())
			}
			for _, f := range found {
				if f.Rule == "JAB005" && (f.File != o.Files[0].URL || f.Line == 0) {
					t.Errorf("%s at %s:%d", f.Rule, f.File, f.Line)
				}
			}
		})
	}
}

func TestServersAndTheRepository(t *testing.T) {
	other := strings.Replace(goodConfig, "dc1.acme.com", "dc2.acme.com", 1)
	layout := strings.Replace(goodConfig, "  <Client>", "  <!-- changed -->\n  <Client>", 1)
	local := func(name, text string, modified time.Time) area.LocalFile {
		c := tftp.NewCollection()
		e, err := new(export.Reader).Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c.Add(lint.NewInput(e))
		f := c.Known().Local[0]
		f.Modified = modified
		return f
	}
	served := time.Date(2026, 1, 6, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		servers []string // contents; empty for none
		local   []area.LocalFile
		rules   string
		says    string
	}{
		{"the same", []string{goodConfig, goodConfig}, nil, "", ""},
		{"different", []string{goodConfig, other}, nil, "TFTP104", `Jabber.Directory.PrimaryServerName: "dc1.acme.com"`},
		{"different in layout", []string{goodConfig, layout}, nil, "TFTP104", "all settings that can be shown are the same"},
		{"on one only", []string{goodConfig, ""}, nil, "TFTP102", "is on 127.0.0.1"},
		{"as in the repository", []string{goodConfig, goodConfig}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, served)}, "", ""},
		{"layout does not matter", []string{layout}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, served)}, "", ""},
		{"one of two sites", []string{goodConfig}, []area.LocalFile{
			local("a/jabber-config.xml", other, served), local("b/jabber-config.xml", goodConfig, served),
		}, "", ""},
		{"older than the repository", []string{other}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, served.Add(time.Hour))},
			"TFTP105", "the server's file is older"},
		{"newer than the repository", []string{other}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, served.Add(-time.Hour))},
			"TFTP105", "the server's file is newer"},
		{"no time is " +
			"known", []string{other}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, time.Time{})}, "TFTP105", "is not known"},
		{"another file of the repository", []string{other}, []area.LocalFile{local("site/groupa-config.xml", goodConfig, served)}, "", ""},
		{"in the repository " +
			"alone", []string{""}, []area.LocalFile{local("site/jabber-config.xml", goodConfig, served)}, "TFTP102", "is in the repository"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen []*tftp.Observation
			for _, text := range tt.servers {
				list := map[string]string{}
				if text != "" {
					list["jabber-config.xml"] = text
				}
				seen = append(seen, probeOf(t, tftp.Request{Ways: []probe.Target{double(t, files(list))}}))
			}
			found := tftp.Judge(seen, tftp.JudgeOptions{Local: tt.local})
			if got := ids(found); got != tt.rules || !strings.Contains(fmt.Sprint(found), tt.says) {
				t.Errorf("rules %q, want %q\n%+v", got, tt.rules, found)
			}
		})
	}
}

// Secrets of what servers give are named and never kept.
func TestSecretsAreNamedAndNotKept(t *testing.T) {
	const account = "<ConnectionUsername>svc</ConnectionUsername>\n<ConnectionPassword>" + canary + "</ConnectionPassword>\n"
	secret := strings.Replace(goodConfig, "<SearchBase1>", account+"<SearchBase1>", 1)
	other := strings.Replace(secret, canary, canary+"2", 1)
	profile := `<?xml version="1.0"?><profile><directory><UseUserCredential>false</UseUserCredential><userid>svc</userid><password>` + canary +
		`</password></directory></profile>`
	for _, tt := range []struct{ name, config, profile, rules string }{
		{"a password in the file", secret, "", "JAB003 TFTP107"},
		{"a profile with a password", goodConfig, profile, "TFTP107"},
		{"a profile without", goodConfig, strings.Replace(profile, canary, "", 1), ""},
		{"a masked password", strings.Replace(secret, canary, "********", 1), "", "JAB003"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := map[string]string{"jabber-config.xml": tt.config}
			if tt.profile != "" {
				list["SPDefault.cnf.xml"] = tt.profile
			}
			o := probeOf(t, tftp.Request{Ways: []probe.Target{double(t, files(list))}})
			found := tftp.Judge([]*tftp.Observation{o}, tftp.JudgeOptions{})
			if got := ids(found); got != tt.rules {
				t.Errorf("rules %q, want %q", got, tt.rules)
			}
			text, err := json.Marshal([]any{o, found})
			if err != nil || strings.Contains(string(text), canary) {
				t.Errorf("%v: a secret is kept: %s", err, text)
			}
		})
	}
	a := probeOf(t, tftp.Request{Ways: []probe.Target{double(t, files(map[string]string{"jabber-config.xml": secret}))}})
	b := probeOf(t, tftp.Request{Ways: []probe.Target{double(t, files(map[string]string{"jabber-config.xml": other}))}})
	found := tftp.Judge([]*tftp.Observation{a, b}, tftp.JudgeOptions{})
	if got := ids(found); !strings.Contains(got, "TFTP104") || strings.Contains(fmt.Sprint(found), canary) {
		t.Errorf("two passwords: %q", got)
	}
}

func TestTargetsOfExports(t *testing.T) {
	c := tftp.NewCollection()
	for name, text := range map[string]string{
		"client.properties":           "TFTP.Primary = cucm1.example.com\nTFTP.Backup1 = cucm2.example.com\nPresence.Domain = example.com\n",
		"jabber-config.xml":           "<config version=\"1.0\"><Phone><TftpServer1>CUCM2.example.com</TftpServer1></Phone></config>",
		"jabber-bootstrap.properties": "TFTP: cucm4.example.com\nConfigurationFile: groupa-config.xml\n",
		"cluster.txt": "admin:show network cluster\n10.2.1.3 cucm3.example.com cucm3 Publisher callmanager DBPub authenticated\n" +
			"10.2.1.1 cucm1.example.com cucm1 Subscriber callmanager DBSub authenticated\n10.2.1.5 imp1.example.com imp1 Subscriber cups DBSub " +
			"authenticated\n",
	} {
		e, err := new(export.Reader).Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c.Add(lint.NewInput(e))
	}
	got := map[string]bool{}
	for _, task := range c.Tasks() {
		r, _ := area.Request[tftp.Request](task)
		got[strings.ToLower(r.Ways[0].Host)] = r.Node
		if len(r.Ways) != 3 || strings.Join(r.Groups, " ") != "groupa-config.xml" {
			t.Errorf("%+v", r)
		}
	}
	want := map[string]bool{"cucm1.example.com": false, "cucm2.example.com": false, "cucm3.example.com": true, "cucm4.example.com": false}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A node of a cluster need not serve files, as long as another server gives them.
func TestANodeNeedNotServeFiles(t *testing.T) {
	closed := double(t, files(nil))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	closed = way(t, addr, probe.Plain, "")
	good := probeOf(t, tftp.Request{Ways: []probe.Target{double(t, files(map[string]string{"jabber-config.xml": goodConfig}))}})
	for _, tt := range []struct {
		name  string
		node  bool
		seen  []*tftp.Observation
		rules string
	}{
		{"a node and a server", true, []*tftp.Observation{good}, ""},
		{"a configured server", false, []*tftp.Observation{good}, "TFTP101"},
		{"only nodes", true, nil, "TFTP101"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := probeOf(t, tftp.Request{Ways: []probe.Target{closed}, Node: tt.node})
			if got := ids(tftp.Judge(append(tt.seen, o), tftp.JudgeOptions{})); got != tt.rules {
				t.Errorf("rules %q, want %q", got, tt.rules)
			}
		})
	}
}

// TestANodeHasThePlaceOfTheFirstSetting: the first file by name counts, and in it the first line, in whatever order files are read.
func TestANodeHasThePlaceOfTheFirstSetting(t *testing.T) {
	texts := map[string]string{
		"a.properties": "IM.enable = TRUE\nTFTP.Backup1 = cucm3.example.com\nTFTP.Primary = CUCM3.example.com\n",
		"b.properties": "TFTP.Primary = cucm3.example.com\n", "c.properties": "TFTP.Backup2 = cucm3.example.com\n",
		"cluster.txt": "admin:show network cluster\n10.2.1.3 cucm3.example.com cucm3 Publisher callmanager DBPub authenticated\n",
	}
	for _, order := range [][]string{{"a.properties", "b.properties", "c.properties"}, {"c.properties", "b.properties", "a.properties"},
		{"b.properties", "a.properties", "c.properties"}} {
		c := tftp.NewCollection()
		for i, name := range append([]string{"cluster.txt"}, order...) {
			e, err := new(export.Reader).Parse(name, []byte(texts[name]))
			if err != nil {
				t.Fatal(err)
			}
			in := lint.NewInput(e)
			in.Index = i
			c.Add(in)
		}
		tasks := c.Tasks()
		if len(tasks) != 1 || tasks[0].Row().Place.File != "a.properties" || tasks[0].Row().Place.Line != 2 {
			t.Errorf("%q: %+v", order, tasks[0].Row())
		}
	}
}
