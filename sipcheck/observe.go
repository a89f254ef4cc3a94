package sipcheck

import (
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Login is an end user with the digest credential.
type Login struct {
	User       string
	Credential loginbudget.Secret
}

func (l Login) wanted() bool { return l.User != "" && l.Credential.Set() }

// Facts are what an export says about the proxy's authentication. The zero value says nothing.
type Facts struct {
	// Known says that there is an export at all.
	Known bool `json:"known"`
	// Credential is "set", "empty", or "" if the export does not mention a digest credential.
	Credential string `json:"digestCredential,omitempty"`
	// Module is the authentication module: "On", "Off", or "" when not stated.
	Module string `json:"authenticationModule,omitempty"`
	// ACL are the entries of the incoming ACL as written.
	ACL []string `json:"incomingACL,omitempty"`
	// Domain is the SIP domain.
	Domain string `json:"domain,omitempty"`
}

// A SIPRequest is one presence server to probe.
type SIPRequest struct {
	Target probe.Target // Network udp, or tcp with Plain or ImplTLS
	// Address is the host part of the URI that the client registers to: the presence address. Empty means Target.Host.
	Address string
	Rank    string
	Place   live.Place
	Facts   Facts
	// Login is tried once if it has a user and a credential. Without a credential its User is still asked for.
	Login Login
}

// A Challenge is what the proxy asks for.
type Challenge struct {
	Status    int      `json:"status"` // 401 or 407
	Realm     string   `json:"realm"`
	Algorithm string   `json:"algorithm"` // MD5 if the proxy names none
	QOP       []string `json:"qop,omitempty"`
	// Scheme is Digest for what a client can answer, else the first one offered. Schemes are all that are offered.
	Scheme  string   `json:"scheme"`
	Schemes []string `json:"schemes,omitempty"`
	// Unreadable is a Digest challenge as it came, if it could not be parsed.
	Unreadable string `json:"unreadable,omitempty"`
	// Unanswerable: a Digest whose algorithm or quality of protection no client of this kind knows.
	Unanswerable bool `json:"unanswerable,omitempty"`
}

// An Answer is the status line of an answer.
type Answer struct {
	Status int    `json:"status"`
	Reason string `json:"reason,omitempty"`
	Server string `json:"server,omitempty"` // Server or User-Agent header
	// Says are headers that explain an answer of 300 or more: Contact, Warning, Reason, Retry-After.
	Says []string `json:"says,omitempty"`
}

// A LoginResult is how the one authenticated REGISTER went. It holds no secret.
type LoginResult struct {
	User   string  `json:"user"`
	OK     bool    `json:"ok"`
	Answer *Answer `json:"answer,omitempty"`
	// Registered says that a binding was made, Removed that it was removed.
	Registered bool `json:"registered,omitempty"`
	Removed    bool `json:"removed,omitempty"`
	// NotMade says why the log-in was not made; empty if it was.
	NotMade string               `json:"notMade,omitempty"`
	Refusal *loginbudget.Refusal `json:"refusal,omitempty"`
	// NotJudged says that the server did not judge the credential: it failed by itself, stayed silent or closed the connection.
	NotJudged bool `json:"notJudged,omitempty"`
	// Blind says that the log-in was made although neither the lock-out threshold nor the count of failures was known.
	Blind bool `json:"blind,omitempty"`
}

// A SIPObservation is what one probe of a presence server saw. It holds no secret.
type SIPObservation struct {
	probe.Observation
	URI   string     `json:"uri"` // what was registered to, without the user
	Rank  string     `json:"rank,omitempty"`
	Place live.Place `json:"place"`
	Facts Facts      `json:"facts"`
	At    time.Time  `json:"at"`

	// Local is this computer's address towards the proxy. It is compared with the incoming ACL; NAT is ignored.
	Local   string  `json:"local,omitempty"`
	Options *Answer `json:"options,omitempty"`
	// Provisional is the last provisional answer (100 Trying) to a request that got no final one.
	Provisional *Answer      `json:"provisional,omitempty"`
	Register    *Answer      `json:"register,omitempty"` // without a credential
	Challenge   *Challenge   `json:"challenge,omitempty"`
	Login       *LoginResult `json:"login,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// ServerName is host:port with the transport, as configured.
func (o *SIPObservation) ServerName() string {
	return probe.Clean(o.Target.String()) + "/" + transport(o.Target)
}

// transport names the transport as SIP does: UDP, TCP or TLS.
func transport(t probe.Target) string {
	switch {
	case t.Network == "udp":
		return "UDP"
	case t.Security == probe.ImplTLS:
		return "TLS"
	default:
		return "TCP"
	}
}

// A CTIRequest is one CTIManager to probe.
type CTIRequest struct {
	Target probe.Target
	Rank   string
	Place  live.Place
	// Hold is how long the connection must stay open to count; zero means one second.
	Hold time.Duration
	// Listed says that a list of nodes names the call manager, and no setting says that clients use its CTIManager.
	Listed bool
}

// A CTIObservation is what one probe of a CTIManager saw.
type CTIObservation struct {
	probe.Observation
	Rank   string     `json:"rank,omitempty"`
	Listed bool       `json:"listed,omitempty"`
	Place  live.Place `json:"place"`
	At     time.Time  `json:"at"`
	// Held says that the connection stayed open.
	Held bool `json:"held"`
	// Unasked is the beginning of what the server sent. CTIManager waits for its client.
	Unasked string `json:"unasked,omitempty"`
	// Incomplete says why the probe was not finished.
	Incomplete string `json:"incomplete,omitempty"`
}

// ServerName is host:port as configured.
func (o *CTIObservation) ServerName() string { return probe.Clean(o.Target.String()) }
