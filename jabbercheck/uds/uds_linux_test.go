package uds_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cupclint/internal/loginbudget"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/uds"
)

func TestARealServer(t *testing.T) {
	open := map[string]string{"version": versionXML, "servers": serversXML, "clusterUser/alice": foundXML, "clusterUser/bob": absentXML}
	with := func(name, text string) map[string]string {
		out := map[string]string{name: text}
		for n, x := range open {
			if n != name {
				out[n] = x
			}
		}
		return out
	}
	users := map[string]string{"alice": userXML}
	for _, tt := range []struct {
		name, user, password string
		cfg                  servertest.JabberConfig
		addr                 func(*servertest.JabberServer) string
		rules                string
		ok                   bool
	}{
		{name: "as it should be", cfg: servertest.JabberConfig{UDS: open}},
		{name: "a user at home", user: "alice", cfg: servertest.JabberConfig{UDS: open}},
		{name: "a user nowhere", user: "bob", cfg: servertest.JabberConfig{UDS: open}, rules: "UDS104"},
		{name: "log-in", user: "alice", password: servertest.Password, cfg: servertest.JabberConfig{UDS: open, Users: users}, ok: true},
		{name: "wrong password", user: "alice", password: "wrong", cfg: servertest.JabberConfig{UDS: open, Users: users}, rules: "UDS103"},
		{name: "not assigned", user: "alice", password: servertest.Password, ok: true, rules: "UDS108", cfg: servertest.JabberConfig{UDS: open,
			Users: map[string]string{"alice": strings.Replace(userXML, "<server>imp1.example.com</server>", "", 1)}}},
		{name: "not enabled, no " +
			"profile", user: "alice", password: servertest.Password, ok: true, rules: "UDS108 UDS108", cfg: servertest.JabberConfig{UDS: open,
			Users: map[string]string{"alice": `<user><homeCluster enableImAndPresence="false">true</homeCluster><imAndPresence/></user>`}}},
		{name: "503", cfg: servertest.JabberConfig{UDS: open, Busy: true}, rules: "UDS102"},
		{name: "404", cfg: servertest.JabberConfig{}, rules: "UDS102"},
		{name: "expired", cfg: servertest.JabberConfig{UDS: open, Flaw: servertest.Expired}, rules: "UDS109"},
		{name: "wrong name", cfg: servertest.JabberConfig{UDS: open, Flaw: servertest.WrongName}, rules: "UDS109"},
		{name: "self-signed, and no password is sent", user: "alice", password: servertest.Password, rules: "UDS109",
			cfg: servertest.JabberConfig{UDS: open, Users: users, Flaw: servertest.SelfSigned}},
		{name: "plain HTTP", cfg: servertest.JabberConfig{UDS: open},
			addr: func(s *servertest.JabberServer) string { return s.HTTP }, rules: "UDS101"},
		{name: "nothing listens", addr: func(*servertest.JabberServer) string { return servertest.ClosedAddr(t) }, rules: "UDS101"},
		{name: "a server that does not resolve", rules: "UDS106",
			cfg: servertest.JabberConfig{UDS: with("servers", "<servers><server>cucm9.invalid</server><server>127.0.0.1</server></servers>")}},
		{name: "short names", rules: "UDS106",
			cfg: servertest.JabberConfig{UDS: with("servers", "<servers><server>localhost</server></servers>")}},
		{name: "not XML", rules: "UDS102",
			cfg: servertest.JabberConfig{UDS: with("version", "<versionInformation><version>14</versionInformation>")}},
		{name: "a page", rules: "UDS102", cfg: servertest.JabberConfig{UDS: with("version", "<!DOCTYPE html><html><body>portal</body></html>")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := servertest.Jabber(t, tt.cfg)
			addr := s.UDS
			if tt.addr != nil {
				addr = tt.addr(s)
			}
			r := uds.Request{Target: target(t, addr), User: tt.user}
			if tt.password != "" {
				r.Password = loginbudget.NewSecret(tt.password)
			}
			o := checker(t, s.CA).Probe(t.Context(), r)
			if got := judge(o); got != tt.rules {
				t.Errorf("rules %q, want %q; %s; %+v", got, tt.rules, o.Summary(), o.Servers)
			}
			if passed := o.Login != nil && o.Login.OK; passed != tt.ok {
				t.Errorf("log-in %+v", o.Login)
			}
			text, err := json.Marshal(o)
			if err != nil || tt.password != "" && strings.Contains(string(text), tt.password) || strings.Contains(string(text), "+4930123456") {
				t.Errorf("%v: kept too much: %s", err, text)
			}
		})
	}
}
