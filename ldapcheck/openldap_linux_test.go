package ldapcheck

import (
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/lint"
)

const ouPeople = "ou=people," + servertest.OpenLDAPBase

func TestOpenLDAP(t *testing.T) {
	srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{})
	plain := target(t, srv.Addr, probe.Plain)
	as := func(user, password string, bases ...string) Request {
		return request(plain, servertest.OpenLDAPUserDN(user), password, bases...)
	}

	t.Run("a healthy server gives no error", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, ouPeople), JudgeOptions{})
		if o.RootDSE == nil || o.RootDSE.ActiveDirectory || o.RootDSE.Vendor != "OpenLDAP" || !o.RootDSE.StartTLS {
			t.Errorf("root DSE %+v", o.RootDSE)
		}
		if !o.Bind.OK || o.Bases[0].Entries != 6 {
			t.Errorf("bind %+v, bases %+v", o.Bind, o.Bases)
		}
		for _, f := range fs {
			if f.Severity == lint.Error {
				t.Errorf("%s", dump(fs))
			}
		}
	})

	for _, tc := range []struct{ user, password, rule, says string }{
		{"good", neverValid, "LDAP102", "hides the reason"},
		{"nobody", servertest.OpenLDAPPassword, "LDAP102", "hides the reason"},
		{"locked", servertest.OpenLDAPPassword, "LDAP106", "is locked"},
		{"expired", servertest.OpenLDAPPassword, "LDAP102", "has expired"},
	} {
		t.Run("bind failure: "+tc.user, func(t *testing.T) {
			_, fs := probeAndJudge(t, checker(t, "", nil), as(tc.user, tc.password, ouPeople), JudgeOptions{})
			contains(t, find(t, fs, tc.rule).Message, tc.says)
			if len(fs) != 1 {
				t.Errorf("findings: %s", dump(fs))
			}
		})
	}

	t.Run("a password that expires within a day", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), as("expiring", servertest.OpenLDAPPassword, ouPeople), JudgeOptions{})
		if o.Bind.ExpiresIn <= 0 || time.Duration(o.Bind.ExpiresIn) > 24*time.Hour {
			t.Errorf("bind %+v", o.Bind)
		}
		contains(t, find(t, fs, "LDAP107").Message, "expires on", "in 2")
	})

	t.Run("a password that must be changed lets the bind pass and nothing else", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), as("mustchange", servertest.OpenLDAPPassword, ouPeople), JudgeOptions{})
		if !o.Bind.OK || o.Bind.Policy != "changeAfterReset" {
			t.Errorf("bind %+v", o.Bind)
		}
		contains(t, dump(fs), "LDAP102", "must be changed")
	})

	t.Run("a base on another server is a referral, without a Global Catalog", func(t *testing.T) {
		for _, base := range []string{"ou=remote," + servertest.OpenLDAPBase, "cn=x,ou=remote," + servertest.OpenLDAPBase,
			"dc=elsewhere,dc=org"} {
			o, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, base), JudgeOptions{})
			f := find(t, fs, "LDAP103")
			contains(t, f.Message, "ldap://127.")
			contains(t, strings.Join(f.Evidence, "\n"), "not Active Directory")
			if o.Bases[0].Code != 10 {
				t.Errorf("%+v", o.Bases[0])
			}
			absent(t, fs, "LDAP104", "LDAP108")
		}
	})

	t.Run("search references below a base", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, servertest.OpenLDAPBase), JudgeOptions{})
		contains(t, find(t, fs, "LDAP103").Message, "ou=remote", "the search below")
	})

	t.Run("a bind name on another server is a referral that tests no password", func(t *testing.T) {
		o, fs := probeAndJudge(t, checker(t, "", nil), request(plain, "cn=svc,dc=elsewhere,dc=org", neverValid, ouPeople), JudgeOptions{})
		if o.Bind.Code == 10 {
			contains(t, find(t, fs, "LDAP103").Message, "the bind as")
		} else if o.Bind.Code != 49 {
			t.Errorf("bind %+v", o.Bind)
		}
	})

	t.Run("a missing base", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, "ou=nowhere,"+servertest.OpenLDAPBase),
			JudgeOptions{})
		contains(t, find(t, fs, "LDAP104").Fix, "nearest entry that exists", servertest.OpenLDAPBase)
	})

	t.Run("an empty search", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, "ou=policies,"+servertest.OpenLDAPBase),
			JudgeOptions{})
		contains(t, find(t, fs, "LDAP108").Message, "returns no users")
	})

	t.Run("a base that is not a DN", func(t *testing.T) {
		_, fs := probeAndJudge(t, checker(t, "", nil), as("svc", servertest.OpenLDAPPassword, "people"), JudgeOptions{})
		contains(t, find(t, fs, "LDAP104").Message, "not a valid DN")
	})

	t.Run("an auditor sees lock, window and failures", func(t *testing.T) {
		r := as("locked", servertest.OpenLDAPPassword, ouPeople)
		r.Auditor = auditor("cn=admin,"+servertest.OpenLDAPBase, "adminpw")
		o, fs := probeAndJudge(t, checker(t, "", nil), r, JudgeOptions{})
		// One of the directory's policies has no numbers, and only the server's own configuration says which is the default.
		if o.Policy == nil || o.Policy.Readable || !strings.Contains(o.Policy.Note, "several policies") || !o.Account.Locked ||
			o.Account.Failures != 3 {
			t.Errorf("policy %+v, account %+v", o.Policy, o.Account)
		}
		contains(t, find(t, fs, "LDAP106").Message, "since 20")

		r = as("good", neverValid, ouPeople)
		r.Auditor = auditor("cn=admin,"+servertest.OpenLDAPBase, "adminpw")
		before := len(srv.Attribute(t, "good", "pwdFailureTime"))
		if before != 1 {
			t.Fatalf("%d failures from the test before", before)
		}
		o, _ = probeAndJudge(t, checker(t, "", nil), r, JudgeOptions{})
		if o.Bind.Refusal == nil || len(srv.Attribute(t, "good", "pwdFailureTime")) != before {
			t.Errorf("bind %+v", o.Bind)
		}
	})
}

