package uds

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

// Port is the port of the user data service.
const Port = 8443

// A Request is one node to ask.
type Request struct {
	Target probe.Target // ImplTLS
	// Rank says which setting names the node: "UdsServer", "cluster node".
	Rank  string
	Place live.Place
	// User is the name that clusterUser is asked for; empty if it is not asked.
	User string
	// Password, if set, is that of User: the log-in is tried once.
	Password loginbudget.Secret
}

// An Observation is what one node answered. It holds no secret.
type Observation struct {
	probe.Observation
	Rank  string     `json:"rank,omitempty"`
	Place live.Place `json:"place"`
	At    time.Time  `json:"at"`
	// Version, Servers and ClusterUser are the answers to the resources of these names; nil if they were not asked for.
	Version     *Version     `json:"version,omitempty"`
	Servers     *Servers     `json:"servers,omitempty"`
	ClusterUser *ClusterUser `json:"clusterUser,omitempty"`
	// Login is the log-in, User what the entry says; nil if there was none.
	Login *Login `json:"login,omitempty"`
	User  *User  `json:"user,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// An Asked is one request with its answer.
type Asked struct {
	Request  string `json:"request"`
	Status   int    `json:"status"`
	Location string `json:"location,omitempty"`
	// HTML says that the answer was a web page, Bad why an answer with status 200 could not be used.
	HTML bool   `json:"html,omitempty"`
	Bad  string `json:"bad,omitempty"`
}

// good reports whether the resource itself answered.
func (a *Asked) good() bool { return a.Status == 200 && !a.HTML && a.Bad == "" }

// A Version is what the resource version says.
type Version struct {
	Asked
	// Version is that of the call manager, Schema that of the interface.
	Version string `json:"version,omitempty"`
	Schema  string `json:"schema,omitempty"`
	// UsersAuth says that contact search asks for a log-in.
	UsersAuth bool `json:"usersResourceAuthEnabled,omitempty"`
}

// Servers is what the resource servers lists.
type Servers struct {
	Asked
	Servers []Server `json:"servers,omitempty"`
	// More is how many further ones were listed and left out.
	More int `json:"more,omitempty"`
}

// A Server is one of the cluster, and what its name resolves to here.
type Server struct {
	Name      string       `json:"name"`
	Addresses []string     `json:"addresses,omitempty"`
	Error     *probe.Error `json:"error,omitempty"`
}

// A ClusterUser is what the resource clusterUser says about one user.
type ClusterUser struct {
	Asked
	Username string `json:"username"`
	Found    bool   `json:"found"`
	// Homes are the publishers of the home clusters named.
	Homes []string `json:"homes,omitempty"`
}

// A Login is how the one log-in went. It holds no secret.
type Login struct {
	Asked
	User string `json:"user"`
	OK   bool   `json:"ok"`
	// NotMade says why the log-in was not made; empty if it was.
	NotMade string `json:"notMade,omitempty"`
	// Refusal is the reason of the budget, if the budget refused.
	Refusal *loginbudget.Refusal `json:"refusal,omitempty"`
	// Blind says that the log-in was made although neither the lock-out threshold nor the count of failures was known.
	Blind bool `json:"blind,omitempty"`
}

// A User is what decides the log-in of a user's own entry.
type User struct {
	HomeCluster    bool `json:"homeCluster"`
	Presence       bool `json:"enableImAndPresence"`
	LDAP           bool `json:"useLdapAuth,omitempty"`
	ServiceProfile bool `json:"serviceProfile,omitempty"`
	JabberProfile  bool `json:"jabberProfile,omitempty"`
	// PresenceServers are the nodes that the user is assigned to.
	PresenceServers []string `json:"presenceServers,omitempty"`
}

// ServerName is host:port as configured.
func (o *Observation) ServerName() string { return probe.Clean(o.Target.String()) }

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *Observation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if v := o.Version; v != nil && v.good() {
		facts = append(facts, "UDS of Unified CM "+v.Version)
	} else if v != nil {
		facts = append(facts, v.answer())
	}
	if s := o.Servers; s != nil && s.good() {
		facts = append(facts, fmt.Sprintf("%d servers listed", len(s.Servers)+s.More))
	}
	if u := o.ClusterUser; u != nil && u.good() {
		switch {
		case u.Found && len(u.Homes) > 0:
			facts = append(facts, "home cluster of "+u.Username+": "+strings.Join(u.Homes, ", "))
		case u.Found:
			facts = append(facts, u.Username+" found")
		default:
			facts = append(facts, u.Username+" not found")
		}
	}
	if l := o.Login; l != nil {
		switch {
		case l.OK:
			facts = append(facts, "log-in of "+l.User+" accepted")
		case l.NotMade != "":
			facts = append(facts, "no log-in tried")
		default:
			facts = append(facts, "log-in of "+l.User+" "+l.ended())
		}
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

// ended is how a log-in ended that gave no data.
func (l *Login) ended() string {
	switch {
	case l.Status == http.StatusUnauthorized:
		return "refused"
	case l.Status == http.StatusForbidden:
		return "accepted, the user's data forbidden"
	case l.Status == 0:
		return "not answered"
	}
	return "not judged: " + web.StatusText(l.Status)
}
