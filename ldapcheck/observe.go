package ldapcheck

import (
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Role says who uses a directory server.
type Role string

// The roles of a directory server in a deployment.
const (
	RoleClient Role = "client"    // the client's directory search
	RoleAuth   Role = "cucm-auth" // CUCM's end-user authentication: what CTIManager binds against
	RoleSync   Role = "cucm-sync" // CUCM's directory synchronisation
	RoleManual Role = "manual"    // named on the command line
)

// Text says the role in a sentence.
func (r Role) Text() string {
	switch r {
	case RoleClient:
		return "the client's directory search"
	case RoleAuth:
		return "CUCM's LDAP authentication (CTIManager)"
	case RoleSync:
		return "CUCM's LDAP synchronisation"
	default:
		return "the directory named on the command line"
	}
}

// A Base is one search context.
type Base struct {
	DN        string `json:"dn"`
	Recursive bool   `json:"recursive"`
}

// A Login is a bind name with its password.
type Login struct {
	DN       string // DN, user@domain or DOMAIN\user
	Password loginbudget.Secret
}

// A Request is one server to probe.
type Request struct {
	Target probe.Target
	Role   Role
	Rank   string // primary, backup1, backup2
	Place  live.Place
	// Login is the account the deployment uses. With Anonymous no bind is made.
	Login     Login
	Anonymous bool
	Bases     []Base
	// Filter is the client's own search; empty means the usual one for people.
	Filter string
	// Attributes are the ones the deployment maps; they are asked for and looked up in the schema.
	Attributes []string
	// Auditor, when it has a DN, reads policy and state before the Login is tried.
	Auditor Login
	// AuditOnly logs in only as the auditor: it reads policy and state of Login.DN and stops.
	AuditOnly bool
}

// An Observation is what one probe saw. It holds no secret.
type Observation struct {
	probe.Observation
	Role    Role       `json:"role"`
	Rank    string     `json:"rank,omitempty"`
	Place   live.Place `json:"place,omitzero"`
	BindDN  string     `json:"bindDN,omitempty"`
	RootDSE *RootDSE   `json:"rootDSE,omitempty"`
	Auditor *Bind      `json:"auditor,omitempty"`
	Bind    *Bind      `json:"bind,omitempty"`
	Bases   []BaseSeen `json:"bases,omitempty"`
	// GC is what the Global Catalog port of the same host answered to what was refused here.
	GC      []GCTrial `json:"globalCatalog,omitempty"`
	GCError string    `json:"globalCatalogError,omitempty"`
	// NotInGC are the mapped attributes that the directory's schema keeps out of the Global Catalog.
	NotInGC    []string `json:"notInGlobalCatalog,omitempty"`
	SchemaRead bool     `json:"schemaRead"`
	Policy     *Policy  `json:"policy,omitempty"`
	Account    *Account `json:"account,omitempty"`
	// At is the directory's time if it shows one, else this computer's.
	At time.Time `json:"at"`
	// Incomplete says that something could not be carried out, and why.
	Incomplete string `json:"incomplete,omitempty"`
}

// RootDSE is what the server shows about itself without a log-in.
type RootDSE struct {
	NamingContexts       []string  `json:"namingContexts,omitempty"`
	DefaultNamingContext string    `json:"defaultNamingContext,omitempty"`
	ForestRoot           string    `json:"forestRoot,omitempty"`
	SchemaContext        string    `json:"schemaContext,omitempty"`
	DNSHostName          string    `json:"dnsHostName,omitempty"`
	Vendor               string    `json:"vendor,omitempty"`
	CurrentTime          time.Time `json:"currentTime,omitzero"`
	Controls             []string  `json:"supportedControls,omitempty"`
	SASL                 []string  `json:"supportedSASLMechanisms,omitempty"`
	ActiveDirectory      bool      `json:"activeDirectory"`
	Lightweight          bool      `json:"lightweight,omitempty"` // AD LDS
	GlobalCatalog        bool      `json:"globalCatalog"`         // the host holds a Global Catalog, on whatever port
	StartTLS             bool      `json:"startTLS"`
}

// A Bind is one log-in, made or not made.
type Bind struct {
	DN string `json:"dn"`
	OK bool   `json:"ok"`
	// Code is the LDAP result code; Sub is AD's sub-code in hex ("52e"); Policy is the ppolicy error.
	Code      int      `json:"code,omitempty"`
	Sub       string   `json:"sub,omitempty"`
	Policy    string   `json:"ppolicy,omitempty"`
	Text      string   `json:"text,omitempty"` // what the server said
	Referrals []string `json:"referrals,omitempty"`
	Matched   string   `json:"matched,omitempty"`
	// Warning is a ppolicy warning: seconds to expiry or grace log-ins left.
	ExpiresIn Span `json:"expiresIn,omitempty"`
	Grace     int  `json:"graceLogins,omitempty"`
	// NotMade says why no bind was sent; Refusal is set if the log-in budget refused.
	NotMade string               `json:"notMade,omitempty"`
	Refusal *loginbudget.Refusal `json:"refusal,omitempty"`
	// Blind says that the log-in was made although neither the lock-out threshold nor the count of failures was known.
	Blind bool `json:"blind,omitempty"`
	// Forgotten says why the outcome could not be saved; empty if it was.
	Forgotten string `json:"forgotten,omitempty"`
}

// BaseSeen is what one search base answered.
type BaseSeen struct {
	Base
	Exists bool `json:"exists"`
	// Entries is what the client's own search found, at most the probe's limit (More says there was more).
	Entries int  `json:"entries"`
	More    bool `json:"more,omitempty"`
	Pages   int  `json:"pages,omitempty"`
	// Referrals are result-code-10 targets and search references, in the order they came.
	Referrals []string `json:"referrals,omitempty"`
	// Code and Text are the result when it was not success; Step says of what: "base" or "search".
	Step    string `json:"step,omitempty"`
	Code    int    `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`
	Matched string `json:"matched,omitempty"`
}

// GCTrial is one form of the same operation on the Global Catalog port.
type GCTrial struct {
	Port    int    `json:"port"`
	BindDN  string `json:"bindDN"`
	Form    string `json:"form"` // dn, upn, down-level
	Base    string `json:"base"`
	Works   bool   `json:"works"` // bound, base there, no referral
	Entries int    `json:"entries"`
	More    bool   `json:"more,omitempty"`
	Text    string `json:"text,omitempty"`
}

// ServerName gives the observation's subject: host:port, the same in every run.
func (o *Observation) ServerName() string { return probe.Clean(o.Target.String()) }
