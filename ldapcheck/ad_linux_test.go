package ldapcheck

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/lint"
)

const people = "CN=Users," + servertest.ADBase

// One domain controller serves the tests that only read; those that lock or flaw have their own.
func TestActiveDirectory(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	plain := target(t, ad.Addr(389), probe.Plain)

	t.Run("a healthy server gives no error", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), request(plain, servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
		if got := ids(fs); got != "LDAP105 info" {
			t.Errorf("findings: %s", dump(fs))
		}
		d := o.RootDSE
		if d == nil || !d.ActiveDirectory || !d.GlobalCatalog || d.ForestRoot != servertest.ADBase ||
			d.DefaultNamingContext != servertest.ADBase {
			t.Errorf("root DSE = %+v", d)
		}
		if o.Bind == nil || !o.Bind.OK || o.Error != nil || o.Reached != probe.Protocol {
			t.Errorf("bind %+v, error %v, reached %s", o.Bind, o.Error, o.Reached)
		}
		if o.Phases.Connect == 0 || o.Phases.Protocol == 0 || o.Phases.Auth == 0 || o.Address != ad.Addr(389) {
			t.Errorf("phases %+v, address %s", o.Phases, o.Address)
		}
		if o.Policy == nil || o.Policy.Threshold != 3 || time.Duration(o.Policy.Window) != 30*time.Minute ||
			time.Duration(o.Policy.Duration) != 30*time.Minute {
			t.Errorf("policy = %+v", o.Policy)
		}
		if o.Account == nil || o.Account.SAM != "svc" || !o.Account.NeverExpires || o.Account.Down != `ADEX\svc` {
			t.Errorf("account = %+v", o.Account)
		}
		contains(t, find(t, fs, "LDAP105").Message, "3 more wrong passwords lock")
	})

	t.Run("observations are plain data", func(t *testing.T) {
		o, _ := probeAndJudge(t, checker(t, "", nil), request(plain, servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
		j, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		contains(t, string(j), `"phases":{"dns":`, `"tls":0,"protocol":`, `"activeDirectory":true`, `"window":"30m0s"`)
		var back Observation
		if err := json.Unmarshal(j, &back); err != nil {
			t.Fatal(err)
		}
	})

	for _, tc := range []struct{ user, password, rule, says string }{
		{"good", neverValid, "LDAP102", "wrong password"},
		{"nobody", servertest.ADPassword, "LDAP102", "wrong password, or a user that does not exist"},
		{"disabled", servertest.ADPassword, "LDAP102", "disabled"},
		{"expired", servertest.ADPassword, "LDAP102", "password has expired"},
		{"mustchange", servertest.ADPassword, "LDAP102", "must be changed"},
		{"acctexp", servertest.ADPassword, "LDAP102", "account has expired"},
		{"hours", servertest.ADPassword, "LDAP102", "this hour"},
		{"wks", servertest.ADPassword, "LDAP102", "workstations"},
		{"locked", servertest.ADPassword, "LDAP106", "is locked"},
	} {
		t.Run("bind failure: "+tc.user, func(t *testing.T) {
			_, fs := probeAndJudge(t, checker(t, "", nil), request(plain, servertest.ADUser(tc.user), tc.password, people), JudgeOptions{})
			f := find(t, fs, tc.rule)
			contains(t, f.Message, tc.says)
			contains(t, strings.Join(f.Evidence, "\n"), "data ")
			if len(fs) != 1 || f.Severity != lint.Error || f.Fix == "" {
				t.Errorf("findings: %s", dump(fs))
			}
		})
	}

	t.Run("a referral is proven curable on the Global Catalog", func(t *testing.T) {
		for _, tc := range []struct {
			from, to int
			sec      probe.Security
		}{{389, 3268, probe.Plain}, {389, 3268, probe.StartTLS}, {636, 3269, probe.ImplTLS}} {
			o, fs := probeAndJudge(t, checker(t, "", ad.CA.Pool),
				request(target(t, ad.Addr(tc.from), tc.sec), servertest.ADUser("svc"), servertest.ADPassword, servertest.ADBase), JudgeOptions{})
			f := find(t, fs, "LDAP103")
			contains(t, f.Message, "CN=Configuration,", "DomainDnsZones", "ForestDnsZones", "invalid credentials")
			contains(t, f.Fix, "Use port "+target(t, ad.Addr(tc.to), tc.sec).String()[len(ad.IP)+1:], servertest.ADBase, "no referral")
			forms := map[string]bool{}
			for _, g := range o.GC {
				forms[g.Form] = forms[g.Form] || g.Works
			}
			if !forms["dn"] || !forms["upn"] || !forms["down-level"] {
				t.Errorf("forms that work: %v, trials %+v", forms, o.GC)
			}
			absent(t, fs, "LDAP101", "LDAP102", "LDAP104", "LDAP108", "LDAP109")
		}
	})

	t.Run("a narrower base has no referral", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), request(plain, servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
		absent(t, fs, "LDAP103")
	})

	t.Run("a missing base names the nearest one that exists", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil),
			request(plain, servertest.ADUser("svc"), servertest.ADPassword, "OU=Nowhere,"+servertest.ADBase), JudgeOptions{})
		f := find(t, fs, "LDAP104")
		contains(t, f.Message, "OU=Nowhere")
		contains(t, strings.Join(f.Evidence, "\n"), "result 32", servertest.ADBase)
	})

	t.Run("an empty search", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil),
			request(plain, servertest.ADUser("svc"), servertest.ADPassword, "CN=Computers,"+servertest.ADBase), JudgeOptions{})
		contains(t, find(t, fs, "LDAP108").Message, "returns no users", "CN=Computers")
	})

	t.Run("a search without a log-in is refused", func(t *testing.T) {
		r := request(plain, "", "", people)
		r.Anonymous = true
		_, fs := probeAndJudge(t, checker(t, "", nil), r, JudgeOptions{})
		contains(t, find(t, fs, "LDAP108").Message, "refuses the client's own search")
		absent(t, fs, "LDAP102")
	})

	t.Run("the search is paged and bounded", func(t *testing.T) {
		c := checker(t, "", nil)
		c.PageSize, c.Limit = 3, 6
		o, _ := probeAndJudge(t, c, request(plain, servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
		if b := o.Bases[0]; b.Pages != 2 || b.Entries != 6 || !b.More {
			t.Errorf("%+v", b)
		}
		c = checker(t, "", nil)
		c.PageSize, c.Limit = 5, 1000
		o, _ = probeAndJudge(t, c, request(plain, servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
		if b := o.Bases[0]; b.Pages < 3 || b.Entries < 11 || b.More {
			t.Errorf("%+v", b)
		}
	})

	t.Run("attributes the Global Catalog lacks are read from the schema", func(t *testing.T) {
		r := request(target(t, ad.Addr(3268), probe.Plain), servertest.ADUser("svc"), servertest.ADPassword, servertest.ADBase)
		r.Attributes = []string{"displayName", "telephoneNumber", "mobile", "title", "department", "noSuchAttribute"}
		o, fs := probeAndJudge(t, checker(t, "", nil), r, JudgeOptions{})
		if got := strings.Join(o.NotInGC, " "); !o.SchemaRead || got != "mobile title department" {
			t.Errorf("read %v, not in the catalogue: %q; notes %q", o.SchemaRead, got, o.Evidence)
		}
		contains(t, dump(fs), "LDAP009 warning: the attribute mobile is mapped", "the attribute title", "the attribute department")
	})

	t.Run("state is read from the domain port although the catalogue is configured", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil),
			request(target(t, ad.Addr(3268), probe.Plain), servertest.ADUser("svc"), servertest.ADPassword, servertest.ADBase), JudgeOptions{})
		if o.Policy == nil || o.Policy.Threshold != 3 {
			t.Errorf("policy %+v, notes %q", o.Policy, o.Evidence)
		}
		absent(t, fs, "LDAP103", "LDAP108")
	})

	t.Run("stale clients", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), request(plain, servertest.ADUser("svc"), servertest.ADPassword, people),
			JudgeOptions{Clients: 40, RetryInterval: 20 * time.Minute})
		f := find(t, fs, "LDAP105")
		contains(t, f.Message, "40 clients with the old password lock it in 1 minute 30 seconds, or at once")
		contains(t, strings.Join(f.Evidence, "\n"), "one failure every 30 seconds", "3 failures x 30 seconds = 1 minute 30 seconds")
		if f.Severity != lint.Error {
			t.Errorf("severity %s", f.Severity)
		}
	})
}

