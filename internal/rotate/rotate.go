// Package rotate makes the safe order to change the service account of a directory, with the numbers of a deployment.
package rotate

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"cupclint/internal/probe"
	"cupclint/ldapcheck"
)

// Input is what a plan is made of. Only Old must be set; what is missing becomes general advice.
type Input struct {
	Old, New string // bind names: the account in use, and the one that replaces it
	// Servers are the directory servers of the deployment that the new account must be proven on, as host:port.
	Servers []string
	Base    string
	// Roles are the places that store the old account.
	Roles []ldapcheck.Role
	// Policy is what was read from the directory; nil when it was not asked.
	Policy *ldapcheck.Policy
	// Clients, RetryInterval and Session describe the clients: how many, how often each of them tries, and how long one
	// stays logged on at most.
	Clients       int
	RetryInterval time.Duration
	Session       time.Duration
}

// A Step is one step of a plan.
type Step struct {
	Title string   `json:"title"`
	Do    []string `json:"do"`
	Why   string   `json:"why,omitempty"`
}

// A Plan is the safe order to change the service account's password: never in place, always by a second account.
// Clients read their profile at log-in only and keep binding with what they have (support notes "UC Corner", 2009), so a
// password that is changed in place makes every running client a source of failures.
type Plan struct {
	// InPlace is what would happen if the password of the old account were simply changed.
	InPlace ldapcheck.Forecast `json:"inPlace"`
	Steps   []Step             `json:"steps"`
}

// New makes the plan.
func New(in Input) Plan {
	if in.New == "" {
		in.New = "the second account"
	}
	var policy ldapcheck.Policy // not readable
	if in.Policy != nil {
		policy = *in.Policy
	}
	return Plan{
		InPlace: ldapcheck.TimeToLock(policy, 0, in.Clients, in.RetryInterval),
		Steps:   []Step{in.create(), in.verify(), in.update(), in.wait(), in.retire()},
	}
}

func (in *Input) create() Step {
	s := Step{Title: "Create a second account",
		Why: "clients that still have the old account can log in, so no log-in fails and no account is locked"}
	s.Do = append(s.Do,
		fmt.Sprintf("Create %s in addition to %s, with the same right to read users below %s.", in.New, in.Old,
			cmp.Or(in.Base, "the search base")),
		"Give it a password that does not expire. Do not set \"User must change password at next logon\", Logon Hours or Log On To.")
	if len(in.Roles) > 1 {
		s.Do = append(s.Do, "Use one account per role. Today "+in.roles()+" share the old account, so one fault stops all of them.")
	}
	return s
}

func (in *Input) verify() Step {
	s := Step{Title: "Test it here, before any client uses it",
		Why: "a wrong password in the profile is a failed log-in for each client, each time that the client logs in"}
	servers := in.Servers
	if len(servers) == 0 {
		servers = []string{"HOST:PORT"}
	}
	for _, server := range servers {
		s.Do = append(s.Do, fmt.Sprintf("cupclint ldap --server %s --bind-dn %s --base %s --password-file FILE", server, quote(in.New),
			quote(cmp.Or(in.Base, "BASE"))))
	}
	s.Do = append(s.Do, "Continue only if it ends with exit code 0.")
	return s
}

func (in *Input) update() Step {
	return Step{
		Title: "Change the LDAP profile in one step",
		Do: []string{
			"CUPS Administration > Application > Cisco Unified Personal Communicator > LDAP Profile: bind DN and password together, saved once.",
			"Do not change the password of " + in.Old + ".",
		},
		Why: "if the profile has the new name with the old password, even for a minute, every client that logs in during that minute gets it",
	}
}

func (in *Input) wait() Step {
	s := Step{Title: "Wait until every client has logged in again", Why: "a client reads its profile only when it logs in"}
	who := "all clients"
	if in.Clients > 0 {
		who = fmt.Sprintf("all %d clients", in.Clients)
	}
	if in.Session > 0 {
		s.Do = append(s.Do, fmt.Sprintf("Wait %s, the longest time that a client stays logged in, or have %s log out and in.", span(in.Session),
			who))
	} else {
		s.Do = append(s.Do, fmt.Sprintf("Wait until %s have logged out and in once. After a weekend you cannot be sure; after every PC was "+
			"restarted you can.", who))
	}
	s.Do = append(s.Do, fmt.Sprintf("Check that no client uses %s any more: its lastLogon on every domain controller does not change for %s.",
		in.Old,
		in.quiet()))
	return s
}

func (in *Input) retire() Step {
	s := Step{Title: "Retire the old account", Why: "a disabled account refuses clients that still use it and does not affect the new account"}
	s.Do = append(s.Do, fmt.Sprintf("Disable %s. Do not delete it and do not change its password yet.", in.Old))
	s.Do = append(s.Do, fmt.Sprintf("For %s, look for clients that still use it: cupclint ldap lockouts EVENTS --account %s shows them.",
		in.quiet(),
		quote(in.Old)))
	s.Do = append(s.Do, "Delete it when no client uses it any more.")
	return s
}

// quiet is how long to watch: two rounds of the clients, or a day when it is not known how often they try.
func (in *Input) quiet() string {
	if in.RetryInterval > 0 {
		return span(2 * max(in.RetryInterval, time.Hour))
	}
	return span(24 * time.Hour)
}

func (in *Input) roles() string {
	var out []string
	for _, role := range in.Roles {
		out = append(out, role.Text())
	}
	return strings.Join(out, ", ")
}

// quote makes an argument safe to paste into a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func span(d time.Duration) string { return ldapcheck.Span(d).String() }

// Write writes the plan for people. observed is what the directory said of its policy; nil where it was not asked.
func (p *Plan) Write(w io.Writer, in *Input, observed *ldapcheck.Observation) {
	fmt.Fprintf(w, "How to change the account %s without locking it\n", probe.Clean(in.Old))
	if in.Policy != nil && in.Policy.Readable {
		fmt.Fprintf(w, "\nPolicy (%s): %s\n", probe.Clean(in.Policy.Source), in.Policy.Text())
	} else {
		fmt.Fprintf(w, "\nPolicy: not known. Read it with --auditor-dn, or give --lockout-threshold and --lockout-window\n")
		if in.Policy != nil && in.Policy.Note != "" {
			fmt.Fprintf(w, "%s: %s\n", probe.Clean(in.Policy.Source), in.Policy.Note)
		}
	}
	if observed != nil && observed.Error != nil {
		fmt.Fprintf(w, "The directory could not be asked: %s\n", observed.Error)
	} else if observed != nil && (observed.Auditor == nil || !observed.Auditor.OK) {
		fmt.Fprintf(w, "The auditor could not log in at %s\n", probe.Clean(observed.Target.String()))
	}
	fmt.Fprintf(w, "\nIf the password were changed in place:\n")
	for _, s := range p.InPlace.Steps {
		fmt.Fprintf(w, "  %s\n", s)
	}
	for i, s := range p.Steps {
		fmt.Fprintf(w, "\n%d. %s\n", i+1, s.Title)
		for _, d := range s.Do {
			fmt.Fprintf(w, "   - %s\n", probe.Clean(d))
		}
		if s.Why != "" {
			fmt.Fprintf(w, "   (%s)\n", s.Why)
		}
	}
}
