package ldapcheck

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// all makes the requests side by side, in one run.
func all(t *testing.T, c *Checker, requests []Request) []*Observation {
	t.Helper()
	return live.All(t.Context(), requests, len(requests), c.Probe, nil)
}

// What a run does before it sends a password, by what the directory shows to an auditor: cases from real life, each with its neighbours.
func TestWhatTheDirectoryShowsDecidesOnTheLogIn(t *testing.T) {
	const pso = "CN=PSO1,CN=Password_Settings," + corp
	type attrs = map[string]string
	seen := func(threshold string) dirEntry {
		return dirEntry{dn: pso, attrs: attrs{"msDS-LockoutThreshold": threshold}}
	}
	hidden := dirEntry{dn: pso, attrs: attrs{"msDS-PasswordSettingsPrecedence": "1"}}
	told := func(n int) loginbudget.Policy {
		return loginbudget.Policy{Threshold: loginbudget.LocksAt(n), Window: time.Hour}
	}
	for name, tc := range map[string]struct {
		d     *directory
		told  loginbudget.Policy
		risk  bool
		made  bool
		blind bool
	}{
		"threshold and count shown": {d: adDouble(nil, nil), made: true},
		"three failures of five":    {d: adDouble(attrs{"badPwdCount": "3", "badPasswordTime": filetime(time.Now())}, nil)},
		"three failures, whose window is over": {d: adDouble(attrs{"badPwdCount": "3",
			"badPasswordTime": filetime(time.Now().Add(-time.Hour))}, nil), made: true},
		"the domain never locks":       {d: adDouble(attrs{"badPwdCount": "9"}, attrs{"lockoutThreshold": "0"}), made: true},
		"threshold hidden, no failure": {d: adDouble(nil, attrs{"lockoutThreshold": ""}), made: true},
		"threshold hidden, one failure": {d: adDouble(attrs{"badPwdCount": "1", "badPasswordTime": filetime(time.Now())},
			attrs{"lockoutThreshold": ""})},
		"threshold hidden, one failure, and told": {d: adDouble(attrs{"badPwdCount": "1"}, attrs{"lockoutThreshold": ""}), told: told(10),
			made: true},
		"what the directory shows wins over what the user gave": {d: adDouble(attrs{"badPwdCount": "3", "badPasswordTime": filetime(time.Now())},
			nil),
			told: told(50)},
		"count hidden, threshold of five": {d: adDouble(attrs{"badPwdCount": ""}, nil), made: true},
		"count hidden, threshold of two":  {d: adDouble(attrs{"badPwdCount": ""}, attrs{"lockoutThreshold": "2"})},
		"both hidden": {d: adDouble(attrs{"badPwdCount": ""}, attrs{"lockoutThreshold": ""}), made: true,
			blind: true},
		"fine-grained policy hidden":                     {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, hidden)},
		"fine-grained policy that cannot be read at all": {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil)},
		"fine-grained policy hidden, and its resultant":  {d: adDouble(attrs{"msDS-PSOApplied": pso}, nil, hidden)},
		"fine-grained policy hidden, threshold told": {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, hidden), told: told(10),
			made: true},
		"fine-grained policy hidden, small one told": {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, hidden), told: told(2)},
		"fine-grained policy hidden, the risk taken": {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, hidden), risk: true, made: true},
		"fine-grained policy of ten shown":           {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, seen("10")), made: true},
		"fine-grained policy of one shown":           {d: adDouble(attrs{"msDS-ResultantPSO": pso}, nil, seen("1"))},
		"slapd: nothing shown":                       {d: slapdDouble(attrs{"cn": "default"}, nil), made: true, blind: true},
		"slapd: it locks, and at how many is hidden": {d: slapdDouble(attrs{"pwdLockout": "TRUE"}, nil), made: true, blind: true},
		"slapd: hidden threshold, one failure": {d: slapdDouble(attrs{"cn": "default"},
			attrs{"pwdFailureTime": time.Now().UTC().Format("20060102150405Z")})},
		"slapd: a threshold of four": {d: slapdDouble(attrs{"pwdLockout": "TRUE", "pwdMaxFailure": "4",
			"pwdFailureCountInterval": "0"}, nil), made: true},
		"slapd: a threshold of two":                        {d: slapdDouble(attrs{"pwdLockout": "TRUE", "pwdMaxFailure": "2"}, nil)},
		"slapd: a threshold of two, nothing says it locks": {d: slapdDouble(attrs{"pwdMaxFailure": "2"}, nil)},
		"slapd: it never locks":                            {d: slapdDouble(attrs{"pwdLockout": "FALSE", "pwdMaxFailure": "1"}, nil), made: true},
		"slapd: no number locks":                           {d: slapdDouble(attrs{"pwdLockout": "TRUE", "pwdMaxFailure": "0"}, nil), made: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := Request{Target: tc.d.serve(t), Role: RoleManual, Login: Login{svcDN, secretOf(neverValid)}, Auditor: Login{audID, secretOf("aud")}}
			if strings.HasPrefix(name, "slapd") {
				r.Login.DN, r.Auditor.DN = "cn=svc,dc=north,dc=test", "cn=aud,dc=north,dc=test"
			}
			c := new(clock).run(t, t.TempDir(), tc.risk)
			c.AssumePolicy = tc.told
			o, fs := probeAndJudge(t, c, r, JudgeOptions{})
			if told2 := tc.told.Threshold == 2; o.Error != nil || o.Auditor == nil || o.Auditor.OK == told2 { // which holds for the auditor, too
				t.Fatalf("%v, auditor %+v", o.Error, o.Auditor)
			}
			if n := tc.d.made(r.Login.DN); n != map[bool]int{true: 1}[tc.made] || made(o) != tc.made {
				t.Fatalf("%d log-ins, bind %+v, policy %+v, account %+v", n, o.Bind, o.Policy, o.Account)
			}
			if tc.made && o.Bind.Blind != tc.blind {
				t.Errorf("blind: %v", o.Bind.Blind)
			}
			if text := dump(fs); strings.Contains(text, "never locks") || !tc.made && !strings.Contains(text, "LDAP105") ||
				!tc.made && o.Incomplete == "" {
				t.Errorf("%s; incomplete: %q", text, o.Incomplete)
			}
			if strings.Contains(name, "policy hidden") && !tc.made && o.Auditor.OK {
				contains(t, dump(fs), "PSO1")
			}
		})
	}
}

