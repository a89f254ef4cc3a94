package collect_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/collect"
	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
	"cupclint/internal/testrace"
)

// only leaves one interface of the request; the accounts of the others are not used.
func (w *world) only(interfaces ...collect.Interface) *world {
	w.o.Request.Interfaces = interfaces
	return w
}

func contents(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A certificate that is over, or of the age of SHA-1, is evidence in any case. A password goes to its server only with a pin.
func TestBadCertificates(t *testing.T) {
	for of, algorithm := range map[cluster.Switch]string{cluster.CertExpired: "", cluster.CertOld: "SHA1-RSA", cluster.CertShort: "",
		cluster.CertOther: ""} {
		for _, pinned := range []bool{false, true} {
			t.Run(fmt.Sprint(of, " pinned ", pinned), func(t *testing.T) {
				w := acmeWorld(t, of).only(collect.Certs, collect.AXL)
				if !pinned {
					w.o.Trust.Pins = nil
				}
				dir, m := w.run()
				const node = "cucm1.dc.acme.net"
				if s := step(t, m, "certs.8443", node); s.Outcome != collect.OK {
					t.Errorf("the certificate is %s: %s", s.Outcome, s.Detail)
				}
				if text := contents(t, dir, "evidence/tls/"+node+"-8443.pem"); !strings.Contains(text, "BEGIN CERTIFICATE") {
					t.Error("the certificate is not kept")
				}
				s := step(t, m, "axl.getCCMVersion", node)
				if pinned {
					if s.Outcome != collect.OK || w.passwords("/axl/") != 1 {
						t.Errorf("AXL: %s %s, %d passwords", s.Outcome, s.Detail, w.passwords("/axl/"))
					}
				} else if s.Outcome != collect.Refused || s.Class != "certificate" || w.passwords("/") != 0 || m.Complete {
					t.Errorf("AXL: %s %s, %d passwords, complete: %v", s.Outcome, s.Class, w.passwords("/"), m.Complete)
				}
				i := slices.IndexFunc(m.Nodes, func(n collect.NodeFacts) bool { return n.Name == node })
				facts := m.Nodes[i].TLS
				if facts == nil || facts.Verified || facts.NotAfter.Before(time.Now()) != (of == cluster.CertExpired) {
					t.Errorf("the manifest says %+v", facts)
				}
				leaf, err := w.cluster.Certificate("x")
				if err != nil || algorithm != "" && leaf.Leaf.SignatureAlgorithm.String() != algorithm {
					t.Errorf("the lab signs with %v, %v", leaf.Leaf.SignatureAlgorithm, err)
				}
			})
		}
	}
}

// What one TFTP server has and another has not, or has otherwise, is in the manifest for each node.
func TestFilesOfTwoServers(t *testing.T) {
	const one, two = "cucm1.dc.acme.net", "cucm2.dc.acme.net"
	for _, c := range []struct {
		of         cluster.Switch
		file       string // of --jabber-file, in the place of jabber-config.xml
		first      collect.Outcome
		second     collect.Outcome
		class      string // of the second
		same, note bool
	}{
		{of: "", first: collect.OK, second: collect.OK, same: true},
		{of: cluster.FilesOneNode, first: collect.OK, second: collect.Empty, class: "404"},
		{of: cluster.FilesDiffer, first: collect.OK, second: collect.OK, note: true},
		{of: cluster.FilesOtherCase, first: collect.Empty, second: collect.Empty, class: "404", same: true},
		{of: cluster.FilesOtherCase, file: "Jabber-Config.xml", first: collect.OK, second: collect.OK, same: true},
		{of: "", file: "JABBER-CONFIG.XML", first: collect.Empty, second: collect.Empty, class: "404", same: true},
	} {
		t.Run(string(c.of)+" "+c.file, func(t *testing.T) {
			w := acmeWorld(t, c.of).only(collect.Files)
			w.o.Request.Nodes = append(w.o.Request.Nodes, collect.Node{Name: two, Role: collect.CUCMSubscriber})
			id := "files.jabber-config"
			if c.file != "" {
				id, w.o.Request.JabberFiles = "files.jabber-file", []string{c.file}
			}
			dir, m := w.run()
			first, second := step(t, m, id, one), step(t, m, id, two)
			if first.Outcome != c.first || second.Outcome != c.second || second.Class != c.class {
				t.Errorf("%s %s, %s %s", first.Outcome, first.Class, second.Outcome, second.Class)
			}
			if same := first.SHA256 == second.SHA256; same != c.same {
				t.Errorf("the same: %v", same)
			}
			for _, s := range []collect.StepResult{first, second} {
				if s.Outcome == collect.OK && !strings.Contains(contents(t, dir, s.File), "<config") {
					t.Errorf("%s is not the file", s.File)
				}
			}
			note := slices.ContainsFunc(m.Notes, func(n string) bool { return strings.Contains(n, "not the same on all TFTP servers") })
			if note != c.note || !m.Complete {
				t.Errorf("notes %q, complete: %v", m.Notes, m.Complete)
			}
		})
	}
}

// Where no one listens for HTTP, TFTP gives the file. Without TFTP the step has failed: that is not an absent file.
func TestFilesOverTFTPOnly(t *testing.T) {
	w := acmeWorld(t, cluster.FilesTFTPOnly).only(collect.Files)
	if s := step(t, second(w.run()), "files.jabber-config", ""); s.Outcome != collect.Failed || s.Class != "refused" {
		t.Errorf("without TFTP: %s %s", s.Outcome, s.Class)
	}
	w = acmeWorld(t, cluster.FilesTFTPOnly).only(collect.Files)
	asked := map[string]int{}
	w.o.TFTP = func(_ context.Context, host string, port int, file string) ([]byte, error) {
		asked[fmt.Sprint(host, ":", port, " ", file)]++
		text, ok := w.cluster.File(host, file)
		if !ok {
			return nil, collect.ErrNoFile
		}
		return []byte(text), nil
	}
	dir, m := w.run()
	s := step(t, m, "files.jabber-config", "")
	if s.Outcome != collect.OK || asked["cucm1.dc.acme.net:69 jabber-config.xml"] != 1 || !m.Complete {
		t.Errorf("%s %s, asked %v", s.Outcome, s.Class, asked)
	}
	if contents(t, dir, s.File) != w.config.Files["jabber-config.xml"] {
		t.Error("the file is another one")
	}
	if s := step(t, m, "files.SPDefault", ""); s.Outcome != collect.Empty || s.Class != "404" {
		t.Errorf("a file that is absent: %s %s", s.Outcome, s.Class)
	}
}

func second(_ string, m *collect.Manifest) *collect.Manifest { return m }

// Servers without their domain are evidence, and are not nodes of their own.
func TestUDSWithShortNames(t *testing.T) {
	w := acmeWorld(t, cluster.UDSShortNames)
	dir, m := w.run()
	s := step(t, m, "uds.servers", "cucm1.dc.acme.net")
	if s.Outcome != collect.OK || !strings.Contains(contents(t, dir, s.File), "<server>cucm2</server>") {
		t.Errorf("%s %s", s.Outcome, s.Detail)
	}
	for _, n := range m.Nodes {
		if !strings.Contains(n.Name, ".") {
			t.Errorf("%s is a node of its own", n.Name)
		}
	}
	if !m.Complete || len(m.Nodes) != 4 {
		t.Errorf("complete: %v, %d nodes", m.Complete, len(m.Nodes))
	}
}

// An answer that does not come ends the step. The rest is asked in the same session, without a second password.
func TestSilentAXL(t *testing.T) {
	w := acmeWorld(t, cluster.AXLSilent).only(collect.AXL)
	const node = "cucm1.dc.acme.net"
	w.o.StepTimeout = 2 * time.Second // which the silent request uses up, and no other one needs
	_, m := w.run()
	if s := step(t, m, "axl.listLdapDirectory", node); s.Outcome != collect.Timeout || s.Class != "timeout" {
		t.Errorf("%s %s %s", s.Outcome, s.Class, s.Detail)
	}
	for _, id := range []string{"axl.listProcessNode", "axl.listCredentialPolicy", "axl.listAppUser"} {
		if s := step(t, m, id, node); s.Outcome != collect.OK {
			t.Errorf("%s is %s: %s %s", id, s.Outcome, s.Class, s.Detail)
		}
	}
	if n := w.passwords("/axl/"); n != 1 {
		t.Errorf("AXL got the password %d times", n)
	}
}

// An element without a value is read in every form that servers have for it, and changes nothing of what is found.
func TestAXLWithoutValues(t *testing.T) {
	var before map[string]collect.Role
	for _, of := range []cluster.Switch{"", cluster.AXLNilOld, cluster.AXLNilNew} {
		t.Run(string(of), func(t *testing.T) {
			c, commands := acme(t, "broken", of)
			records := c.Records["listProcessNode"]
			for i := range records {
				records[i] = append(cluster.Record{records[i][0], {"description", ""}}, records[i][1:]...)
			}
			c.Records["listProcessNode"] = append(records, cluster.Record{{"name", ""}, {"nodeUsage", ""}, {"processNodeRole", ""}})
			w := newWorld(t, c, commands).only(collect.AXL)
			dir, m := w.run()
			s := step(t, m, "axl.listProcessNode", "")
			if s.Outcome != collect.OK || !m.Complete || w.passwords("/axl/") != 1 {
				t.Errorf("%s %s, complete: %v, %d passwords", s.Outcome, s.Detail, m.Complete, w.passwords("/axl/"))
			}
			text := contents(t, dir, s.File)
			if n := strings.Count(text, `xsi:nil="true"`); (n > 0) != (of != "") {
				t.Errorf("%d elements are nil", n)
			}
			if n := strings.Count(text, "xmlns:xsi"); n > 1 != (of == cluster.AXLNilOld) {
				t.Errorf("the namespace is declared %d times", n)
			}
			found := map[string]collect.Role{}
			for _, n := range m.Nodes {
				found[n.Name] = n.Role
			}
			if before == nil {
				before = found
			}
			if len(found) != 4 || !maps.Equal(found, before) {
				t.Errorf("nodes: %v, want %v", found, before)
			}
		})
	}
}

// Three answers in a row with HTTP status 503 end the run: no other node is asked, and the manifest says why.
func TestBusyClusterIsLeftAlone(t *testing.T) {
	for _, of := range []cluster.Switch{cluster.AXLBusy, cluster.UDSBusy} {
		t.Run(string(of), func(t *testing.T) {
			w := acmeWorld(t, of)
			w.o.Jobs = 1
			w.o.Request.LookAt = []string{"bob"} // UDS: version, servers, and the home cluster of a user
			w.o.Request.Nodes = append(w.o.Request.Nodes, collect.Node{Name: "imp1.dc.acme.net", Role: collect.IMPPublisher})
			w.o.Request.Yes = false
			w.o.Agree = func(context.Context, []collect.Node) (bool, error) {
				t.Error("a person is asked")
				return false, nil
			}
			_, m := w.run()
			if m.Complete || !slices.ContainsFunc(m.Notes, func(n string) bool { return strings.Contains(n, "The run was stopped") }) {
				t.Errorf("complete: %v, notes %q", m.Complete, m.Notes)
			}
			for _, id := range []string{"cli.show-myself", "soap.wsdl"} {
				node := "imp1.dc.acme.net"
				s := step(t, m, id, node)
				if s.Outcome != collect.Skipped || s.Class != "stopped" || !strings.Contains(s.Detail, "cucm1.dc.acme.net") {
					t.Errorf("%s at %s is %s %s: %s", id, node, s.Outcome, s.Class, s.Detail)
				}
			}
			if s := step(t, m, "axl.listAppUser", ""); s.Outcome != collect.Skipped || s.Class != "stopped" {
				t.Errorf("AXL continues: %s %s", s.Outcome, s.Class)
			}
			for name, s := range w.ssh {
				if len(s.Record().Requests)+len(s.Record().Passwords) > 0 {
					t.Errorf("the command line of %s was asked", name)
				}
			}
			most := map[cluster.Switch]int{cluster.AXLBusy: 3, cluster.UDSBusy: 0}[of]
			if n := w.passwords("/"); n != most {
				t.Errorf("%d requests with a password, want %d", n, most)
			}
		})
	}
}

// HTTP status 503 of UDS says nothing about the cluster when the node may not be a call manager: the others are asked, and it is asked the
// rest. One answer among others does not end the run, either.
func TestBusyUDSAlone(t *testing.T) {
	const one, two = "cucm1.dc.acme.net", "cucm2.dc.acme.net"
	for _, c := range []struct {
		of    cluster.Switch
		nodes []collect.Node
		look  []string
	}{
		{cluster.UDSBusy, []collect.Node{{Name: "imp1.dc.acme.net", Role: collect.IMPPublisher}, {Name: two}}, []string{"bob"}},
		{cluster.UDSUserBusy, []collect.Node{{Name: one, Role: collect.CUCMPublisher}}, []string{"bob", "eve"}},
		{cluster.UDSUserBusy, []collect.Node{{Name: one, Role: collect.CUCMPublisher}, {Name: two, Role: collect.CUCMSubscriber}},
			[]string{"bob", "eve"}},
	} {
		w := acmeWorld(t, c.of).only(collect.UDS, collect.CLI)
		w.o.Request.Nodes, w.o.Request.LookAt, w.o.Request.Found = c.nodes, c.look, collect.FoundNone
		_, m := w.run()
		node := c.nodes[len(c.nodes)-1].Name
		if s := step(t, m, "uds.clusterUser", node); s.Outcome != collect.Failed || s.Class != "503" {
			t.Errorf("%s: %s %s", c.of, s.Outcome, s.Class)
		}
		if s := step(t, m, "cli.show-network-cluster", node); s.Outcome != collect.OK || !m.Complete { // UDS is optional
			t.Errorf("%s: the command line is %s %s, complete: %v, %q", c.of, s.Outcome, s.Class, m.Complete, m.Notes)
		}
	}
}

// A subscriber that answers otherwise than the publisher is evidence of its own.
func TestUDSOfTwoServers(t *testing.T) {
	w := acmeWorld(t, cluster.UDSDiffer).only(collect.UDS)
	w.o.Request.Nodes = append(w.o.Request.Nodes, collect.Node{Name: "cucm2.dc.acme.net", Role: collect.CUCMSubscriber})
	dir, m := w.run()
	for _, id := range []string{"uds.version", "uds.servers"} {
		one, two := step(t, m, id, "cucm1.dc.acme.net"), step(t, m, id, "cucm2.dc.acme.net")
		if one.Outcome != collect.OK || two.Outcome != collect.OK || contents(t, dir, one.File) == contents(t, dir, two.File) {
			t.Errorf("%s: %s in %s, %s in %s", id, one.Outcome, one.File, two.Outcome, two.File)
		}
	}
	if versions := []string{m.Nodes[0].Version, m.Nodes[1].Version}; versions[0] == versions[1] || versions[1] != "8.6.2" || !m.Complete {
		t.Errorf("versions %q, complete: %v", versions, m.Complete)
	}
}

// Of an output of 5 MB the first 4 are kept, and the commands after it are sent.
func TestLargeOutput(t *testing.T) {
	testrace.Slow(t, "reads 5 MB with regular expressions")
	const node = "cucm1.dc.acme.net"
	c, commands := acme(t, "broken")
	commands[node]["show status"] = sshcli.Answer{Text: strings.Repeat("a line of an answer that does not end\n", 5<<20/38)}
	w := newWorld(t, c, commands).only(collect.CLI)
	w.o.Request.Found = collect.FoundNone
	_, m := w.run()
	s := step(t, m, "cli.show-status", node)
	if s.Outcome != collect.OK || s.Bytes < 4<<20 || s.Bytes > 5<<20 {
		t.Errorf("%s, %d bytes: %s", s.Outcome, s.Bytes, s.Detail)
	}
	if s := step(t, m, "cli.utils-service-list", node); s.Outcome == collect.Skipped {
		t.Errorf("%s: %s %s", s.ID, s.Class, s.Detail)
	}
	if !slices.ContainsFunc(m.Notes, func(n string) bool { return strings.Contains(n, "longer than what is kept") }) {
		t.Errorf("notes %q", m.Notes)
	}
}

// Nodes that --nodes names are contacted without a question, and no others; one that no server names makes the run incomplete.
func TestNodesByName(t *testing.T) {
	const publisher, one, two = "cucm1.dc.acme.net", "cucm2.dc.acme.net", "imp2.dc.acme.net"
	for _, c := range []struct {
		found     string
		contacted []string
		complete  bool
	}{
		{two, []string{publisher, two}, true},
		{strings.ToUpper(one) + ", " + two, []string{publisher, one, two}, true},
		{publisher, []string{publisher}, true},
		{one + ",imp9.dc.acme.net", []string{publisher, one}, false},
	} {
		t.Run(c.found, func(t *testing.T) {
			w := acmeWorld(t).only(collect.UDS, collect.AXL, collect.CLI)
			w.o.Request.Found, w.o.Request.Yes = c.found, false
			w.o.Agree = func(context.Context, []collect.Node) (bool, error) {
				t.Error("a person is asked")
				return false, nil
			}
			_, m := w.run()
			var contacted []string
			for name, s := range w.ssh {
				if len(s.Record().Requests) > 0 {
					contacted = append(contacted, name)
				}
			}
			slices.Sort(contacted)
			if !slices.Equal(contacted, c.contacted) || m.Complete != c.complete {
				t.Errorf("contacted %q, complete: %v, notes %q", contacted, m.Complete, m.Notes)
			}
			for _, n := range m.Nodes {
				if n.NotContacted == slices.Contains(c.contacted, n.Name) {
					t.Errorf("%s: not contacted is %v", n.Name, n.NotContacted)
				}
			}
		})
	}
}
