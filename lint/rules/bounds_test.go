package rules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// A rule on what is written in a file, or in many of them, stops after a hundred findings, however many faults there are.
func TestAHundredFindingsOfARuleAreEnough(t *testing.T) {
	const faults = 103
	each := func(format string) string {
		var b strings.Builder
		for i := 1; i <= faults; i++ {
			b.WriteString(strings.ReplaceAll(format, "{n}", fmt.Sprint(i)))
		}
		return b.String()
	}
	inEach := func(format string) map[string]string {
		files := map[string]string{}
		for i := 1; i <= faults; i++ {
			files[fmt.Sprintf("client%d.properties", i)] = strings.ReplaceAll(format, "{n}", fmt.Sprint(i))
		}
		return files
	}
	const client = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n"
	const node = "Cluster.Node.1.Name = cup1\n"
	jabber := func(keys string) map[string]string {
		return map[string]string{"jabber-config.xml": "<config version=\"1.0\"><Phone>\n" + each(keys) + "</Phone></config>\n"}
	}
	for _, tt := range []struct {
		rule   string
		files  map[string]string
		server string
		want   int
	}{
		{"DEP001", inEach(client + "Presence.Backup.Address = zebra{n}\n"), node, 100},
		{"DEP002", inEach("Client.Version = 9.7\nPresence.Primary.Address = cup1\nPresence.Domain = d{n}.com\n"),
			node + "SIPProxy.Domain = acme.com\n", 100},
		{"DEP003", inEach(client + "Directory.Primary.Address = dc{n}.acme.com\n"),
			node + "CUCM.LDAPAuthentication.Server.1.Address = other.acme.net\n", 100},
		{"DEP004", inEach(client + "Directory.Primary.Address = dc{n}.acme.com\nDirectory.Primary.Port = 3268\n"),
			node + each("CUCM.LDAPAuthentication.Server.{n}.Address = dc{n}.acme.com\nCUCM.LDAPAuthentication.Server.{n}.Port = 389\n"), 100},
		{"DEP006", map[string]string{"client.properties": client + each("Client.Address.{n} = 10.9.1.{n}\n")},
			node + "SIPProxy.IncomingACL.1 = 10.1\n", 100},
		{"DEP008", nil, each("CUCM.User.{n}.UserID = alice\n"), 100},
		{"LDAP002", inEach("Directory.DN = svc{n}@acme.com\nCalendar.Account = ACME\\svc{n}\n"), "", 100},
		{"JAB001", jabber("<Zebra{n}>1</Zebra{n}>\n"), "", 100},
		{"JAB010", map[string]string{"jabber-config.xml": "<config version=\"1.0\">\n" +
			each("<Phone><TftpServer1> a{n} </TftpServer1></Phone>\n") + "</config>\n"}, "", 100},
		{"JAB008", map[string]string{"jabber-config.xml": "<config version=\"1.0\">\n" +
			each("<Directory><BDIPrimaryServerName>a{n}</BDIPrimaryServerName></Directory>\n") + "</config>\n"}, "", 100},
		{"JAB011", jabber("<UseSSL>1</UseSSL>\n"), "", 100},
	} {
		sources := []export.Source{}
		for i := 0; i <= faults; i++ {
			for _, name := range []string{fmt.Sprintf("client%d.properties", i), "client.properties", "jabber-config.xml"} {
				if text, ok := tt.files[name]; ok {
					sources = append(sources, export.Memory(name, []byte(text)))
					delete(tt.files, name)
				}
			}
		}
		if tt.server != "" {
			sources = append(sources, export.Memory("server.properties", []byte(tt.server)))
		}
		result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: rules.All(), InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for f, err := range result.Findings() {
			if err != nil {
				t.Fatal(err)
			}
			if f.Rule == tt.rule {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.rule, n, tt.want)
		}
		result.Close()
	}
}

// Of each list of directory servers 64 are kept.
func TestSixtyFourDirectoryServersAreEnough(t *testing.T) {
	var b strings.Builder
	b.WriteString("CUCM.LDAPDirectory.Server.1.Address = first\n")
	for i := 1; i <= 70; i++ {
		fmt.Fprintf(&b, "CUCM.LDAPAuthentication.Server.%d.Address = dc%d\n", i, i)
	}
	r, err := lint.Find(rules.All(), "DEP010")
	if err != nil {
		t.Fatal(err)
	}
	found := gathered(r, lint.NewInput(parse(t, "in.properties", b.String()))).Findings()
	if len(found) != 1 || !strings.Contains(found[0].Message, " and 56 more") {
		t.Errorf("%q", written(found))
	}
}
