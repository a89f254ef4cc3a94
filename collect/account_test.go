package collect_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"cupclint/collect"
	"cupclint/internal/lab/sshcli"
)

// A node is the same under its whole name, its short name and its address, and a cluster under each of its nodes: a wrong password is sent
// once, in one run with both and in a run after the other.
func TestOneNodeByTwoNames(t *testing.T) {
	const full, short, address, other = "cucm1.dc.acme.net", "cucm1", "192.0.2.10", "cucm2.dc.acme.net"
	for _, names := range [][2]string{{full, address}, {address, full}, {full, short}, {short, full}, {full, other}} {
		for _, i := range []collect.Interface{collect.AXL, collect.CLI} {
			if i == collect.CLI && names[1] == other {
				continue // each node has accounts of its own
			}
			t.Run(string(i)+" "+names[0]+" "+names[1], func(t *testing.T) {
				w := acmeWorld(t).only(i)
				w.secrets[string(i)], w.o.KeepGoing = "Wrong-Pw-1", true
				resolve := w.o.Prober.Resolve
				w.o.Prober.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
					if !strings.Contains(host, ".") {
						host += ".dc.acme.net"
					}
					return resolve(ctx, host)
				}
				w.o.Request.Nodes = []collect.Node{{Name: names[0]}, {Name: names[1]}}
				w.run()
				if n := w.sent(i); n != 1 {
					t.Errorf("one run: %d passwords", n)
				}
				w.o.Budget, w.o.Request.Nodes = w.budgetAgain(), []collect.Node{{Name: names[1]}}
				w.run()
				if n := w.sent(i); n != 1 {
					t.Errorf("with the next run: %d passwords", n)
				}
			})
		}
	}
}

// sent counts the passwords that servers got over an interface.
func (w *world) sent(i collect.Interface) (n int) {
	if i == collect.AXL {
		return w.passwords("/axl/")
	}
	for _, s := range w.ssh {
		n += len(s.Record().Passwords)
	}
	return n
}

// Several nodes are asked side by side: the first refusal ends the account all the same.
func TestRefusalEndsTheAccountBesideOtherNodes(t *testing.T) {
	w := acmeWorld(t).only(collect.CLI)
	w.secrets["cli"] = "Wrong-Pw-1"
	w.o.Jobs = 4
	w.o.Request.Nodes = []collect.Node{{Name: "down.dc.acme.net"}} // it does not exist: nothing is known of the account after it
	for _, n := range w.names {
		w.o.Request.Nodes = append(w.o.Request.Nodes, collect.Node{Name: n, Role: collect.CUCMSubscriber})
	}
	w.run()
	if n := w.sent(collect.CLI); n != 1 {
		t.Errorf("%d passwords", n)
	}
}

// A server that disconnects in the place of a refusal, as after the last failure that it allows, has refused the password.
func TestDisconnectForTooManyFailuresIsARefusal(t *testing.T) {
	for _, keyboard := range []bool{false, true} {
		c, commands := acme(t, "broken")
		w := newWorld(t, c, commands, func(s *sshcli.Config) { s.MaxTries, s.KeyboardOnly, s.PasswordOnly = 1, keyboard, !keyboard })
		w.only(collect.CLI).secrets["cli"] = "Wrong-Pw-1"
		for range 3 {
			_, m := w.run()
			if s := step(t, m, "cli.show-myself", ""); s.Outcome != collect.Refused {
				t.Errorf("%s %s %s", s.Outcome, s.Class, s.Detail)
			}
			w.o.Budget = w.budgetAgain()
		}
		if n := w.sent(collect.CLI); n != 1 {
			t.Errorf("keyboard %v: %d passwords", keyboard, n)
		}
	}
}

// What is in front of AXL may answer without a look at the password, or after one. Its answer proves no password: what was refused before
// stays so, and the password is not sent in each further run.
func TestAnAnswerThatIsNotOfAXLProvesNothing(t *testing.T) {
	const envelope = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Fault><faultcode>x</faultcode>` +
		`<faultstring>Authentication failed</faultstring></Fault></Body></Envelope>`
	for name, c := range map[string]struct {
		status int
		body   string
		runs   int // in which the password is sent
	}{
		"a redirect": {302, "", 2}, "a permanent redirect": {308, "", 2}, "a page": {200, "<html><form>Log in</form></html>", 2},
		"a proxy's log-in": {407, "", 2}, "an error of a gateway": {502, "", 2}, "a bad request": {400, "", 2},
		"a fault that refuses": {500, envelope, 1}, "a refusal": {401, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := acmeWorld(t).only(collect.AXL)
			secured, err := w.cluster.TLS("ucm1")
			if err != nil {
				t.Fatal(err)
			}
			w.o.Trust.Insecure = true
			var sent atomic.Int32
			w.web("192.0.2.10", "8443", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if _, _, ok := r.BasicAuth(); ok {
					sent.Add(1)
				}
				rw.Header().Set("Location", "/elsewhere")
				rw.WriteHeader(c.status)
				_, _ = io.WriteString(rw, c.body)
			}), secured)
			for range 3 {
				w.run()
				w.o.Budget = w.budgetAgain()
			}
			if n := int(sent.Load()); n != c.runs {
				t.Errorf("%d passwords in 3 runs, want %d", n, c.runs)
			}
		})
	}
}
