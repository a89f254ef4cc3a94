package collect_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/collect"
	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
	"cupclint/internal/loginbudget"
)

// acmeWorld is the broken cluster with switches.
func acmeWorld(t *testing.T, switches ...cluster.Switch) *world {
	t.Helper()
	c, commands := acme(t, "broken", switches...)
	w := newWorld(t, c, commands)
	w.o.Request.SOAPFor = []string{"bob"}
	return w
}

// The whole of a healthy cluster is read with one password for each interface and node, and all sessions are ended.
func TestClusterIsCollected(t *testing.T) {
	w := acmeWorld(t)
	dir, m := w.run()
	if !m.Complete || m.Interrupted {
		for _, s := range m.Steps {
			if s.Missing() {
				t.Errorf("%s at %s: %s %s %s", s.ID, s.Node, s.Outcome, s.Class, s.Detail)
			}
		}
		t.Error("not complete")
	}
	if n := w.passwords("/axl/"); n != 1 {
		t.Errorf("AXL got the password %d times", n)
	}
	if n := w.passwords("/EPASSoap/"); n != 1 {
		t.Errorf("the client configuration service got the password %d times", n)
	}
	if m.Sessions.Opened != m.Sessions.Closed || m.Sessions.Opened < 4 || len(m.Sessions.Left) > 0 {
		t.Errorf("sessions: %+v", m.Sessions)
	}
	for _, name := range []string{"manifest.json", "log.jsonl", "exports/axl/cucm1.dc.acme.net/listProcessNode.xml",
		"exports/soap/bob@imp1.dc.acme.net.xml", "exports/cluster/cucm1.dc.acme.net.txt", "exports/jabber/cucm1.dc.acme.net/jabber-config.xml",
		"evidence/tls/cucm1.dc.acme.net-8443.pem", "evidence/uds/cucm1.dc.acme.net/version.xml"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if s := step(t, m, "soap.get-all-config", ""); s.Redacted == nil {
		t.Error("nothing was removed from the client configuration")
	}
	for _, n := range m.Nodes {
		if n.Name == "cucm2.dc.acme.net" && !n.NotContacted {
			t.Error("a subscriber was contacted")
		}
	}
	if m.Plan != w.o.Request.Plan().Hash() {
		t.Error("the manifest has another plan")
	}
}

// A switch, and what becomes of a step.
func TestMisbehaviours(t *testing.T) {
	for _, c := range []struct {
		of       cluster.Switch
		id       string
		outcome  collect.Outcome
		class    string
		complete bool
		axl      int // requests with the password; 0 for 1
	}{
		{of: cluster.AXLForbidden, id: "axl.getCCMVersion", outcome: collect.Refused, class: "forbidden"},
		{of: cluster.AXLMissing, id: "axl.getCCMVersion", outcome: collect.Unsupported, class: "not-found"},
		{of: cluster.AXLVersionPage, id: "axl.listProcessNode", outcome: collect.OK, complete: true},
		{of: cluster.AXLBusyTwice, id: "axl.listProcessNode", outcome: collect.OK, complete: true, axl: 3},
		{of: cluster.AXLBusy, id: "axl.getCCMVersion", outcome: collect.Failed, class: "busy", axl: 3},
		{of: cluster.AXLForgets, id: "axl.listLdapDirectory", outcome: collect.Empty, class: "no-records", complete: true, axl: 2},
		{of: cluster.AXLTooLarge, id: "axl.listProcessNode", outcome: collect.OK, complete: true},
		{of: cluster.AXLMemory, id: "axl.listProcessNode", outcome: collect.OK, complete: true},
		{of: cluster.AXLCut, id: "axl.listProcessNodeService", outcome: collect.Failed, class: "cut", complete: true},
		{of: cluster.AXLRank, id: "axl.listAppUser", outcome: collect.Refused, class: "fault", complete: true},
		{of: cluster.AXLSchema85, id: "axl.listProcessNode", outcome: collect.OK, complete: true},
		{of: cluster.AXLSchema85, id: "axl.getProcessNode", outcome: collect.Skipped, class: "schema", complete: true},
		{of: cluster.AXLSchema105, id: "axl.getProcessNode", outcome: collect.OK, complete: true},
		{of: cluster.SOAPNoLogout, id: "soap.get-all-config", outcome: collect.Skipped, class: "no-log-in"},
		{of: cluster.SOAPRefused, id: "soap.get-all-config", outcome: collect.Refused, class: "log-in"},
		{of: cluster.SOAPFault, id: "soap.get-all-config", outcome: collect.Failed, class: "service"},
		{of: cluster.SOAPPage, id: "soap.get-all-config", outcome: collect.Failed, class: "service"},
		{of: cluster.SOAPExpired, id: "soap.get-all-config", outcome: collect.Failed, class: "service"},
		{of: cluster.SOAPHalfEmpty, id: "soap.get-all-config", outcome: collect.OK, complete: true},
		{of: cluster.UDSOld, id: "uds.version", outcome: collect.OK, complete: true},
		{of: cluster.UDSBusy, id: "uds.version", outcome: collect.Failed, class: "503", complete: true},
		{of: cluster.UDSRefused, id: "uds.version", outcome: collect.Refused, class: "403", complete: true},
		{of: cluster.UDSUnknown, id: "uds.version", outcome: collect.Refused, class: "401", complete: true},
		{of: cluster.FilesMissing, id: "files.jabber-config", outcome: collect.Empty, class: "404", complete: true},
		{of: cluster.FilesPage, id: "files.jabber-config", outcome: collect.Failed, class: "html", complete: true},
		{of: cluster.FilesBOM, id: "files.jabber-config", outcome: collect.OK, complete: true},
		{of: cluster.FilesLarge, id: "files.jabber-config", outcome: collect.OK, complete: true},
		{of: cluster.FilesHTTPSOnly, id: "files.jabber-config", outcome: collect.OK, complete: true},
		{of: cluster.SPDefaultSecret, id: "files.SPDefault", outcome: collect.OK, complete: true},
	} {
		t.Run(string(c.of), func(t *testing.T) {
			w := acmeWorld(t, c.of)
			if !strings.HasPrefix(string(c.of), "soap") {
				w.o.Request.SOAPFor = nil
			}
			if strings.HasPrefix(string(c.of), "axl") || strings.HasPrefix(string(c.of), "soap") {
				delete(w.o.Request.Users, collect.CLI) // which is another subject
			}
			dir, m := w.run()
			s := step(t, m, c.id, "")
			if c.of == cluster.SOAPHalfEmpty && !strings.Contains(contents(t, dir, s.File), `"/>`) {
				t.Error("no value is missing")
			}
			if s.Outcome != c.outcome || s.Class != c.class {
				t.Errorf("%s is %s, class %q: %s", c.id, s.Outcome, s.Class, s.Detail)
			}
			if m.Complete != c.complete {
				for _, s := range m.Steps {
					t.Logf("%s %s %s %s %v", s.ID, s.Node, s.Outcome, s.Class, s.Missing())
				}
				t.Errorf("complete is %v", m.Complete)
			}
			want := max(c.axl, 1)
			if n := w.passwords("/axl/"); n != want && w.o.Request.Users[collect.AXL] != "" {
				t.Errorf("AXL got the password %d times, want %d", n, want)
			}
		})
	}
}

// The pages of a list are files of their own, and nothing is asked twice.
func TestListsArePaged(t *testing.T) {
	w := acmeWorld(t, cluster.AXLTooLarge)
	delete(w.o.Request.Users, collect.CLI)
	dir, m := w.run()
	files := 0
	for _, s := range m.Steps {
		if s.ID == "axl.listProcessNode" && s.File != "" {
			files++
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "exports/axl/cucm1.dc.acme.net/listProcessNode-*.xml"))
	if err != nil || len(names) != 2 || files != len(names)+1 {
		t.Errorf("%d files, %d steps, %v", len(names), files, err)
	}
	for _, r := range w.cluster.Requests() {
		if strings.HasPrefix(r.What, "list") && strings.Contains(r.Body, `first="`) {
			t.Error("pages are asked for by attributes")
		}
	}
}

// Without a session cookie every request carries the password that was taken.
func TestAXLWithoutSessions(t *testing.T) {
	w := acmeWorld(t, cluster.AXLNoCookie)
	delete(w.o.Request.Users, collect.CLI)
	if _, m := w.run(); !m.Complete {
		t.Error("not complete")
	}
}

// A wrong password is sent once, and the account is left alone everywhere.
func TestWrongPasswordEndsTheAccount(t *testing.T) {
	w := acmeWorld(t)
	w.secrets["axl"], w.secrets["cli"] = "Wrong-Pw-1", "Wrong-Pw-1"
	_, m := w.run()
	if n := w.passwords("/axl/"); n != 1 {
		t.Errorf("AXL got %d passwords", n)
	}
	for name, s := range w.ssh { // the account of AXL is that of the command line
		if n := len(s.Record().Passwords); n != 0 {
			t.Errorf("%s got %d passwords after AXL refused the account", name, n)
		}
	}
	if s := step(t, m, "axl.getCCMVersion", ""); s.Outcome != collect.Refused {
		t.Error(s.Outcome)
	}
	if s := step(t, m, "cli.show-myself", "cucm1.dc.acme.net"); s.Class != "account" {
		t.Error(s.Class, s.Detail)
	}
	if s := step(t, m, "soap.get-all-config", ""); s.Outcome != collect.Skipped && s.Outcome != collect.OK {
		t.Error(s.Outcome)
	}

	t.Run("a later run does not send it again", func(t *testing.T) {
		w.o.Budget = w.budgetAgain()
		before := w.passwords("/axl/")
		_, m := w.run()
		if n := w.passwords("/axl/"); n != before {
			t.Error("it was sent")
		}
		for name, s := range w.ssh { // nor to another interface, which the first run spared
			if n := len(s.Record().Passwords); n != 0 {
				t.Errorf("%s got %d passwords", name, n)
			}
		}
		if s := step(t, m, "axl.getCCMVersion", ""); s.Class != "budget" {
			t.Error(s.Class, s.Detail)
		}
	})
}

// With KeepGoing the account is tried on the other interfaces, once for each node.
func TestKeepGoing(t *testing.T) {
	w := acmeWorld(t)
	w.secrets["axl"] = "Wrong-Pw-1"
	w.o.KeepGoing = true
	w.o.Request.Nodes = append(w.o.Request.Nodes, collect.Node{Name: "imp1.dc.acme.net", Role: collect.IMPPublisher})
	_, m := w.run()
	if s := step(t, m, "cli.show-network-cluster", "cucm1.dc.acme.net"); s.Outcome != collect.OK {
		t.Error(s.Outcome, s.Detail)
	}
}

// Nodes that servers name are contacted only where someone agrees.
func TestFoundNodesAreContactedOnlyWithConsent(t *testing.T) {
	for _, agree := range []bool{false, true} {
		w := acmeWorld(t)
		w.o.Request.Yes = false
		var asked []string
		w.o.Agree = func(_ context.Context, nodes []collect.Node) (bool, error) {
			for _, n := range nodes {
				asked = append(asked, n.Name)
			}
			return agree, nil
		}
		_, m := w.run()
		if !slices.Equal(asked, []string{"imp1.dc.acme.net", "imp2.dc.acme.net"}) {
			t.Errorf("asked about %q", asked)
		}
		contacted := len(w.ssh["imp1.dc.acme.net"].Record().Requests) > 0
		if contacted != agree {
			t.Errorf("agreed: %v, contacted: %v", agree, contacted)
		}
		if !agree && (len(m.Notes) == 0 || m.Complete) {
			t.Errorf("notes: %q, complete: %v", m.Notes, m.Complete)
		}
	}
}

// A certificate that no one vouches for gets no password; neither does an unknown or a changed host key.
func TestNothingSecretIsSentToStrangers(t *testing.T) {
	w := acmeWorld(t)
	w.o.Trust.Pins = nil
	w.o.HostKeys.Ask = nil
	_, m := w.run()
	if n := w.passwords("/"); n != 0 {
		t.Errorf("%d requests with a password", n)
	}
	for name, s := range w.ssh {
		if len(s.Record().Passwords) > 0 {
			t.Errorf("%s got a password", name)
		}
	}
	s := step(t, m, "axl.getCCMVersion", "")
	if s.Class != "certificate" || !strings.Contains(s.Detail, "SHA256:"+w.pin) {
		t.Error(s.Class, s.Detail)
	}
	if s := step(t, m, "cli.show-myself", "cucm1.dc.acme.net"); s.Class != "hostkey" || !strings.Contains(s.Detail, "SHA256:") {
		t.Error(s.Class, s.Detail)
	}
}

// A person can accept a certificate once for the run.
func TestCertificateIsAskedForOnce(t *testing.T) {
	w := acmeWorld(t)
	w.o.Trust.Pins = nil
	delete(w.o.Request.Users, collect.CLI)
	var asked, kept []string
	w.o.Trust.Ask = func(_ context.Context, q collect.Question) (bool, error) {
		asked = append(asked, q.Where)
		return true, nil
	}
	w.o.Trust.Remember = func(where, print string) error {
		kept = append(kept, where+" "+print)
		return nil
	}
	if _, m := w.run(); !m.Complete {
		t.Error("not complete")
	}
	if !slices.Equal(asked, []string{"cucm1.dc.acme.net:8443", "imp1.dc.acme.net:8443"}) || len(kept) != 2 {
		t.Errorf("asked for %q, kept %q", asked, kept)
	}
}

// After an interrupt nothing is sent any more but what ends sessions, and the manifest says so.
func TestInterrupt(t *testing.T) {
	for _, at := range []string{"axl.getLdapAuthentication", "cli.show-status", "soap.get-all-config"} {
		t.Run(at, func(t *testing.T) {
			w := acmeWorld(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			watch := w.o.Watch
			w.o.Watch = func(e collect.Event) {
				watch(e)
				if e.Step == at && (e.Ended == nil) == (at != "soap.get-all-config") {
					cancel()
				}
			}
			_, m := w.runWith(ctx)
			if !m.Interrupted || m.Complete {
				t.Errorf("interrupted: %v, complete: %v", m.Interrupted, m.Complete)
			}
			if m.Sessions.Opened != m.Sessions.Closed {
				t.Errorf("sessions: %+v", m.Sessions)
			}
		})
	}
}

// A log-out that fails is in the manifest.
func TestSessionThatIsLeftBehindIsNamed(t *testing.T) {
	w := acmeWorld(t, cluster.SOAPKeepsOpen)
	delete(w.o.Request.Users, collect.CLI)
	_, m := w.run()
	if len(m.Sessions.Left) != 2 {
		t.Errorf("left: %q", m.Sessions.Left)
	}
}

// A resumed run asks again only what is missing, and what was changed in the folder.
func TestResume(t *testing.T) {
	w := acmeWorld(t)
	w.secrets["soap"] = "Wrong-Pw-2"
	dir, before := w.run()
	if before.Complete {
		t.Fatal("the first run is complete")
	}
	if err := os.WriteFile(filepath.Join(dir, "exports/axl/cucm1.dc.acme.net/listCredentialPolicy.xml"), []byte("changed"),
		0o600); err != nil {
		t.Fatal(err)
	}
	sent := len(w.cluster.Requests())
	folder, old, err := collect.OldFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	w.secrets["soap"] = w.config.AppPassword
	w.o.Resume, w.o.Request = old, old.Request
	w.o.Budget = loginbudget.Open(loginbudget.Options{Dir: w.state, Cost: loginbudget.Cost{Time: 1, Memory: 64}, Override: true})
	m, err := collect.Run(context.Background(), folder, w.o)
	if err != nil {
		t.Fatal(err)
	}
	w.harmless(dir)
	if !m.Complete {
		t.Error("not complete")
	}
	var again []string
	for _, r := range w.cluster.Requests()[sent:] {
		if strings.HasPrefix(r.What, "list") {
			again = append(again, r.What)
		}
	}
	if !slices.Equal(again, []string{"listCredentialPolicy"}) {
		t.Errorf("asked again: %q", again)
	}
	if s := step(t, m, "axl.listProcessNode", ""); !s.Kept {
		t.Error("an answer was not kept")
	}
}

// What servers give to anybody needs no account.
func TestWithoutLogIn(t *testing.T) {
	w := acmeWorld(t, cluster.SPDefaultSecret)
	w.o.Request.Users = nil
	_, m := w.run()
	if len(w.asked) > 0 || w.passwords("/") > 0 {
		t.Errorf("passwords were asked for: %q", w.asked)
	}
	for _, r := range w.cluster.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
	if !m.Complete || step(t, m, "files.SPDefault", "").Redacted == nil {
		t.Error("not complete, or the password of SPDefault.cnf.xml was not removed")
	}
	if !slices.ContainsFunc(m.Notes, func(n string) bool { return strings.Contains(n, "CVE-2013-7030") }) {
		t.Errorf("notes: %q", m.Notes)
	}
}

// The plan contacts no one and is the same for the same request.
func TestPlan(t *testing.T) {
	w := acmeWorld(t)
	if err := w.o.Request.Check(); err != nil {
		t.Fatal(err)
	}
	a, b := w.o.Request.Plan(), w.o.Request.Plan()
	if a.Hash() != b.Hash() || len(a.Rows) < 50 {
		t.Errorf("%d rows", len(a.Rows))
	}
	w.o.Request.Yes = false
	if w.o.Request.Plan().Hash() == a.Hash() {
		t.Error("consent to further nodes is not in the hash")
	}
	if len(w.cluster.Requests()) > 0 {
		t.Error("a node was contacted")
	}
}

// A question of the command line is not answered, and the run continues with the next node.
func TestQuestionIsNotAnswered(t *testing.T) {
	c, commands := acme(t, "broken")
	commands["cucm1.dc.acme.net"]["show status"] = sshcli.Answer{Text: "status\n", Ask: "Continue (y/n)?"}
	w := newWorld(t, c, commands)
	delete(w.o.Request.Users, collect.AXL)
	_, m := w.run()
	if s := step(t, m, "cli.show-status", "cucm1.dc.acme.net"); s.Outcome != collect.Asked {
		t.Error(s.Outcome, s.Detail)
	}
}

// An archive is made only of a folder in which nothing looks like a secret.
func TestFolderIsSearchedBeforeItIsPacked(t *testing.T) {
	w := acmeWorld(t)
	delete(w.o.Request.Users, collect.CLI)
	dir, _ := w.run()
	folder, _, err := collect.OldFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := folder.Search(); err != nil {
		t.Error(err)
	}
	const name = "evidence/uds/cucm1.dc.acme.net/version.xml"
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte("<a><password>Hunter22x</password></a>"), 0o600); err != nil {
		t.Fatal(err)
	}
	var leak *collect.LeakError
	if err := folder.Search(); !errors.As(err, &leak) || !slices.Equal(leak.Files, []string{name}) {
		t.Error(err)
	}
}

// A password of the run that is in an answer all the same is found at the end: the file is removed, and the run fails.
func TestLastScanRemovesWhatHoldsAPassword(t *testing.T) {
	w := acmeWorld(t)
	delete(w.o.Request.Users, collect.CLI)
	dir := filepath.Join(t.TempDir(), "hq")
	if err := w.o.Request.Check(); err != nil {
		t.Fatal(err)
	}
	folder, err := collect.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	name := filepath.Join(dir, "evidence", "left.txt")
	watch := w.o.Watch
	w.o.Watch = func(e collect.Event) {
		watch(e)
		if e.Step == "soap.wsdl" && e.Ended == nil {
			if err := os.WriteFile(name, []byte("it was "+w.config.Password), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	m, err := collect.Run(context.Background(), folder, w.o)
	if err == nil || m.Complete || strings.Contains(err.Error(), w.config.Password) {
		t.Errorf("complete: %v, %v", m.Complete, err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file is still there")
	}
}