// A directory that hides its policy gets a wrong password once, and not again in any later run.
func TestANightlyRunSendsAWrongPasswordOnce(t *testing.T) {
	interval0 := map[string]string{"pwdLockout": "TRUE", "pwdMaxFailure": "4", "pwdFailureCountInterval": "0", "pwdLockoutDuration": "0"}
	for name, d := range map[string]*directory{
		"nothing shown": slapdDouble(map[string]string{"cn": "default"}, nil),
		"only a successful log-in clears the count": slapdDouble(interval0, nil),
	} {
		for _, audited := range []bool{false, true} {
			if audited {
				name += ", with an auditor"
			}
			t.Run(name, func(t *testing.T) {
				tg, dir, c := d.serve(t), t.TempDir(), new(clock)
				r := request(tg, "cn=svc,dc=north,dc=test", neverValid)
				if audited {
					r.Auditor = Login{"cn=aud,dc=north,dc=test", secretOf("aud")}
				}
				before := d.made(r.Login.DN)
				for night := range 10 {
					o := c.run(t, dir, false).Probe(t.Context(), r)
					if night > 0 && (o.Bind.Refusal == nil || o.Bind.Refusal.Reason != loginbudget.Remembered) {
						t.Errorf("night %d: %+v", night, o.Bind)
					}
					c.ahead += 25 * time.Hour
				}
				if n := d.made(r.Login.DN) - before; n != 1 {
					t.Errorf("%d log-ins in ten nights", n)
				}
			})
		}
	}
}