func auditor(user, password string) Login {
	return Login{DN: user, Password: secretOf(password)}
}

func TestAuditorReadsBeforeTheServiceAccountIsTried(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	plain := target(t, ad.Addr(389), probe.Plain)
	admin := auditor(servertest.ADUser("administrator"), "Passw0rd.Adm1n")
	withAuditor := func(user, password string, a Login) Request {
		r := request(plain, servertest.ADUser(user), password, people)
		r.Auditor = a
		return r
	}

	t.Run("a locked account is not tried", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), withAuditor("locked", servertest.ADPassword, admin), JudgeOptions{})
		f := find(t, fs, "LDAP106")
		contains(t, f.Message, "since 20", "until 20", "left)")
		contains(t, strings.Join(f.Evidence, "\n"), "3 failures (within 30 minutes) lock the account (for 30 minutes)")
		if o.Bind.OK || o.Bind.Code != 0 {
			t.Errorf("a bind was made: %+v", o.Bind)
		}
		absent(t, fs, "LDAP102", "LDAP105")
	})

	t.Run("a fine-grained policy of two is respected", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), withAuditor("psouser", servertest.ADPassword, admin), JudgeOptions{})
		if o.Policy == nil || o.Policy.Threshold != 2 || !strings.Contains(o.Policy.Source, "StrictPSO") {
			t.Fatalf("policy = %+v", o.Policy)
		}
		if o.Bind.Refusal == nil || o.Bind.Refusal.Reason != loginbudget.LastAttempts {
			t.Errorf("bind = %+v", o.Bind)
		}
		f := find(t, fs, "LDAP105")
		contains(t, strings.Join(f.Evidence, "\n"), "StrictPSO", "2 more failed attempts would lock")
		if f.Severity != lint.Error || ad.Attribute(t, "psouser", "badPwdCount") == "1" {
			t.Errorf("severity %s", f.Severity)
		}
	})

	t.Run("a fine-grained policy hidden from the auditor counts as unknown", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil),
			withAuditor("psouser", servertest.ADPassword, auditor(servertest.ADUser("good"), servertest.ADPassword)), JudgeOptions{})
		if o.Policy == nil || o.Policy.Readable {
			t.Fatalf("policy = %+v", o.Policy)
		}
		contains(t, strings.Join(find(t, fs, "LDAP105").Evidence, "\n"), "not shown to the account that asked")
	})

	t.Run("expiry", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), withAuditor("expired", servertest.ADPassword, admin), JudgeOptions{})
		contains(t, find(t, fs, "LDAP107").Message, "has expired")
		_, fs = probeAndJudge(t, checker(t, "", nil), withAuditor("acctexp", servertest.ADPassword, admin), JudgeOptions{})
		contains(t, find(t, fs, "LDAP107").Message, "account", "has expired on")
		_, fs = probeAndJudge(t, checker(t, "", nil), withAuditor("mustchange", servertest.ADPassword, admin), JudgeOptions{})
		contains(t, find(t, fs, "LDAP107").Message, "must be changed")
		ad.Admin(t) // the server still answers
		_, fs = probeAndJudge(t, checker(t, "", nil), withAuditor("hist", servertest.ADNewPassword, admin), JudgeOptions{})
		absent(t, fs, "LDAP107")
	})

	t.Run("failures that count leave fewer attempts, and then none", func(t *testing.T) {
		first := withAuditor("good", neverValid, admin)
		o, _ := probeAndJudge(t, checker(t, "", nil), first, JudgeOptions{})
		if o.Bind.Sub != "52e" {
			t.Fatalf("first: %+v", o.Bind)
		}
		// Another machine, which remembers nothing: the directory's own count is what stops it.
		o, fs := probeAndJudge(t, checker(t, "", nil), first, JudgeOptions{})
		if o.Bind.Refusal == nil || o.Account.Failures != 1 {
			t.Fatalf("second: %+v, account %+v", o.Bind, o.Account)
		}
		f := find(t, fs, "LDAP105")
		contains(t, f.Message, "2 more wrong passwords")
		contains(t, strings.Join(f.Evidence, "\n"), "a client or person uses a wrong password now", ad.Addr(389)+" counts 1")
		if got := ad.Attribute(t, "good", "badPwdCount"); got != "1" {
			t.Errorf("badPwdCount %s", got)
		}
	})

	t.Run("after a refused auditor there are not two blind tries", func(t *testing.T) {
		o, _ := probeAndJudge(t, checker(t, "", nil), withAuditor("svc", servertest.ADPassword, auditor(servertest.ADUser("nobody"), neverValid)),
			JudgeOptions{})
		if o.Auditor == nil || o.Auditor.OK || !o.Bind.OK {
			t.Errorf("auditor %+v, bind %+v", o.Auditor, o.Bind)
		}
	})
}

