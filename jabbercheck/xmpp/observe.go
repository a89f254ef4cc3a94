package xmpp

import (
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// Port is the port of XMPP for clients (RFC 6120, section 14.7), PortTLS the one of older servers for TLS from the first byte.
const (
	Port    = 5222
	PortTLS = 5223
)

// A Login is a user ID with its password.
type Login struct {
	User     string
	Password loginbudget.Secret
}

func (l Login) wanted() bool { return l.User != "" && l.Password.Set() }

// A Domain is the presence domain that is asked for, and its source.
type Domain struct {
	Name string `json:"name"`
	// Place is where it is configured; zero if it was typed or assumed.
	Place live.Place `json:"place,omitzero"`
	// Assumed says in words what was used instead of a presence domain, if the inputs name none.
	Assumed string `json:"assumed,omitempty"`
}

// A Request is one presence server, asked for one domain.
type Request struct {
	Target probe.Target // Port where the port is 0; StartTLS unless the security is TLS
	Domain Domain
	Rank   string // primary, backup, cluster ...
	Place  live.Place
	// Login is made once if it has a user and a password. No export has them.
	Login Login
}

// A TLSOffer is what the features say about StartTLS.
type TLSOffer string

// The offers.
const (
	OfferRequired TLSOffer = "required"
	OfferOptional TLSOffer = "optional"
	OfferNone     TLSOffer = "none"
)

// A Condition is why a server ended a stream or refused a log-in.
type Condition struct {
	Name string `json:"name"`
	Text string `json:"text,omitempty"`
	// Host is the other host of see-other-host.
	Host string `json:"host,omitempty"`
	// Inside says that it came inside TLS.
	Inside bool `json:"inside,omitempty"`
}

// A Names says which names the certificate has: that of the node, as configured, and the presence domain.
type Names struct {
	Node bool `json:"node"`
	// Domain is the kind of name that is the presence domain: dNSName, SRVName or xmppAddr; empty if there is none.
	Domain string `json:"domain,omitempty"`
	// Others are the names that only XMPP uses: SRVName and xmppAddr, each with its kind.
	Others []string `json:"others,omitempty"`
}

// A LoginResult is how the one log-in went. It holds no secret.
type LoginResult struct {
	User string `json:"user"`
	OK   bool   `json:"ok"`
	// Failure is the server's refusal.
	Failure *Condition `json:"failure,omitempty"`
	// NotMade says why the log-in was not made.
	NotMade string `json:"notMade,omitempty"`
	// Refusal is the reason of the budget, if the budget refused.
	Refusal *loginbudget.Refusal `json:"refusal,omitempty"`
	// NotJudged says that the server did not judge the password.
	NotJudged bool `json:"notJudged,omitempty"`
	// Blind says that the log-in was made although neither the lock-out threshold nor the count of failures was known.
	Blind bool `json:"blind,omitempty"`
}

// An Observation is what one probe saw. It holds no secret.
type Observation struct {
	probe.Observation
	Domain Domain     `json:"domain"`
	Rank   string     `json:"rank,omitempty"`
	Place  live.Place `json:"place"`
	At     time.Time  `json:"at"`

	// From is what the server calls itself, Version that of XMPP, both from its stream header.
	From    string `json:"from,omitempty"`
	Version string `json:"version,omitempty"`
	// Offer is what the features before TLS say about StartTLS; empty if none came.
	Offer TLSOffer `json:"startTLS,omitempty"`
	// Before are the mechanisms in clear text, After those inside TLS; nil if no features came.
	Before []string `json:"mechanismsBefore,omitzero"`
	After  []string `json:"mechanismsAfter,omitzero"`
	// Direct says that the server speaks TLS from the first byte, although StartTLS was expected.
	Direct bool `json:"directTLS,omitempty"`
	// Ended is the error with which the server ended the stream.
	Ended *Condition `json:"ended,omitempty"`
	// Names are those of the certificate; nil without TLS.
	Names *Names `json:"names,omitempty"`
	// First is the beginning of an answer that is not XMPP.
	First string       `json:"first,omitempty"`
	Login *LoginResult `json:"login,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// ServerName is host:port as configured.
func (o *Observation) ServerName() string { return probe.Clean(o.Target.String()) }