// One account under several names: the same password is not tried twice at one directory, right passwords are, and other directories are
// none of it.
func TestOneAccountUnderTwoNamesInOneRun(t *testing.T) {
	for _, other := range []string{svcID, `CORP\svc-cisco`, "corp.example/Svc/Cisco Search"} {
		for password, want := range map[string]int{neverValid: 1, "right": 2} {
			t.Run(other+" "+password, func(t *testing.T) {
				d := adDouble(nil, nil)
				d.passwords[other] = "right"
				tg := d.serve(t)
				o := all(t, new(clock).run(t, t.TempDir(), false), []Request{request(tg, svcDN, password), request(tg, other, password)})
				if n := d.made(svcDN) + d.made(other); n != want {
					t.Errorf("%d log-ins, want %d: %+v, %+v", n, want, o[0].Bind, o[1].Bind)
				}
			})
		}
	}
	t.Run("another domain controller is the same directory", func(t *testing.T) {
		one, two := adDouble(nil, nil), adDouble(nil, nil)
		all(t, new(clock).run(t, t.TempDir(), false),
			[]Request{request(one.serve(t), svcDN, neverValid), request(two.serve(t), svcID, neverValid)})
		if n := one.made(svcDN) + two.made(svcID); n != 1 {
			t.Errorf("%d log-ins", n)
		}
	})
	t.Run("another directory is not", func(t *testing.T) {
		one, two := adDouble(nil, nil), slapdDouble(nil, nil)
		all(t, new(clock).run(t, t.TempDir(), false),
			[]Request{request(one.serve(t), svcDN, neverValid), request(two.serve(t), "cn=svc,dc=north,dc=test", neverValid)})
		if one.made(svcDN) != 1 || two.made("cn=svc,dc=north,dc=test") != 1 {
			t.Errorf("%v, %v", one.binds, two.binds)
		}
	})
	t.Run("two wrong passwords, and an auditor who shows that it is one account", func(t *testing.T) {
		d := adDouble(nil, nil)
		tg := d.serve(t)
		a, b := request(tg, svcDN, neverValid), request(tg, svcID, neverValid+"2")
		a.Auditor, b.Auditor = Login{audID, secretOf("aud")}, Login{audID, secretOf("aud")}
		all(t, new(clock).run(t, t.TempDir(), false), []Request{a, b})
		if n := d.made(svcDN) + d.made(svcID); n != 1 {
			t.Errorf("%d log-ins", n)
		}
	})
	t.Run("a good log-in shows it for later runs", func(t *testing.T) {
		d, dir := adDouble(nil, nil), t.TempDir()
		tg, c := d.serve(t), new(clock)
		if o := c.run(t, dir, false).Probe(t.Context(), request(tg, svcDN, "right")); !o.Bind.OK || o.Account == nil {
			t.Fatalf("%+v", o.Bind)
		}
		c.run(t, dir, false).Probe(t.Context(), request(tg, svcDN, neverValid))
		if o := c.run(t, dir, false).Probe(t.Context(), request(tg, svcID, neverValid)); o.Bind.Refusal == nil ||
			o.Bind.Refusal.Reason != loginbudget.Remembered {
			t.Errorf("%+v", o.Bind)
		}
	})
}

// A directory that does not judge the password may be asked again. One that closes the connection may have judged it: it is asked once
// more.
func TestAnAnswerThatJudgesNothingIsNotRemembered(t *testing.T) {
	for name, code := range map[string]int64{"busy": 51, "unavailable": 52, "TLS first": 13, "strong authentication": 8, "a limit": 11,
		"other": 80, "closes the connection": 0} {
		t.Run(name, func(t *testing.T) {
			d, dir := adDouble(nil, nil), t.TempDir()
			d.results = map[string]int64{svcDN: code}
			tg := d.serve(t)
			for run := 1; run <= 3; run++ {
				o, fs := probeAndJudge(t, new(clock).run(t, dir, false), request(tg, svcDN, neverValid), JudgeOptions{})
				want := run
				if code == 0 {
					want = min(run, 2)
				}
				if d.made(svcDN) != want {
					t.Fatalf("run %d: %d log-ins, %+v", run, d.made(svcDN), o.Bind)
				}
				if text := dump(fs) + o.Summary(); (ownFailure(int(code)) || code == 0) && strings.Contains(text, "refuse") {
					t.Errorf("called a refusal: %s", text)
				}
			}
		})
	}
}