func TestARememberedPasswordSendsNothing(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	dir := t.TempDir()
	r := request(target(t, ad.Addr(389), probe.Plain), servertest.ADUser("svc"), neverValid, people)
	if o, _ := probeAndJudge(t, checker(t, dir, nil), r, JudgeOptions{}); o.Bind.Sub != "52e" {
		t.Fatalf("%+v", o.Bind)
	}
	c := checker(t, dir, nil)
	dials := 0
	c.Prober.Dial = countingDial(&dials)
	o, fs := probeAndJudge(t, c, r, JudgeOptions{})
	f := find(t, fs, "LDAP102")
	contains(t, f.Message, "remembered as refused", "may be tried in")
	contains(t, f.Fix, "--allow-lockout-risk")
	if dials != 0 || o.Address != "" || o.Incomplete == "" {
		t.Errorf("%d connections, address %q, %q", dials, o.Address, o.Incomplete)
	}
	if got := ad.Attribute(t, "svc", "badPwdCount"); got != "1" {
		t.Errorf("badPwdCount %s", got)
	}
}

func TestTwoServersOfOneDeploymentMakeOneAttempt(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	c := checker(t, "", nil)
	plain := target(t, ad.Addr(389), probe.Plain)
	for _, name := range []string{servertest.ADUser("svc"), servertest.ADUserDN("svc"), `ADEX\svc`} {
		c.Probe(context.Background(), request(plain, name, neverValid, people))
	}
	if got := ad.Attribute(t, "svc", "badPwdCount"); got != "1" {
		t.Errorf("badPwdCount %s after three servers", got)
	}
}

