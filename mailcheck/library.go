package mailcheck

import (
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// Types of requests and checkers that are defined elsewhere in this module, for programs outside of it.
type (
	Target = probe.Target // host, port and how the connection is secured
	Prober = probe.Prober // dials; its zero value asks the system's resolver and trusts the system's authorities
	Place  = live.Place   // where an export names the target; its zero value is "nowhere"
	Secret = loginbudget.Secret
	Budget = loginbudget.Budget
)

// How a connection is secured.
const (
	Plain       = probe.Plain
	StartTLS    = probe.StartTLS
	ImplicitTLS = probe.ImplTLS
)

// NewSecret keeps a password in a form that cannot be printed.
func NewSecret(text string) Secret { return loginbudget.NewSecret(text) }

// NewBudget allows one log-in for each account, and remembers refused passwords in the folder. Without a budget a Checker never logs in.
func NewBudget(dir string) *Budget { return loginbudget.Open(loginbudget.Options{Dir: dir}) }

// ready gives a checker whose zero fields have their defaults.
func (c *Checker) ready() *Checker {
	with := *c
	with.Prober, with.Budget = live.Defaults(c.Prober, c.Budget)
	return &with
}
