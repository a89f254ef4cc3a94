package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// A Plan is every probe that a deployment calls for.
type Plan struct {
	Names       []*dnscheck.Subject
	Directories []ldapcheck.Request
	Stores      []mailcheck.IMAPRequest
	Calendars   []mailcheck.CalendarRequest
	Presence    []sipcheck.SIPRequest
	CTI         []sipcheck.CTIRequest
	// Clients and RetryInterval are what exports say about the clients that share the directory account; zero when they do not.
	Clients       int
	RetryInterval time.Duration
}

// The parts of a deployment, as plans and reports name them.
const (
	AreaDNS       = "dns"
	AreaDirectory = "directory"
	AreaMail      = "mail"
	AreaCalendar  = "calendar"
	AreaSIP       = "sip"
	AreaCTI       = "cti"
)

// Restrict drops the probes none of whose rules are on: what they would see could not be reported.
func (p *Plan) Restrict(on func(*lint.Rule) bool) {
	calendar := func(r *lint.Rule) bool { return r.ID >= "MAIL105" && r.ID <= "MAIL109" }
	store := func(r *lint.Rule) bool { return r.ID < "MAIL105" || r.ID == "MAIL109" }
	cti := func(r *lint.Rule) bool { return r.Area == AreaCTI }
	any := func(rules []*lint.Rule, of func(*lint.Rule) bool) bool {
		return slices.ContainsFunc(rules, func(r *lint.Rule) bool { return on(r) && (of == nil || of(r)) })
	}
	if !any(dnscheck.Rules(), nil) {
		p.Names = nil
	}
	if !any(ldapcheck.Rules(), nil) {
		p.Directories = nil
	}
	if !any(mailcheck.Rules(), store) {
		p.Stores = nil
	}
	if !any(mailcheck.Rules(), calendar) {
		p.Calendars = nil
	}
	if !any(sipcheck.Rules(), func(r *lint.Rule) bool { return !cti(r) }) {
		p.Presence = nil
	}
	if !any(sipcheck.Rules(), cti) {
		p.CTI = nil
	}
}

// NoLogins takes every password out of the plan: all is looked at from outside.
func (p *Plan) NoLogins() {
	for i := range p.Directories {
		r := &p.Directories[i]
		r.Login, r.Auditor, r.Anonymous, r.Bases = ldapcheck.Login{}, ldapcheck.Login{}, true, nil // most directories search for nobody without a log-in
	}
	for i := range p.Stores {
		p.Stores[i].Login = mailcheck.Login{}
	}
	for i := range p.Calendars {
		p.Calendars[i].Login = mailcheck.Login{}
	}
	for i := range p.Presence {
		p.Presence[i].Login = sipcheck.Login{User: p.Presence[i].Login.User}
	}
}

// Empty reports whether there is nothing to probe.
func (p *Plan) Empty() bool {
	return len(p.Names)+len(p.Directories)+len(p.Stores)+len(p.Calendars)+len(p.Presence)+len(p.CTI) == 0
}

// A Row is one target of a plan, for people and for JSON.
type Row struct {
	Area string `json:"area"`
	// Target is host and port as configured; for names in DNS the resolver that is asked.
	Target string `json:"target"`
	// Transport is TCP, TLS, StartTLS or UDP.
	Transport string `json:"transport"`
	// Use says what the deployment uses the target for.
	Use string `json:"use"`
	// Account is who would log in; empty for nobody. LogIn says whether that is tried, or why not.
	Account string `json:"account,omitempty"`
	LogIn   string `json:"logIn"`
	// Auditor is the account that logs in before it, to read its policy and state.
	Auditor string `json:"auditor,omitempty"`
	// Scope tells accounts of the same name apart: the enterprise directory's, Unity Connection's, digest credentials.
	Scope string     `json:"-"`
	Tried bool       `json:"tried"`
	Place live.Place `json:"place,omitzero"`
}

// What a Row says about its log-in.
const (
	loginNone      = "none"
	loginAnonymous = "anonymous"
	loginOnce      = "once"
	loginNoSecret  = "none: no password is known"
)