func TestServersProbedSideBySideShareOneAttempt(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{})
	requests := func(password string) []Request {
		var out []Request
		for _, p := range []struct {
			port int
			sec  probe.Security
		}{{389, probe.Plain}, {3268, probe.Plain}, {636, probe.ImplTLS}, {3269, probe.ImplTLS}, {389, probe.StartTLS}} {
			out = append(out, request(target(t, ad.Addr(p.port), p.sec), servertest.ADUser("svc"), password, people))
		}
		return out
	}
	told := 0
	for i, o := range live.All(t.Context(), requests(servertest.ADPassword), 5, checker(t, "", ad.CA.Pool).Probe,
		func(*Observation) { told++ }) {
		if o.Bind == nil || !o.Bind.OK || o.Policy == nil || o.Incomplete != "" {
			t.Errorf("server %d: bind %+v, policy %+v, %q", i, o.Bind, o.Policy, o.Incomplete)
		}
	}
	if told != 5 {
		t.Errorf("told of %d servers", told)
	}
	made := 0
	for _, o := range live.All(t.Context(), requests(neverValid), 5, checker(t, "", ad.CA.Pool).Probe, nil) {
		if o.Bind.Code != 0 {
			made++
		}
	}
	if n := ad.Attribute(t, "svc", "badPwdCount"); made != 1 || n != "1" {
		t.Errorf("%d binds, badPwdCount %s", made, n)
	}
}

func TestStrongAuthenticationRequired(t *testing.T) {
	ad := servertest.SambaAD(t, servertest.ADConfig{StrongAuth: true})
	_, fs := probeAndJudge(t, checker(t, "", nil),
		request(target(t, ad.Addr(389), probe.Plain), servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
	contains(t, find(t, fs, "LDAP102").Message, "not encrypted")
	o, fs := probeAndJudge(t, checker(t, "", ad.CA.Pool),
		request(target(t, ad.Addr(389), probe.StartTLS), servertest.ADUser("svc"), servertest.ADPassword, people), JudgeOptions{})
	if !o.Bind.OK {
		t.Errorf("%s", dump(fs))
	}
}
