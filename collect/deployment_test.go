package collect_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
)

// fixture is a deployment whose hand-made exports are fixtures. The same is collected from a cluster that has it.
const fixture = "../fixtures/deployments/jabber9/"

func readFixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixture, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// records reads an AXL answer of the fixture into records.
func records(t *testing.T, text string) (out []cluster.Record) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader([]byte(text)))
	var path []string
	value := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			path, value = append(path, token.Name.Local), ""
			if len(path) == 5 { // Envelope, Body, response, return, record
				out = append(out, cluster.Record{})
			}
		case xml.CharData:
			value += string(token)
		case xml.EndElement:
			if len(path) > 5 && (strings.TrimSpace(value) != "" || len(path) == 6) && path[5] != "ldapPassword" && path[5] != "servers" ||
				len(path) > 7 {
				last := &out[len(out)-1]
				*last = append(*last, [2]string{strings.Join(path[5:], "/"), strings.TrimSpace(value)})
			}
			path, value = path[:len(path)-1], ""
		}
	}
}

// prompted takes the output of a command out of a paste of a terminal.
func prompted(text string) string {
	_, text, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, "admin:")
	return text
}

// acme is the cluster of the fixture.
func acme(t *testing.T, variant string, switches ...cluster.Switch) (cluster.Config, map[string]map[string]sshcli.Answer) {
	t.Helper()
	nodes := records(t, readFixture(t, variant+"/nodes.xml"))
	for i := range nodes {
		role := "CUCM Voice/Video"
		if name := nodes[i][0][1]; strings.HasPrefix(name, "imp") {
			role = "CUCM IM and Presence"
		}
		nodes[i] = append(nodes[i], [2]string{"processNodeRole", role})
	}
	c := cluster.Config{
		Nodes: []cluster.Node{{Name: "cucm1.dc.acme.net", Role: "cucm"}, {Name: "cucm2.dc.acme.net", Role: "cucm"},
			{Name: "imp1.dc.acme.net", Role: "imp"}, {Name: "imp2.dc.acme.net", Role: "imp"}},
		Version: "10.5.2.10000-5", Schemas: []string{"8.5", "9.0", "10.0", "10.5"},
		User: readUser, Password: "Canary-axl-and-cli-Pw1", AppUser: appUser, AppPassword: "Canary-soap-Pw2",
		Records: map[string][]cluster.Record{
			"listProcessNode":       nodes,
			"getLdapAuthentication": records(t, readFixture(t, variant+"/cucm-ldap.xml")),
			"listProcessNodeService": {
				{{"processNodeName", "cucm1.dc.acme.net"}, {"service", "Cisco CTIManager"}, {"isActive", "true"}, {"enable", "true"}},
			},
			"listAppUser": {{{"userid", "CCMAdministrator"}, {"isStandard", "true"}}, {{"userid", appUser}, {"isStandard", "false"}}},
			"listCredentialPolicy": {{{"name", "Default Credential Policy"}, {"failedLogon", "3"}, {"lockoutDuration", "30"},
				{"inactiveDaysAllowed", "0"}}},
		},
		Users:    map[string]string{"bob": strings.ReplaceAll(readFixture(t, variant+"/bob.xml"), ">REDACTED<", ">SECRET<")},
		Files:    map[string]string{"jabber-config.xml": readFixture(t, variant+"/jabber-config.xml")},
		Switches: switches,
	}
	parameters := prompted(readFixture(t, variant+"/parameters.txt"))
	cluster1 := sshcli.Answer{Text: prompted(readFixture(t, variant+"/cluster.txt"))}
	commands := map[string]map[string]sshcli.Answer{}
	for _, n := range c.Nodes {
		commands[n.Name] = map[string]sshcli.Answer{"show network cluster": cluster1}
	}
	commands["imp1.dc.acme.net"]["run sql select paramname,paramvalue,tkservice from processconfig where paramname like '%omain%'"] =
		sshcli.Answer{Text: parameters}
	return c, commands
}
