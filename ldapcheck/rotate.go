package ldapcheck

import (
	"fmt"
	"time"
)

// Rotation is what a rotate plan is made of. Only Old must be set; what is missing becomes general advice.
type Rotation struct {
	Old, New string // bind names: the account in use, and the one that replaces it
	// Servers are the directory servers of the deployment that the new account must be proven on, as host:port.
	Servers []string
	Base    string
	// Roles are the places that store the old account.
	Roles []Role
	// Policy is what was read from the directory; nil when nobody asked it.
	Policy *Policy
	// Clients, RetryInterval and Session describe the clients: how many, how often each of them tries, and how long one
	// stays logged on at most.
	Clients       int
	RetryInterval time.Duration
	Session       time.Duration
}

// A Step is one step of a rotate plan.
type Step struct {
	Title string   `json:"title"`
	Do    []string `json:"do"`
	Why   string   `json:"why,omitempty"`
}

// A RotatePlan is the safe order to change the service account's password: never in place, always by a second account.
// Clients read their profile at log-on only and keep binding with what they have (support notes "UC Corner", 2009), so a
// password that is changed in place makes every running client a source of failures.
type RotatePlan struct {
	// InPlace is what would happen if the password of the old account were simply changed.
	InPlace Forecast `json:"inPlace"`
	Steps   []Step   `json:"steps"`
}

// NewRotatePlan makes the plan.
func NewRotatePlan(r Rotation) RotatePlan {
	if r.New == "" {
		r.New = "the second account"
	}
	var policy Policy // not readable
	if r.Policy != nil {
		policy = *r.Policy
	}
	return RotatePlan{
		InPlace: TimeToLock(policy, 0, r.Clients, r.RetryInterval),
		Steps:   []Step{r.create(), r.verify(), r.update(), r.wait(), r.retire()},
	}
}

func (r *Rotation) create() Step {
	s := Step{Title: "Make a second account", Why: "the old one stays valid for every client that still has it, so nothing fails and nothing locks"}
	s.Do = append(s.Do,
		fmt.Sprintf("Create %s beside %s, with the same right to read people below %s.", r.New, r.Old, orElse(r.Base, "the search base")),
		"Give it a password that does not expire, without \"must change at next logon\", without log-on hours and workstations.")
	if len(r.Roles) > 1 {
		s.Do = append(s.Do, "Make one account a role: "+r.roles()+" share the old one today, so that one fault stops them all.")
	}
	return s
}

func (r *Rotation) verify() Step {
	s := Step{Title: "Prove it here, before any client sees it", Why: "a mistyped password in the profile is a failure for each client at each log-on"}
	servers := r.Servers
	if len(servers) == 0 {
		servers = []string{"HOST:PORT"}
	}
	for _, server := range servers {
		s.Do = append(s.Do, fmt.Sprintf("cupclint ldap --server %s --bind-dn %s --base %s --password-file FILE", server, quote(r.New), quote(orElse(r.Base, "BASE"))))
	}
	s.Do = append(s.Do, "Go on only when it ends with exit code 0.")
	return s
}

func (r *Rotation) update() Step {
	return Step{
		Title: "Change the LDAP profile in one go",
		Do: []string{
			"CUPS Administration > Application > Cisco Unified Personal Communicator > LDAP Profile: bind DN and password together, saved once.",
			"Do not touch the password of " + r.Old + ".",
		},
		Why: "a profile with the new name and the old password, even for a minute, goes out to every client that logs on in that minute",
	}
}

func (r *Rotation) wait() Step {
	s := Step{Title: "Wait until every client has logged on again", Why: "a client reads its profile at log-on only"}
	who := "all clients"
	if r.Clients > 0 {
		who = fmt.Sprintf("all %d clients", r.Clients)
	}
	if r.Session > 0 {
		s.Do = append(s.Do, fmt.Sprintf("Wait %s, the longest a client stays logged on, or ask %s to log out and in.", plainSpan(r.Session), who))
	} else {
		s.Do = append(s.Do, fmt.Sprintf("Wait until %s were logged out and in once; a weekend is no proof, a restart of every PC is.", who))
	}
	s.Do = append(s.Do, fmt.Sprintf("See that nobody uses %s any more: its lastLogon on every domain controller stands still for %s.", r.Old, r.quiet()))
	return s
}

func (r *Rotation) retire() Step {
	s := Step{Title: "Retire the first account", Why: "a disabled account refuses stale clients without harm to the new one"}
	s.Do = append(s.Do, fmt.Sprintf("Disable %s; do not delete it and do not change its password yet.", r.Old))
	s.Do = append(s.Do, fmt.Sprintf("Look for stale clients for %s: cupclint ldap lockouts EVENTS --account %s names them.", r.quiet(), quote(r.Old)))
	s.Do = append(s.Do, "Delete it when nobody asks for it any more.")
	return s
}

// quiet is how long to watch: two rounds of the clients, or a day when nobody knows how often they try.
func (r *Rotation) quiet() string {
	if r.RetryInterval > 0 {
		return plainSpan(2 * max(r.RetryInterval, time.Hour))
	}
	return plainSpan(24 * time.Hour)
}

func (r *Rotation) roles() string {
	out := ""
	for i, role := range r.Roles {
		if i > 0 {
			out += ", "
		}
		out += role.Text()
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// quote makes an argument safe to paste into a POSIX shell.
func quote(s string) string {
	out := "'"
	for _, c := range s {
		if c == '\'' {
			out += `'\''`
		} else {
			out += string(c)
		}
	}
	return out + "'"
}
