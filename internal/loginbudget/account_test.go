package loginbudget

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNamesOfOneAccountAreOneAccount(t *testing.T) {
	for _, n := range []string{
		"svc", "SVC", `CORP\svc`, "svc@example.com", "CN=svc,DC=example,DC=com", "uid=svc+sn=x,dc=x", " cn = svc , dc=x",
		"example.com/Users/svc", "corp.example/Service Accounts/SVC", `A\B\svc`,
		`CN=\73v\63,DC=x`, `CN="svc",DC=x`, "CN=#0403737663,DC=x", "sn=x+uid=svc,dc=x", "userPrincipalName=svc@example.com,dc=x", "CORP/svc",
		"example.com/svc", "svc%example.com", `CORP\svc@example.com`, "\uff53vc",
	} {
		if got := userParts(n); !slices.Contains(got, "svc") {
			t.Errorf("userParts(%q) = %q", n, got)
		}
	}
	for n, want := range map[string]string{`CN=Smith\, Ann,DC=x`: "smith, ann", "ad.example.com/Users/Cisco Search": "cisco search",
		"HTTP/host": "host|http/host", "a/b/c": "a/b/c", `CN="Smith, Ann",DC=x`: "smith, ann", "cn=Cisco   Search,dc=x": "cisco search",
		"cn=Zoe\u0308": "zo\u00eb", "cn=#04,dc=x": "#04", `cn=a\`: `a\`, `cn="a`: "a"} {
		if got := strings.Join(userParts(n), "|"); got != want {
			t.Errorf("userParts(%q) = %q, want %q", n, got, want)
		}
	}
	if got := keysOf(Account{Scope: "unity", Names: []string{"svc"}}); got[0] == keysOf(svc)[0] {
		t.Error("two scopes share an account")
	}
}

func keysOf(a Account) []string { return a.keys(a.scopes()) }

// In one run a password that a directory refused is not tried there under another name: it can only be the same account, or as wrong.
func TestARefusedPasswordIsNotTriedUnderAnotherName(t *testing.T) {
	dn := Account{Names: []string{"CN=Cisco Search,DC=corp,DC=example"}, Directories: []string{"DC=corp,DC=example"}}
	upn := Account{Names: []string{"svc-cisco@corp.example"}, Directories: []string{"dc1.corp.example", "dc=corp,dc=example"}}
	for name, tc := range map[string]struct {
		second  Account
		secret  Secret
		outcome Outcome
		want    Reason
	}{
		"the same directory":         {upn, wrong, Rejected, SamePassword},
		"silence does not pass":      {upn, wrong, Unanswered, SamePassword},
		"it was right":               {upn, wrong, Accepted, ""},
		"it was not judged":          {upn, wrong, Untested, ""},
		"another password":           {upn, other, Rejected, ""},
		"another directory":          {Account{Names: upn.Names, Directories: []string{"DC=other,DC=example"}}, wrong, Rejected, ""},
		"another scope":              {Account{Scope: "unity", Names: upn.Names, Directories: upn.Directories}, wrong, Rejected, ""},
		"a directory without a name": {Account{Names: upn.Names, Directories: []string{AnyDirectory}}, wrong, Rejected, SamePassword},
		"accounts without an alias":  {Account{Names: upn.Names}, wrong, Rejected, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newClock().open(t, t.TempDir())
			a, err := b.Reserve(context.Background(), dn, wrong, domain)
			if err != nil {
				t.Fatal(err)
			}
			second := make(chan error, 1)
			go func() { // it waits for what comes of the first
				a, err := b.Reserve(context.Background(), tc.second, tc.secret, domain)
				if err == nil {
					_ = a.Close()
				}
				second <- err
			}()
			if err := a.Settle(tc.outcome); err != nil {
				t.Fatal(err)
			}
			var r *Refusal
			switch err := <-second; {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (!errors.As(err, &r) || r.Reason != tc.want || r.Name != dn.Names[0]):
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}

// Names that a search has shown to be one account are one account from then on, in this run and in later ones.
func TestJoinedNamesAreOneAccount(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	dn, upn := Account{Names: []string{"CN=Cisco Search,DC=corp,DC=example"}}, Account{Names: []string{"svc-cisco@corp.example"}}
	first := c.open(t, dir)
	if err := first.Join(context.Background(), Account{Names: append(dn.Names, upn.Names...)}); err != nil {
		t.Fatal(err)
	}
	a, err := first.Reserve(context.Background(), dn, wrong, domain)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Settle(Rejected)
	var r *Refusal
	if _, err := first.Reserve(context.Background(), upn, other, domain); !errors.As(err, &r) || r.Reason != Spent {
		t.Errorf("the other name in the same run: %v", err)
	}
	if _, err := c.open(t, dir).Reserve(context.Background(), upn, wrong, domain); !errors.As(err, &r) || r.Reason != Remembered {
		t.Errorf("the other name in a later run: %v", err)
	}
	// Joined after the log-in: what was done under one name was done under both.
	late := c.open(t, t.TempDir())
	a, err = late.Reserve(context.Background(), dn, wrong, domain)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Settle(Rejected)
	if err := late.Join(context.Background(), Account{Names: append(dn.Names, upn.Names...)}); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Reserve(context.Background(), upn, other, domain); !errors.As(err, &r) || r.Reason != Spent {
		t.Errorf("joined after the log-in: %v", err)
	}
	for range 3 { // nothing new to say, nothing more on record
		if err := c.open(t, dir).Join(context.Background(), Account{Names: append(upn.Names, dn.Names...)}); err != nil {
			t.Fatal(err)
		}
	}
	st, err := readState(filepath.Join(dir, stateFile))
	if err != nil || len(st.Aliases) != 1 || len(st.Aliases[0]) != 2 {
		t.Errorf("%v, aliases %v", err, st.Aliases)
	}
}