// An error of the folder for remembered log-ins after a good bind is an error of this computer, and the rest of the probe continues.
func TestAMemoryThatBreaksIsNoFaultOfTheServer(t *testing.T) {
	d, dir := adDouble(nil, nil), filepath.Join(t.TempDir(), "state")
	d.onBind = func(string) {
		_ = os.RemoveAll(dir)
		_ = os.WriteFile(dir, []byte("full"), 0o600)
	}
	r := request(d.serve(t), svcDN, "right", corp)
	o, fs := probeAndJudge(t, new(clock).run(t, dir, false), r, JudgeOptions{})
	if !o.Bind.OK || o.Error != nil || len(o.Bases) != 1 || o.Account == nil {
		t.Errorf("bind %+v, error %v, bases %v", o.Bind, o.Error, o.Bases)
	}
	contains(t, o.Incomplete, "could not be saved", "log-in attempts")
	absent(t, fs, "LDAP101", "LDAP102")
}

// Without a memory no log-in is made, it is said, and the server is looked at from outside.
func TestWithoutAMemoryNoLogInIsMade(t *testing.T) {
	d, file := adDouble(nil, nil), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := new(clock).run(t, filepath.Join(file, "state"), false).Probe(t.Context(), request(d.serve(t), svcDN, "right", corp))
	if len(d.binds) != 0 || o.RootDSE == nil {
		t.Errorf("binds %v", d.binds)
	}
	contains(t, o.Incomplete, "the bind was not tried", "remember log-in attempts")
}

// Domain controllers count each for itself: the finding has the largest count with its own time, and calls it what it is, a floor.
func TestCountsOfSeveralDomainControllers(t *testing.T) {
	account := func(n string, at time.Time) map[string]string {
		return map[string]string{"badPwdCount": n, "badPasswordTime": map[bool]string{true: "0", false: filetime(at)}[n == "0"]}
	}
	at := time.Now().Add(-100 * time.Second)
	twenty := map[string]string{"lockoutThreshold": "20"}
	var requests []Request
	for _, n := range []string{"0", "8", "1"} {
		r := request(adDouble(account(n, at), twenty).serve(t), svcDN, "right", corp)
		r.Auditor = Login{audID, secretOf("aud")}
		requests = append(requests, r)
	}
	f := find(t, Judge(all(t, new(clock).run(t, t.TempDir(), false), requests), JudgeOptions{}), "LDAP105")
	text := f.Message + "\n" + strings.Join(f.Evidence, "\n")
	contains(t, text, "12 more", "counts 8", "each domain controller counts for itself", "at least 8",
		"the last failure was at "+at.UTC().Format("2006-01-02 15:04:05"))
	if strings.Contains(text, "0001-01-01") {
		t.Error(text)
	}
}

// An account that ends in sixty years hides nothing.
func TestAnExpiryDateHidesNoExpiredPassword(t *testing.T) {
	far, past := filetime(time.Now().Add(60*365*24*time.Hour)), filetime(time.Now().Add(-time.Hour))
	plain := map[string]string{"userAccountControl": "512"}
	with := func(kv ...string) map[string]string {
		m := map[string]string{"userAccountControl": plain["userAccountControl"]}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	for name, tc := range map[string]struct {
		account   map[string]string
		says, not string
	}{
		"expired":          {with("accountExpires", far, "msDS-User-Account-Control-Computed", "8388608"), "password of .* has expired", ""},
		"must change":      {with("accountExpires", far, "pwdLastSet", "0"), "must be changed", ""},
		"only the account": {with("accountExpires", far), "the account .* expires on", "password of"},
		"the account is over": {with("accountExpires", past, "msDS-User-Account-Control-Computed", "8388608"), "the account .* has expired",
			"password of"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(adDouble(tc.account, nil).serve(t), svcDN, "right", corp)
			_, fs := probeAndJudge(t, new(clock).run(t, t.TempDir(), false), r, JudgeOptions{})
			var said []string
			for _, f := range fs {
				if f.Rule == "LDAP107" {
					said = append(said, f.Message)
				}
			}
			text := strings.Join(said, "\n")
			for _, part := range strings.Split(tc.says, " .* ") {
				contains(t, text, part)
			}
			if tc.not != "" && strings.Contains(text, tc.not) {
				t.Errorf("%q in: %s", tc.not, text)
			}
		})
	}
}

