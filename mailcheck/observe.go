package mailcheck

import (
	"net/http"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Product says what the other side is. The zero value is unknown.
type Product string

// The products of a deployment, as MailStore.ServerType spells them.
const (
	UnityConnection Product = "UnityConnection"
	Exchange2003    Product = "Exchange2003"
	Exchange2007    Product = "Exchange2007"
	Exchange2010    Product = "Exchange2010"
)

// A Login is a user name with its password.
type Login struct {
	User     string
	Password loginbudget.Secret
}

// wanted reports whether a log-in was asked for at all.
func (l Login) wanted() bool { return l.User != "" && l.Password.Set() }

// An IMAPRequest is one mail store to probe.
type IMAPRequest struct {
	Target  probe.Target
	Product Product
	Rank    string // primary, backup 1, backup 2
	Place   live.Place
	// Login is made once when it has a user and a password. No export has them: every user has other ones.
	Login Login
	// Folder is the one that is opened, read-only; empty means INBOX.
	Folder string
}

// A LoginResult is how the one log-in went. It holds no secret.
type LoginResult struct {
	User string `json:"user"`
	OK   bool   `json:"ok"`
	// Answer is what the server said: IMAP's NO or BAD with its text, or the HTTP status line.
	Answer string `json:"answer,omitempty"`
	// Code is IMAP's response code (RFC 5530), as AUTHENTICATIONFAILED.
	Code string `json:"code,omitempty"`
	// Alert is what an IMAP server wants the user to read, next to its answer (RFC 3501, section 7.1).
	Alert string `json:"alert,omitempty"`
	// NotMade says why the log-in was not made; empty if it was.
	NotMade string `json:"notMade,omitempty"`
	// Refusal is the reason of the budget, if the budget refused.
	Refusal *loginbudget.Refusal `json:"refusal,omitempty"`
	// NotJudged says that the server did not judge the password: it failed by itself, stayed silent or closed the connection.
	NotJudged bool `json:"notJudged,omitempty"`
	// Blind says that the log-in was made although neither the lock-out threshold nor the count of failures was known.
	Blind bool `json:"blind,omitempty"`
}

// A Folder is what EXAMINE answered.
type Folder struct {
	Name     string `json:"name"`
	Opened   bool   `json:"opened"`
	Messages uint32 `json:"messages"`
	Answer   string `json:"answer,omitempty"` // what the server said instead
}

// An IMAPObservation is what one probe of a mail store saw. It holds no secret.
type IMAPObservation struct {
	probe.Observation
	Product Product    `json:"product,omitempty"`
	Rank    string     `json:"rank,omitempty"`
	Place   live.Place `json:"place"`
	At      time.Time  `json:"at"`

	Greeting string `json:"greeting,omitempty"`
	// Before are the capabilities in clear text, After those inside TLS; nil when not asked.
	Before []string `json:"capabilitiesBefore,omitempty"`
	After  []string `json:"capabilitiesAfter,omitempty"`
	// Preauthenticated says that for the server the client was logged in at the greeting already.
	Preauthenticated bool         `json:"preauthenticated,omitempty"`
	Login            *LoginResult `json:"login,omitempty"`
	// Stray is a line that is not IMAP, if the server sent one.
	Stray string `json:"stray,omitempty"`
	// Bye is what the server said when it ended the connection (RFC 3501, section 7.1.5).
	Bye    string  `json:"bye,omitempty"`
	Folder *Folder `json:"folder,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// channel gives the capabilities on the channel the client would log in over.
func (o *IMAPObservation) channel() []string {
	if o.Target.Security == probe.Plain {
		return o.Before
	}
	return o.After
}

// A CalendarRequest is one Exchange gateway to probe.
type CalendarRequest struct {
	Target  probe.Target // with ImplTLS for https
	Product Product
	// Protocol is WebDAV or EWS: how the presence server reads calendars. Empty means WebDAV.
	Protocol string
	Rank     string
	Place    live.Place
	// Login is the account that reads the calendars; its log-in is tried once when it has a password.
	Login Login
	// Mailbox is the owner of the calendar that is asked for; empty means that only the root of the mailboxes is asked for.
	Mailbox string
	// Folder is the name of the calendar folder in the mailbox's language; empty means Calendar.
	Folder string
}

// An Exchange is one HTTP request and its answer.
type Exchange struct {
	Request string `json:"request"` // method and path
	Status  int    `json:"status"`
	// Headers are those that give facts, one "Name: value" each; of cookies only the names.
	Headers []string `json:"headers,omitempty"`
	// Form says that the body is a log-in form of Outlook Web Access.
	Form bool `json:"form,omitempty"`

	header http.Header // whole, for the probe itself, as the body is
	body   string
}

// A CalendarObservation is what one probe of a gateway saw. It holds no secret.
type CalendarObservation struct {
	probe.Observation
	Product  Product    `json:"product,omitempty"`
	Protocol string     `json:"protocol,omitempty"`
	Rank     string     `json:"rank,omitempty"`
	Place    live.Place `json:"place"`
	At       time.Time  `json:"at"`

	// Options are the answers to OPTIONS on the mailbox's URL (or the web services' address) without a log-in, each over a separate
	// connection, which shows different servers with one name.
	Options []Exchange `json:"options,omitempty"`
	// EWS is the answer of the web services' address, DAV the one to the request with the account: PROPFIND, or GET of the web services.
	EWS   *Exchange    `json:"ews,omitempty"`
	DAV   *Exchange    `json:"dav,omitempty"`
	Login *LoginResult `json:"login,omitempty"`
	// Offered are the authentication schemes, in the order offered.
	Offered []string `json:"offered,omitempty"`
	// Generations are the Exchange versions that headers show.
	Generations []string `json:"generations,omitempty"`
	// Signs are the signs of something in between: a gateway, a proxy, a load balancer.
	Signs      []string `json:"signs,omitempty"`
	Incomplete string   `json:"incomplete,omitempty"`
}