// Rows lists the targets of the plan in the order in which the run numbers them. resolvers are asked for the names.
func (p *Plan) Rows(resolvers []string) []Row {
	var rows []Row
	if len(p.Names) > 0 {
		rows = append(rows, Row{Area: AreaDNS, Target: strings.Join(resolvers, ", "), Transport: "UDP, TCP", Use: plural(len(p.Names), "name"), LogIn: loginNone})
	}
	for i := range p.Directories {
		rows = append(rows, directoryRow(&p.Directories[i]))
	}
	for i := range p.Stores {
		r := &p.Stores[i]
		rows = append(rows, Row{Area: AreaMail, Use: "voicemail" + ranked(r.Rank), Place: r.Place, Scope: storeScope(r.Product)}.to(r.Target).login(r.Login.User, r.Login.Password.Set()))
	}
	for i := range p.Calendars {
		r := &p.Calendars[i]
		rows = append(rows, Row{Area: AreaCalendar, Use: "calendar" + ranked(r.Rank), Place: r.Place}.to(r.Target).login(r.Login.User, r.Login.Password.Set()))
	}
	for i := range p.Presence {
		r := &p.Presence[i]
		user := r.Login.User
		if !r.Login.Credential.Set() {
			user = "" // the name is only asked for, nobody logs in
		}
		rows = append(rows, Row{Area: AreaSIP, Use: "presence" + ranked(r.Rank), Place: r.Place, Scope: "digest"}.to(r.Target).login(user, r.Login.Credential.Set()))
	}
	for i := range p.CTI {
		r := &p.CTI[i]
		rows = append(rows, Row{Area: AreaCTI, Use: "desk phone" + ranked(r.Rank), Place: r.Place, LogIn: loginNone}.to(r.Target))
	}
	return rows
}

// storeScope: Unity Connection has accounts of its own, Exchange asks the enterprise directory.
func storeScope(p mailcheck.Product) string {
	if p == mailcheck.UnityConnection {
		return string(p)
	}
	return ""
}

func directoryRow(r *ldapcheck.Request) Row {
	row := Row{Area: AreaDirectory, Use: r.Role.Text() + ranked(r.Rank), Place: r.Place, Auditor: probe.Clean(r.Auditor.DN)}.to(r.Target)
	if r.Anonymous || r.Login.DN == "" {
		row.LogIn = loginAnonymous
		return row
	}
	return row.login(r.Login.DN, r.Login.Password.Set())
}

func (r Row) to(t probe.Target) Row {
	r.Target = probe.Clean(t.String())
	switch {
	case t.Network == "udp":
		r.Transport = "UDP"
	case t.Security == probe.ImplTLS:
		r.Transport = "TLS"
	case t.Security == probe.StartTLS:
		r.Transport = "StartTLS"
	default:
		r.Transport = "TCP"
	}
	return r
}

func (r Row) login(account string, secret bool) Row {
	r.Account = probe.Clean(account)
	switch {
	case account == "":
		r.LogIn = loginNone
	case !secret:
		r.LogIn = loginNoSecret
	default:
		r.LogIn, r.Tried = loginOnce, true
	}
	return r
}

func ranked(rank string) string {
	if rank == "" {
		return ""
	}
	return " (" + rank + ")"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Accounts counts the accounts whose password is tried. Each is tried once; only where that proved the password right, further
// connections log in with it.
func Accounts(rows []Row) int {
	accounts := make(map[string]bool)
	for _, r := range rows {
		if r.Tried {
			accounts[r.Scope+"\x00"+strings.ToLower(r.Account)] = true
		}
		if r.Auditor != "" {
			accounts[r.Scope+"\x00"+strings.ToLower(r.Auditor)] = true
		}
	}
	return len(accounts)
}

// LogIn gives every account of the plan that has no password this one, and lets user, if not empty, log in to the mail stores with it. It
// is for a deployment whose accounts share one password, such as a lab's.
func (p *Plan) LogIn(password loginbudget.Secret, user string) {
	for i := range p.Directories {
		if l := &p.Directories[i].Login; !l.Password.Set() {
			l.Password = password
		}
	}
	for i := range p.Stores {
		if user != "" {
			p.Stores[i].Login = mailcheck.Login{User: user, Password: password}
		}
	}
	for i := range p.Calendars {
		if l := &p.Calendars[i].Login; l.User != "" && !l.Password.Set() {
			l.Password = password
		}
	}
	for i := range p.Presence {
		if r := &p.Presence[i]; r.Login.User != "" && r.Facts.Credential == "set" && !r.Login.Credential.Set() {
			r.Login.Credential = password
		}
	}
}
