package rotate_test

import (
	"strings"
	"testing"
	"time"

	"cupclint/internal/rotate"
	"cupclint/ldapcheck"
)

// TestPlanCarriesTheNumbers proves that the plan names servers, accounts and times of the deployment, in the safe order.
func TestPlanCarriesTheNumbers(t *testing.T) {
	p := rotate.New(rotate.Input{
		Old: "CN=svc,DC=example,DC=com", New: "CN=o'neil,DC=example,DC=com", Servers: []string{"dc1:3268", "dc2:3268"}, Base: "DC=example,DC=com",
		Roles:   []ldapcheck.Role{ldapcheck.RoleClient, ldapcheck.RoleSync},
		Policy:  &ldapcheck.Policy{Kind: "ad", Readable: true, Threshold: 5, Window: ldapcheck.Span(30 * time.Minute)},
		Clients: 200, RetryInterval: 10 * time.Minute, Session: 12 * time.Hour,
	})
	if len(p.Steps) != 5 || !p.InPlace.Locks || p.InPlace.After != 15*time.Second {
		t.Fatalf("%+v", p)
	}
	var all strings.Builder
	for _, s := range p.Steps {
		all.WriteString(s.Title + "\n" + strings.Join(s.Do, "\n") + "\n")
	}
	for _, want := range []string{"--server dc1:3268", "--server dc2:3268", `--bind-dn 'CN=o'\''neil,DC=example,DC=com'`, "12 hours",
		"all 200 clients", "Do not change the password of CN=svc"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is missing in\n%s", want, all.String())
		}
	}
	order := []string{"second account", "Test it here", "in one step", "Wait until", "Retire"}
	for i, s := range p.Steps {
		if !strings.Contains(s.Title, order[i]) {
			t.Errorf("step %d is %q, want %q", i+1, s.Title, order[i])
		}
	}
}
