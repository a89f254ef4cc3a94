package lockouts

import (
	"fmt"
	"strings"
	"testing"
)

// ev is one event as XML; fields are pairs of name and value.
func ev(id int, logger string, kv ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<Event><System><EventID>%d</EventID><TimeCreated "+
		"SystemTime='2026-03-05T10:20:37Z'/><Computer>%s</Computer></System><EventData>", id, logger)
	for i := 0; i < len(kv); i += 2 {
		fmt.Fprintf(&b, "<Data Name='%s'>%s</Data>", kv[i], kv[i+1])
	}
	b.WriteString("</EventData></Event>\n")
	return b.String()
}

func reports(t *testing.T, account string, events ...string) []Report {
	t.Helper()
	c := NewCollector(account)
	for _, e := range events {
		if _, err := c.Read(strings.NewReader(e), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	return c.Reports()
}

// summary writes reports as "DOMAIN\account failures locks: source failures/locks ...".
func summary(rs []Report) string {
	var out []string
	for _, r := range rs {
		s := fmt.Sprintf("%s\\%s %d %d:", r.Domain, r.Account, r.Failures, len(r.Locks))
		for _, o := range r.Sources {
			name := o.Name
			if o.Behind != "" {
				name = "<" + o.Behind
			}
			if o.Address != "" {
				name += "=" + o.Address
			}
			s += fmt.Sprintf(" %s %d/%d", name, o.Failures, o.Locks)
		}
		for _, l := range r.Locks {
			if l.Hidden {
				s += " hidden"
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestConclusions(t *testing.T) {
	lock := func(dc, caller string) string {
		return ev(4740, dc+".example.com", "TargetUserName", "svc", "TargetDomainName", caller, "SubjectUserName", dc+"$", "SubjectDomainName",
			"EXAMPLE")
	}
	bad := func(logger, domain, typ, ws, ip string, more ...string) string {
		return ev(4625, logger, append([]string{"TargetUserName", "svc", "TargetDomainName", domain, "Status", "0xc000006d", "SubStatus",
			"0xc000006a", "LogonType", typ, "WorkstationName", ws, "IpAddress", ip}, more...)...)
	}
	ntlm := func(dc, ws, status string) string {
		return ev(4776, dc, "PackageName", "x", "TargetUserName", "svc", "Workstation", ws, "Status", status)
	}
	kerb := func(dc, ip, status string) string {
		return ev(4771, dc, "TargetUserName", "svc", "ServiceName", "krbtgt/EXAMPLE", "Status", status, "IpAddress", "::ffff:"+ip)
	}
	for _, tc := range []struct {
		name, account string
		events        []string
		want          string
	}{
		{"a workstation's own log does not make it a controller", "svc",
			[]string{lock("DC1", "PC34"), bad("PC34.example.com", "EXAMPLE", "5", "PC34", "-", "ProcessName", `C:\Windows\System32\services.exe`)},
			`EXAMPLE\svc 1 1: PC34 1/1`},
		{"nor does its own failure over the network from nowhere", "svc",
			[]string{lock("DC1", "PC34"), bad("PC34.example.com", "EXAMPLE", "3", "-", "-")}, `EXAMPLE\svc 1 1: PC34 1/1`},
		{"a simple bind through the controller", "svc",
			[]string{lock("DC1", "DC1"), bad("DC1.example.com", "EXAMPLE", "3", "DC1", "10.0.0.17")},
			`EXAMPLE\svc 1 1: 10.0.0.17 1/0 <DC1 0/1 hidden`},
		{"a simple bind through another controller", "svc",
			[]string{lock("DC1", "DC2"), kerb("DC2.example.com", "10.0.0.9", "0x18")}, `EXAMPLE\svc 1 1: 10.0.0.9 1/0 <DC2 0/1 hidden`},
		{"a service on the controller itself", "svc",
			[]string{lock("DC1", "DC1"), bad("DC1.example.com", "EXAMPLE", "5", "DC1", "-")}, `EXAMPLE\svc 1 1: DC1 1/0 <DC1 0/1 hidden`},
		{"a computer in no domain locks its own account", "svc",
			[]string{ev(4740, "BOX", "TargetUserName", "svc", "TargetDomainName", "BOX", "SubjectUserName", "BOX$", "SubjectDomainName",
				"WORKGROUP"), bad("BOX", "BOX", "3", "PC1", "10.0.0.1")},
			`BOX\svc 1 1: PC1=10.0.0.1 1/0 BOX 0/1`},
		{"a name of 15 characters is the controller's", "svc",
			[]string{lock("VERYLONGNAMEDC-01", "VERYLONGNAMEDC-"), ntlm("VERYLONGNAMEDC-01.example.com", "PC1", "0xc000006a")},
			`EXAMPLE\svc 1 1: PC1 1/0 <VERYLONGNAMEDC- 0/1 hidden`},
		{"one client under name and address", "svc",
			[]string{kerb("DC1.example.com", "10.4.4.4", "0x18"), bad("DC1.example.com", "EXAMPLE", "3", "LAB-4", "10.4.4.4"),
				ntlm("DC1.example.com", "lab-4", "0xc000006a"), lock("DC1", `\\LAB-4.example.com`)},
			`EXAMPLE\svc 3 1: LAB-4=10.4.4.4 3/1`},
		{"an address that two computers had joins nothing", "svc",
			[]string{kerb("DC1.example.com", "10.4.4.4", "0x18"), bad("DC1.example.com", "EXAMPLE", "3", "A", "10.4.4.4"),
				bad("DC1.example.com", "EXAMPLE", "3", "B", "10.4.4.4")},
			`EXAMPLE\svc 3 0: 10.4.4.4 1/0 A=10.4.4.4 1/0 B=10.4.4.4 1/0`},
		{"a server that logs its own remote client does not lend it its name", "svc",
			[]string{bad("WEB1.example.com", "EXAMPLE", "8", "WEB1", "10.9.9.9"), kerb("DC1.example.com", "10.9.9.9", "0x18")},
			`EXAMPLE\svc 2 0: 10.9.9.9 1/0 WEB1=10.9.9.9 1/0`},
		{"4768 that is refused counts, one that is granted does not", "svc",
			[]string{ev(4768, "DC1.example.com", "TargetUserName", "svc", "TargetDomainName", "EXAMPLE", "Status", "0x12", "IpAddress",
				"::ffff:10.0.0.5"), ev(4768, "DC1.example.com", "TargetUserName", "svc", "TargetDomainName", "EXAMPLE", "Status", "0x0", "IpAddress",
				"::ffff:10.0.0.6")},
			`EXAMPLE\svc 1 0: 10.0.0.5 1/0`},
		{"a good validation and the first step of Kerberos do not count as failures", "svc",
			[]string{ntlm("DC1.example.com", "PC1", "0x0"), kerb("DC1.example.com", "10.0.0.5", "0x19")}, ``},
		{"local and domain account", "",
			[]string{bad("WEB1.example.com", "WEB1", "3", "K", "10.0.0.9"), kerb("DC1.example.com", "10.0.0.5", "0x18")},
			`EXAMPLE\svc 1 0: 10.0.0.5 1/0; WEB1\svc 1 0: K=10.0.0.9 1/0`},
		{"two domains", "", []string{bad("DC1.north.test", "NORTH", "3", "A", "-"), bad("DC1.north.test", "SOUTH", "3", "B", "-")},
			`NORTH\svc 1 0: A 1/0; SOUTH\svc 1 0: B 1/0`},
		{"two domains, one asked for", `SOUTH\svc`,
			[]string{bad("DC1.north.test", "NORTH", "3", "A", "-"), bad("DC1.north.test", "SOUTH", "3", "B", "-")}, `SOUTH\svc 1 0: B 1/0`},
		{"asked for by its principal name", `svc@north.test`,
			[]string{bad("DC1.north.test", "NORTH", "3", "A", "-"), bad("DC1.north.test", "SOUTH", "3", "B", "-")}, `NORTH\svc 1 0: A 1/0`},
		{"asked for by a DN", `CN=svc,OU=x,DC=north,DC=test`, []string{bad("DC1.north.test", "north.test", "3", "A", "-")},
			`north.test\svc 1 0: A 1/0`},
		{"asked for in a domain that is not there", `WEST\svc`, []string{bad("DC1.north.test", "NORTH", "3", "A", "-")}, ``},
		{"a suffix that is not a domain", `svc@mail.example`, []string{bad("DC1.north.test", "NORTH", "3", "A", "-")}, `NORTH\svc 1 0: A 1/0`},
		{"NetBIOS and DNS name that have nothing in common", "",
			[]string{ev(4740, "DC1.corp.example.com", "TargetUserName", "svc", "TargetDomainName", "A", "SubjectUserName", "DC1$",
				"SubjectDomainName", "ACME"), bad("DC1.corp.example.com", "corp.example.com", "3", "A", "-"),
				bad("DC1.corp.example.com", "ACME", "3", "A", "-")},
			`ACME\svc 2 1: A 2/1`},
		{"the client's own name for the domain, at a controller", "",
			[]string{kerb("DC1.example.com", "10.0.0.5", "0x18"), bad("DC1.example.com", "PC7", "3", "PC7", "10.0.0.7")},
			`EXAMPLE\svc 2 0: 10.0.0.5 1/0 PC7=10.0.0.7 1/0`},
		{"a principal name in the event", "",
			[]string{ev(4625, "DC1.example.com", "TargetUserName", "svc@mail.example", "TargetDomainName", "-", "Status", "0xc000006d", "LogonType",
				"3", "WorkstationName", "A"), bad("DC1.example.com", "EXAMPLE", "3", "A", "-")},
			`EXAMPLE\svc 2 0: A 2/0`},
		{"2003: 676 and 675", "", []string{"<Event><System><EventID>676</EventID><Computer>DC1</Computer></System><EventData><Data>svc</Data>" +
			"<Data>EXAMPLE.COM</Data><Data>krbtgt/EXAMPLE.COM</Data><Data>0x40810010</Data><Data>0x12</Data><Data>10.0.0.5</Data></EventData>" +
			"</Event>"},
			`EXAMPLE.COM\svc 1 0: 10.0.0.5 1/0`},
	} {
		if got := summary(reports(t, tc.account, tc.events...)); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestTheProgramIsNamed(t *testing.T) {
	r := reports(t, "svc", ev(4625, "PC34.example.com", "TargetUserName", "svc", "TargetDomainName", "EXAMPLE", "Status", "0xc000006d",
		"LogonType", "4", "WorkstationName", "PC34", "ProcessName", `C:\tools\job.exe`))
	if s := r[0].Sources[0]; s.Programs[`C:\tools\job.exe`] != 1 || s.LogonTypes["batch"] != 1 {
		t.Errorf("%+v", s)
	}
}

func TestTablesAreWhole(t *testing.T) {
	for n, s := range specs.Get() {
		if specs.Get()[s.current] == nil || len(s.values) < 3 || s.kind == "" {
			t.Errorf("%d: %+v", n, s)
		}
	}
	for name, tsv := range map[string]struct {
		text    string
		columns int
	}{"events": {eventsTSV, 7}, "labels": {labelsTSV, 5}, "columns": {columnsTSV, 4}, "codes": {codesTSV, 3}} {
		for row := range rows(tsv.text) {
			if len(row) != tsv.columns || row[len(row)-1] == "" {
				t.Errorf("%s: a row without a source: %q", name, row)
			}
		}
	}
}
