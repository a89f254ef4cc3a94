package ldapcheck

import (
	"fmt"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/live"
	"cupclint/internal/probe"
)

func parse(t *testing.T, text string) *export.Export {
	t.Helper()
	e, err := new(export.Reader).Parse("site.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const site = `Directory.Primary.Address=dc1.example.com
Directory.Primary.Port=3268
Directory.Primary.Protocol=TCP
Directory.Backup1.Address=dc2.example.com
Directory.Backup1.Port=636
Directory.Backup1.Protocol=TLS
Directory.Backup2.Address=dc3.example.com
Directory.Backup2.Protocol=TLS
Directory.DN=CN=svc,DC=example,DC=com
Directory.Password=Right.Pass1
Directory.SearchContext1=DC=example,DC=com
Directory.SearchContext2=OU=x,DC=example,DC=com
Directory.SearchRecursive2=FALSE
Directory.Attribute.MobilePhone=mobile
Directory.ClientCount=40
Directory.RetryInterval=1200
CUCM.LDAPAuthentication.DN=cucm@example.com
CUCM.LDAPAuthentication.Password=********
CUCM.LDAPAuthentication.SearchBase=DC=example,DC=com
CUCM.LDAPAuthentication.Server.1.Address=dc1.example.com
CUCM.LDAPAuthentication.Server.1.Port=389
CUCM.LDAPAuthentication.Server.2.Address=dc2.example.com
CUCM.LDAPAuthentication.Server.2.Port=636
CUCM.LDAPAuthentication.Server.2.TLS=TRUE
CUCM.LDAPDirectory.Enabled=FALSE
CUCM.LDAPDirectory.Server.1.Address=dc9.example.com
`

func TestDeploymentNamesEveryDirectoryServer(t *testing.T) {
	d := FromExport(parse(t, site))
	var got []string
	for _, r := range d.Requests {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Role, r.Rank, r.Target, r.Target.Security))
	}
	want := []string{
		"client primary dc1.example.com:3268 plain",
		"client backup 1 dc2.example.com:636 tls",
		"client backup 2 dc3.example.com:389 starttls",
		"cucm-auth server 1 dc1.example.com:389 plain",
		"cucm-auth server 2 dc2.example.com:636 tls",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if d.Clients != 40 || d.RetryInterval != 20*time.Minute {
		t.Errorf("%d clients, %v", d.Clients, d.RetryInterval)
	}
	r := d.Requests[1]
	if fmt.Sprint(r.Bases) != "[{DC=example,DC=com true} {OU=x,DC=example,DC=com false}]" || fmt.Sprint(r.Attributes) != "[mobile]" ||
		r.Login.DN != "CN=svc,DC=example,DC=com" || !r.Login.Password.Set() {
		t.Errorf("%+v", r)
	}
	if r.Place.File != "site.properties" || r.Place.Line != 4 || r.Place.Key != "Directory.Backup1.Address" || r.Place.Column == 0 {
		t.Errorf("place %+v", r.Place)
	}
	if d.Requests[3].Login.Password.Set() {
		t.Error("stars are read as a password")
	}
}

func TestMaskedPasswordsAreNotTried(t *testing.T) {
	for _, v := range []string{"", "  ", "********", "xxxx", "•••", "[redacted]", "REDACTED", "<password>", "NOT_SPECIFIED"} {
		if !live.Masked(v) {
			t.Errorf("%q passes for a password", v)
		}
	}
	for _, v := range []string{"x1", "Right.Pass1", "*a*"} {
		if live.Masked(v) {
			t.Errorf("%q is read as a mask", v)
		}
	}
}

func TestMergeKeepsTheFirstOfEqualRequests(t *testing.T) {
	d := FromExport(parse(t, site))
	other := request(probe.Target{Host: "DC1.example.com", Port: 3268, Security: probe.Plain}, "CN=svc,DC=example,DC=com", "Another.Pass")
	other.Role, other.Bases, other.Attributes = RoleClient, d.Requests[0].Bases, d.Requests[0].Attributes
	got := Area().Merge(append(append(append([]Request{}, d.Requests...), FromExport(parse(t, site)).Requests...), other))
	if len(got) != len(d.Requests)+1 {
		t.Errorf("%d of them", len(got))
	}
}

func TestFindingsPointToTheServersProperty(t *testing.T) {
	d := FromExport(parse(t, "Directory.Primary.Address=127.0.0.1\nDirectory.Primary.Port=70000\n"))
	_, fs := probeAndJudge(t, checker(t, "", nil), d.Requests[0], JudgeOptions{})
	f := find(t, fs, "LDAP101")
	if f.File != "site.properties" || f.Line != 1 || f.Key != "Directory.Primary.Address" || f.Source == "" {
		t.Errorf("%+v", f)
	}
}