// A directory that knows the password shows it in whatever it can: in the root DSE, in the account and its policy, in referrals and search
// results. It is taken out everywhere, and of what the configuration says nothing is.
func TestADirectoryThatShowsThePasswordAnywhere(t *testing.T) {
	const password, auditors = "Echo.Pass7391", "Audit.Pass7391"
	pso := "CN=" + password + "," + corp
	for name, d := range map[string]*directory{
		"active directory": adDouble(map[string]string{"sAMAccountName": password, "msDS-ResultantPSO": pso}, nil,
			dirEntry{dn: pso, attrs: map[string]string{"msDS-PasswordSettingsPrecedence": "1"}}),
		"root dse": adDouble(nil, nil),
		"slapd":    slapdDouble(map[string]string{"cn": "x"}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			login, auditor := Login{svcDN, secretOf(password)}, Login{audID, secretOf(auditors)}
			if name == "slapd" {
				login.DN, auditor.DN = "cn=svc,dc=north,dc=test", "cn=aud,dc=north,dc=test"
				d.entries[1].attrs["pwdPolicySubentry"] = pso
			}
			d.passwords = map[string]string{login.DN: password, auditor.DN: auditors}
			if name == "root dse" {
				d.entries[0].attrs["dnsHostName"] = password + "." + auditors + ".test"
				d.entries[0].attrs["vendorName"] = base64.StdEncoding.EncodeToString([]byte("x:" + password))
			}
			o, _ := probeAndJudge(t, checker(t, "", nil),
				Request{Target: d.serve(t), Role: RoleManual, Login: login, Auditor: auditor, Bases: []Base{{DN: corp, Recursive: true}}},
				JudgeOptions{})
			if o.Auditor == nil || !o.Auditor.OK || o.Account == nil && name != "root dse" {
				t.Fatalf("the test does not reach its subject: %+v, %v", o, o.Error)
			}
			text, err := json.Marshal(o)
			if err != nil || !strings.Contains(string(text), "[redacted]") || o.BindDN != login.DN {
				t.Errorf("%v: nothing was taken out: %s", err, text)
			}
		})
	}
}

// A password goes to a server whose certificate verifies, or where the user takes any.
func TestAPasswordIsNotSentToACertificateThatDoesNotVerify(t *testing.T) {
	ca := servertest.CA(t)
	for name, tc := range map[string]struct {
		flaw  servertest.Flaw
		any   bool
		binds int
	}{
		"right": {servertest.Right, false, 1}, "expired": {servertest.Expired, false, 0}, "wrong name": {servertest.WrongName, false, 0},
		"unknown authority": {servertest.UnknownCA, false, 0},
		"self-signed":       {servertest.SelfSigned, false, 0}, "self-signed, and any is taken": {servertest.SelfSigned, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := adDouble(nil, nil)
			cert := ca.Issue(t, tc.flaw, "127.0.0.1")
			tg := stub(t, func(conn net.Conn) { d.talk(tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert.TLS}})) })
			tg.Security = probe.ImplTLS
			c := checker(t, "", ca.Pool)
			c.TrustAnyCertificate = tc.any
			o, _ := probeAndJudge(t, c, request(tg, svcDN, "right"), JudgeOptions{})
			if n := d.made(svcDN); n != tc.binds || o.TLS == nil || (o.Bind.NotMade == "") != (tc.binds > 0) {
				t.Errorf("%d binds, want %d: %+v, %v", n, tc.binds, o.Bind, o.Error)
			}
		})
	}
}
