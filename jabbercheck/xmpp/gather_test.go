package xmpp_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/jabbercheck/xmpp"
	"cupclint/lint"
	"cupclint/resolve"
)

// plan lists what the files of a run call for, a line each: server, domain, what was assumed, rank.
func plan(t *testing.T, g resolve.Generation, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	var sources []export.Source
	for _, name := range slices.Sorted(maps.Keys(files)) {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		sources = append(sources, export.Source{Name: filepath.ToSlash(at)})
	}
	policy, err := lint.NewPolicy(nil, lint.Settings{Generation: g})
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := audit.Lint(context.Background(), lint.Options{Sources: sources, Policy: policy, Jobs: 2,
		NewReader: func() *export.Reader { return new(export.Reader) }},
		[]area.Area{xmpp.Servers()})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range audit.Requests[xmpp.Request](p) {
		if r.Place.Line == 0 {
			t.Errorf("%s has no place", r.Target)
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Target, r.Domain.Name, r.Domain.Assumed)))
	}
	return out
}

const (
	clusterText = "admin:show network cluster\n10.2.1.1 cucm1.dc.acme.net cucm1 Publisher callmanager DBPub authenticated\n10.2.1.5 " +
		"imp1.dc.acme.net imp1 Subscriber cups DBSub authenticated\nadmin:\n"
	jabberText = "<config version=\"1.0\"><Client><VoiceServicesDomain>acme.com</VoiceServicesDomain></Client></config>"
	parameters = "admin:run sql select paramname, paramvalue from processconfig\nparamname      paramvalue\n============== " +
		"==========\nSIPProxyDomain acme.com  \nadmin:\n"
	nodeText = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:getProcessNodeResponse xmlns:ns="http://www.cisco.com/AXL/API/14.0"><return>` +
		`<processNode uuid="{1}"><name>imp7.acme.net</name><processNodeRole>CUCM IM and Presence</processNodeRole><cupDomain>im.acme.com</cupDomain></processNode></return></ns:getProcessNodeResponse></soapenv:Body></soapenv:Envelope>`
)

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name       string
		generation resolve.Generation
		files      map[string]string
		want       []string
	}{
		{"a client of the XMPP generation", "", map[string]string{"a.txt": "Client.Version = 8.6\nPresence.Primary.Address = " +
			"imp1.acme.net\nPresence.Backup.Address = imp2.acme.net\nPresence.Domain = acme.com\n"},
			[]string{"imp1.acme.net:5222 acme.com", "imp2.acme.net:5222 acme.com"}},
		{"the port of SIP is not used", "", map[string]string{"a.txt": "Client.Version = 8.6\nPresence.Primary.Address = " +
			"imp1.acme.net\nPresence.Primary.Port = 5060\nPresence.Domain = acme.com\n"}, []string{"imp1.acme.net:5222 acme.com"}},
		{"a node that is listed by its address only", resolve.XMPP, map[string]string{"n.txt": "Cluster.Node.1.Address = " +
			"10.2.1.5\nCluster.Node.1.Role = cups\nSIPProxy.Domain = acme.com\n"}, []string{"10.2.1.5:5222 acme.com"}},
		{"a client of the SIP generation", "", map[string]string{"a.txt": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"}, nil},
		{"unless told otherwise", resolve.XMPP, map[string]string{"a.txt": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"},
			[]string{"cup1:5222 acme.com"}},
		{"a cluster list and Jabber's file", "", map[string]string{"cluster.txt": clusterText, "jabber-config.xml": jabberText,
			"p.txt": parameters}, []string{"imp1.dc.acme.net:5222 acme.com"}},
		{"a cluster list in another folder", "", map[string]string{"evidence/cluster.txt": clusterText,
			"exports/jabber-config.xml": jabberText, "exports/p.txt": parameters}, []string{"imp1.dc.acme.net:5222 acme.com"}},
		{"a cluster list alone does not say the generation", "", map[string]string{"cluster.txt": clusterText}, nil},
		{"nor with clients of SIP", "", map[string]string{"cluster.txt": clusterText,
			"a.txt": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"}, nil},
		{"nor where clients of both generations are in the run", "", map[string]string{"evidence/cluster.txt": clusterText,
			"exports/jabber-config.xml": jabberText, "old/a.txt": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"}, nil},
		{"Jabber's own files", "", map[string]string{
			"jabber-config.xml": "<config version=\"1.0\"><Presence><PresenceServerAddress> imp3.acme.net " +
				"</PresenceServerAddress></Presence><Directory><PresenceDomain>acme.com</PresenceDomain></Directory></config>",
			"jabber-bootstrap.properties": "CUP_ADDRESS: imp4.acme.net\nSERVICES_DOMAIN: acme.org\n"},
			[]string{"imp4.acme.net:5222 acme.com", "imp3.acme.net:5222 acme.com"}},
		{"NOT_SPECIFIED is not a server", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: NOT_SPECIFIED\nSERVICES_DOMAIN: " +
			"acme.org\n"}, nil},
		{"the services domain instead", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: imp4.acme.net\nSERVICES_DOMAIN: " +
			"acme.org\n"}, []string{"imp4.acme.net:5222 acme.org the services domain"}},
		{"the DNS domain instead", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: imp4.acme.net\n"},
			[]string{"imp4.acme.net:5222 acme.net the DNS domain of the server"}},
		{"the name of the server instead", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: imp4\n"},
			[]string{"imp4:5222 imp4 the name of the server itself"}},
		{"an address instead", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: 10.2.1.5\n"},
			[]string{"10.2.1.5:5222 10.2.1.5 the name of the server itself"}},
		{"two domains are both asked for", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: imp4.acme.net\n",
			"p.txt": parameters,
			"jabber-config.xml": "<config " +
				"version=\"1.0\"><Directory><PresenceDomain>acme.org</PresenceDomain></Directory></config>"}, []string{"imp4.acme.net:5222 " +
			"acme.org", "imp4.acme.net:5222 acme.com"}},
		{"one domain, written twice", "", map[string]string{"jabber-bootstrap.properties": "CUP_ADDRESS: imp4.acme.net\nSERVICES_DOMAIN: " +
			"acme.com\n", "p.txt": parameters,
			"jabber-config.xml": "<config " +
				"version=\"1.0\"><Directory><PresenceDomain>ACME.com</PresenceDomain></Directory></config>"}, []string{"imp4.acme.net:5222 " +
			"ACME.com"}},
		{"a node in AXL with its domain", "", map[string]string{"node.xml": nodeText}, []string{"imp7.acme.net:5222 im.acme.com"}},
		{"a UC service", "", map[string]string{"services.txt": "UCService.1.Type = IM and Presence\nUCService.1.Address = " +
			"imp9.acme.net\nUCService.2.Type = CTI\nUCService.2.Address = cucm1.acme.net\n"}, []string{"imp9.acme.net:5222 acme.net the DNS " +
			"domain of the server"}},
		{"the same server in many exports", "", map[string]string{"a/jabber-config.xml": jabberText,
			"a/1.txt": "Client.Version = 8.6\nPresence.Primary.Address = IMP1.acme.net\nPresence.Domain = acme.com\n",
			"a/2.txt": "Client.Version = 8.6\nPresence.Primary.Address = imp1.acme.net\nPresence.Domain = " +
				"acme.com\n"}, []string{"IMP1.acme.net:5222 acme.com"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := plan(t, c.generation, c.files)
			for i := range got { // the folder of the test is not always the same
				got[i], _, _ = strings.Cut(got[i], " of "+os.TempDir())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q\nwant %q", got, c.want)
			}
		})
	}
}

// TestJabber14: the deployment of the fixtures has two presence nodes, and their domain is in a query of the parameters.
func TestJabber14(t *testing.T) {
	const folder = "../../fixtures/deployments/jabber14/right"
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	want := []string{"imp1.dc.acme.net:5222 acme.com", "imp2.dc.acme.net:5222 acme.com"}
	if got := plan(t, "", files); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestBounds: a hostile folder does not make a plan without end.
func TestBounds(t *testing.T) {
	var b strings.Builder
	for i := range 700 {
		fmt.Fprintf(&b, "Cluster.Node.%d.Name = imp%d.acme.net\nCluster.Node.%d.Role = cups\nCluster.Node.%d.PresenceDomain = d%d.test\n", i+1,
			i+1, i+1, i+1, i+1)
	}
	got := plan(t, resolve.XMPP, map[string]string{"a.txt": b.String()})
	if len(got) != 500*8 {
		t.Errorf("%d targets", len(got))
	}
}
