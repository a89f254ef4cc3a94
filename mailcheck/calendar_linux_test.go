package mailcheck_test

import (
	"slices"
	"strings"
	"testing"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/mailcheck"
)

func calendar(t *testing.T, addr string) mailcheck.CalendarRequest {
	return mailcheck.CalendarRequest{Target: target(t, addr, probe.ImplTLS), Mailbox: servertest.User, Login: login(servertest.Password)}
}

func TestCalendarOfARealServer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cfg   servertest.ApacheConfig
		addr  func(*servertest.ApacheServer) string
		edit  func(*mailcheck.CalendarRequest)
		rules string
		login bool
	}{
		{name: "as it should be", login: true},
		{name: "wrong mailbox", edit: func(r *mailcheck.CalendarRequest) { r.Mailbox = "nobody" }, rules: "MAIL107", login: true},
		{name: "wrong folder word", edit: func(r *mailcheck.CalendarRequest) { r.Folder = "Kalender" }, rules: "MAIL107", login: true},
		{name: "wrong password", edit: func(r *mailcheck.CalendarRequest) { r.Login = login("wrong") }, rules: "MAIL107"},
		{name: "no WebDAV", cfg: servertest.ApacheConfig{NoDAV: true}, rules: "MAIL107", login: true},
		{name: "no WebDAV, EWS there", cfg: servertest.ApacheConfig{NoDAV: true, EWS: true}, rules: "MAIL107", login: true},
		{name: "no EWS, and it is configured", edit: func(r *mailcheck.CalendarRequest) { r.Protocol = "EWS" }, rules: "MAIL107"},
		{name: "EWS there, and it is configured", cfg: servertest.ApacheConfig{EWS: true},
			edit: func(r *mailcheck.CalendarRequest) { r.Protocol = "EWS" }, login: true},
		{name: "forms-based log-in", addr: func(s *servertest.ApacheServer) string { return s.Forms }, rules: "MAIL106"},
		{name: "TLS 1.0", addr: func(s *servertest.ApacheServer) string { return s.OldTLS }, rules: "MAIL109"},
		{name: "plain HTTP on the port", addr: func(s *servertest.ApacheServer) string { return s.HTTP }, rules: "MAIL105"},
		{name: "nothing listens", addr: func(*servertest.ApacheServer) string { return servertest.ClosedAddr(t) }, rules: "MAIL105"},
		{name: "ISA in the way", cfg: servertest.ApacheConfig{Headers: map[string]string{"Via": "1.1 ISA01"}}, rules: "MAIL108", login: true},
		{name: "a balancer in the way", cfg: servertest.ApacheConfig{Headers: map[string]string{"Set-Cookie": "BIGipServerpool=123; path=/"}},
			rules: "MAIL108", login: true},
		{name: "expired", cfg: servertest.ApacheConfig{Flaw: servertest.Expired}, rules: "MAIL109"},
		{name: "wrong name", cfg: servertest.ApacheConfig{Flaw: servertest.WrongName}, rules: "MAIL109"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := servertest.Apache(t, tt.cfg)
			before := treeState(t, s.Mailbox)
			addr := s.HTTPS
			if tt.addr != nil {
				addr = tt.addr(s)
			}
			r := calendar(t, addr)
			if tt.edit != nil {
				tt.edit(&r)
			}
			o := checker(t, s.CA).ProbeCalendar(t.Context(), r)
			if got := judgeCalendar(o); got != tt.rules {
				t.Errorf("rules %q, want %q; error %v; options %+v; dav %+v", got, tt.rules, o.Error, o.Options, o.DAV)
			}
			if passed := o.Login != nil && o.Login.OK; passed != tt.login {
				t.Errorf("login %+v", o.Login)
			}
			if after := treeState(t, s.Mailbox); after != before {
				t.Errorf("the calendar changed:\n%s\n%s", before, after)
			}
		})
	}
}

func TestOldTLSIsExaminedWhenTold(t *testing.T) {
	s := servertest.Apache(t, servertest.ApacheConfig{})
	c := checker(t, s.CA)
	o := c.ProbeCalendar(t.Context(), calendar(t, s.OldTLS))
	if len(o.Options) != 0 || o.Incomplete == "" || o.TLS.Version != "TLS 1.0" {
		t.Errorf("without being told: %d answers, incomplete %q, %+v", len(o.Options), o.Incomplete, o.TLS)
	}
	c.OldTLS = true
	o = c.ProbeCalendar(t.Context(), calendar(t, s.OldTLS))
	if o.Login == nil || !o.Login.OK || o.Incomplete != "" || judgeCalendar(o) != "MAIL109" {
		t.Errorf("login %+v, incomplete %q, error %v", o.Login, o.Incomplete, o.Error)
	}
}

func TestSchemesAndGenerationsAreTold(t *testing.T) {
	old := servertest.Apache(t, servertest.ApacheConfig{Schemes: []string{"NTLM", "Negotiate"},
		Headers: map[string]string{"X-OWA-Version": "6.5.7638.1"}})
	c := checker(t, old.CA)
	first := c.ProbeCalendar(t.Context(), calendar(t, old.HTTPS))
	slices.Sort(first.Offered)
	if got := strings.Join(first.Offered, " "); got != "Basic NTLM Negotiate" {
		t.Errorf("offered %q", got)
	}
	newer := servertest.Apache(t, servertest.ApacheConfig{CA: old.CA, Headers: map[string]string{"X-OWA-Version": "8.1.240.5"}})
	second := c.ProbeCalendar(t.Context(), calendar(t, newer.HTTPS))
	if strings.Join(first.Generations, " ") != "2003" || strings.Join(second.Generations, " ") != "2007" {
		t.Errorf("generations %v and %v", first.Generations, second.Generations)
	}
	if got := ruleIDs(mailcheck.Judge(nil, []*mailcheck.CalendarObservation{first, second}, mailcheck.JudgeOptions{})); got != "MAIL002" {
		t.Errorf("rules %q", got)
	}
}

func TestTheGatewayNameMustBeSpelledAsInTheCertificate(t *testing.T) {
	s := servertest.Apache(t, servertest.ApacheConfig{})
	c := checker(t, s.CA)
	for name, want := range map[string]string{"mail.example.com": "", "MAIL.example.com": "MAIL109"} {
		r := calendar(t, s.HTTPS)
		r.Target.ServerName = name
		if got := judgeCalendar(c.ProbeCalendar(t.Context(), r)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