func TestOpenLDAPThatHidesTheLock(t *testing.T) {
	srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{HideLock: true})
	_, fs := probeAndJudge(t, checker(t, "", nil),
		request(target(t, srv.Addr, probe.Plain), servertest.OpenLDAPUserDN("locked"), servertest.OpenLDAPPassword, ouPeople), JudgeOptions{})
	f := find(t, fs, "LDAP102")
	contains(t, f.Message, "hides the reason")
	contains(t, f.Fix, "--auditor-dn", "ppolicy_use_lockout")
}

func TestAnEmptyPasswordIsNeverSentToADirectoryThatWouldTakeIt(t *testing.T) {
	srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{AnonymousWithName: true})
	o, fs := probeAndJudge(t, checker(t, "", nil), request(target(t, srv.Addr, probe.Plain), servertest.OpenLDAPUserDN("svc"), "", ouPeople),
		JudgeOptions{})
	if o.Bind.OK || o.Incomplete == "" {
		t.Errorf("bind %+v, %q: %s", o.Bind, o.Incomplete, dump(fs))
	}
}

// Every way TLS can fail is a finding of its own, on a real server.
func TestTLSProblemsAreToldApart(t *testing.T) {
	ca := servertest.CA(t)
	login := func(tg probe.Target) Request {
		return request(tg, servertest.OpenLDAPUserDN("svc"), servertest.OpenLDAPPassword, ouPeople)
	}
	seen := map[string]string{}
	note := func(t *testing.T, name string, f lint.Finding) {
		for other, message := range seen {
			if message == f.Rule+f.Message[strings.Index(f.Message, " "):] {
				t.Errorf("%s reads like %s: %s", name, other, f.Message)
			}
		}
		seen[name] = f.Rule + f.Message
	}
	for _, tc := range []struct {
		name    string
		cfg     servertest.OpenLDAPConfig
		problem probe.TLSProblem
		says    string
	}{
		{"expired", servertest.OpenLDAPConfig{Flaw: servertest.Expired}, probe.CertExpired, "expired on"},
		{"wrong name", servertest.OpenLDAPConfig{Flaw: servertest.WrongName}, probe.CertWrongName, "wrong.invalid"},
		{"unknown CA", servertest.OpenLDAPConfig{Flaw: servertest.UnknownCA}, probe.CertUnknownCA, "not trusted here"},
		{"self-signed", servertest.OpenLDAPConfig{Flaw: servertest.SelfSigned}, probe.CertSelfSigned, "signed itself"},
		{"too old", servertest.OpenLDAPConfig{TLSPriority: servertest.OldTLS}, probe.TLSTooOld, "TLS 1.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.cfg.CA = ca
			srv := servertest.OpenLDAP(t, tc.cfg)
			for _, tg := range []probe.Target{target(t, srv.TLSAddr, probe.ImplTLS), target(t, srv.Addr, probe.StartTLS)} {
				o, fs := probeAndJudge(t, checker(t, "", ca.Pool), login(tg), JudgeOptions{})
				f := find(t, fs, "LDAP109")
				contains(t, f.Message, tc.says)
				if !o.TLS.Has(tc.problem) || len(o.TLS.Problems) != 1 || f.Fix == "" {
					t.Errorf("problems %v: %s", o.TLS.Problems, dump(fs))
				}
				// The password goes only to a server that proved who it is.
				if made := o.Bind.NotMade == ""; made != (tc.problem == probe.TLSTooOld) {
					t.Errorf("bind made: %v (%+v)", made, o.Bind)
				}
				if tg.Security == probe.ImplTLS {
					note(t, tc.name, f)
				}
				absent(t, fs, "LDAP101", "LDAP102")
			}
		})
	}
	t.Run("StartTLS refused", func(t *testing.T) {
		srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{CA: ca, NoTLS: true})
		o, fs := probeAndJudge(t, checker(t, "", ca.Pool), login(target(t, srv.Addr, probe.StartTLS)), JudgeOptions{})
		f := find(t, fs, "LDAP101")
		contains(t, f.Message, "refuses StartTLS")
		if o.Error.Class != probe.NotSecured || o.Bind != nil || len(fs) != 1 {
			t.Errorf("%+v: %s", o.Error, dump(fs))
		}
		note(t, "StartTLS refused", f)
	})
	t.Run("TLS to a plain port", func(t *testing.T) {
		srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{CA: ca})
		c := checker(t, "", ca.Pool)
		c.Prober.Timeouts = probe.Uniform(2 * time.Second)
		o, fs := probeAndJudge(t, c, login(target(t, srv.Addr, probe.ImplTLS)), JudgeOptions{})
		note(t, "TLS to a plain port", find(t, fs, "LDAP101"))
		if o.Error.Phase != probe.TLS {
			t.Errorf("%+v", o.Error)
		}
	})
	t.Run("right", func(t *testing.T) {
		srv := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{CA: ca})
		o, fs := probeAndJudge(t, checker(t, "", ca.Pool), login(target(t, srv.TLSAddr, probe.ImplTLS)), JudgeOptions{})
		if !o.TLS.Verified || !o.Bind.OK || o.Phases.TLS == 0 {
			t.Errorf("%+v: %s", o.TLS, dump(fs))
		}
		absent(t, fs, "LDAP101", "LDAP109")
	})
}
