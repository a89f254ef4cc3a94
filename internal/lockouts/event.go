package lockouts

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// An Event is one record that matters, in the terms of the current event numbers.
type Event struct {
	// Time is when it happened; zero where it could not be read. A date whose day and month could be swapped has the other reading in
	// Alt, and the whole file decides (see Stats.Notes).
	Time, Alt time.Time
	// When is the time as written.
	When string
	// ID is the current number; Original the one in the file: 4740 and 644.
	ID, Original int
	// Logger is the computer whose log it is.
	Logger string
	User   string
	Domain string
	// Loose says that Domain is the suffix of a user principal name or of a DN, which need not be the account's domain.
	Loose bool
	// Computer is the workstation or caller computer; Address the client's IP address. Either may be missing.
	Computer, Address string
	LogonType         string
	// Status is the reason as a hexadecimal code in lower case, with 0x.
	Status  string
	Process string
	// ReporterDomain is the domain of the computer account that reports the event (Subject), WORKGROUP outside a domain; empty where
	// another account does.
	ReporterDomain string
}

// The events that are read, by their current numbers.
const (
	Locked   = 4740
	Unlocked = 4767
	LogonBad = 4625
	Kerberos = 4771
	Ticket   = 4768
	NTLM     = 4776
	LDAPBind = 2889
)

// current maps an event number of any era to the current one; 0 means that it does not matter here.
func current(id int) int {
	if s := specs.Get()[id]; s != nil {
		return s.current
	}
	return 0
}

// legacyStatus gives the reason that the number of a 2003 logon failure says (msaudite.h).
func legacyStatus(id int) string {
	switch id {
	case 529:
		return "0xc000006d"
	case 530:
		return "0xc000006f"
	case 531:
		return "0xc0000072"
	case 532:
		return "0xc0000193"
	case 533:
		return "0xc0000070"
	case 534:
		return "0xc000015b"
	case 535:
		return "0xc0000071"
	case 536:
		return "0xc0000192"
	case 539:
		return "0xc0000234"
	}
	return ""
}

// Reason says a status in words (codes.tsv).
func Reason(status string) string {
	if status == "" {
		return ""
	}
	if words := codes.Get()[status]; words != "" {
		return words
	}
	return "status " + status
}

// preauthRequired is the answer to the first request of every Kerberos log-in, not a failure (RFC 4120, KDC_ERR_PREAUTH_REQUIRED).
const preauthRequired = "0x19"

// failed reports whether the event is a failure at all: 4776, 4768 and 680 log good validations, too.
func (e *Event) failed() bool {
	s := specs.Get()[cmp.Or(e.Original, e.ID)]
	switch {
	case s == nil, e.Status == preauthRequired && (e.ID == Kerberos || e.ID == Ticket):
		return false
	case s.kind == isValidation:
		return e.Status != "0x0" && e.Status != ""
	}
	return s.kind == isFailure
}

// local reports whether the log-in was made on the logging computer itself: interactive, batch, service, unlock, remote desktop, cached
// (Microsoft Learn, event 4625, logon types).
func (e *Event) local() bool {
	if e.ID != LogonBad {
		return false
	}
	return logonType(e.LogonType) != ""
}

// logonType is the word of a type that names the logging computer itself; empty for others.
func logonType(number string) string {
	switch number {
	case "2":
		return "interactive"
	case "4":
		return "batch"
	case "5":
		return "service"
	case "7":
		return "unlock"
	case "10":
		return "remote desktop"
	case "11":
		return "cached"
	}
	return ""
}

// fields are the named values of an event, whatever its wrapping.
type fields map[string]string

func (f fields) get(names ...string) string {
	for _, n := range names {
		if v := strings.Trim(f[n], " \t\r\n\u00a0\u200e\u200f\x00"); v != "" && v != "-" && v != "N/A" {
			return v
		}
	}
	return ""
}

// raw is one record as a wrapping found it.
type raw struct {
	id     string // as written
	logger string
	when   string
	// utc says that a time without a zone is UTC in this wrapping.
	utc     bool
	fields  fields
	values  []string // values without names, in their order
	message string
	rank    int // how good the time is that was taken (JSON has several)
}

// event makes an Event of a record. used is false for a record that does not matter; an event without a user is unclear.
func (x *raw) event(c *clock) (e *Event, used bool) {
	id := number(x.id)
	s := specs.Get()[id]
	if s == nil {
		return nil, false
	}
	f := fields{}
	for k, v := range x.fields {
		f[k] = v
	}
	for i, v := range x.values {
		if i < len(s.values) && (id != 672 || len(x.values) > 9) && f[s.values[i]] == "" {
			f[s.values[i]] = v // 672 of Windows 2000 has no result code: it is always a success
		}
	}
	if x.message != "" {
		for k, v := range readMessage(s, x.message) {
			if f.get(k) == "" {
				f[k] = v
			}
		}
	}
	if f.get("TargetUserName") == "" && x.message == "" && len(x.values) == 0 {
		f["TargetUserName"] = f.get("User")
	}
	e = &Event{ID: s.current, Original: id, Logger: computer(x.logger), When: strings.TrimSpace(x.when)}
	c.read(e, x.utc)
	e.fill(f)
	return e, true
}

// number reads an event number: 4740, 4,740 and the instance ID of an old event, whose upper half is the severity.
func number(s string) int {
	s = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if r == ',' || r == ' ' || r == '.' || r == '\u00a0' {
			return -1
		}
		return 'x'
	}, strings.TrimSpace(s))
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return int(n & 0xffff)
}

// fill takes what matters out of the named values.
func (e *Event) fill(f fields) {
	e.User, e.Domain = f.get("TargetUserName"), f.get("TargetDomainName")
	e.Status = status(f.get("SubStatus"))
	if e.Status == "" || e.Status == "0x0" {
		if s := status(f.get("Status")); s != "" {
			e.Status = s
		}
	}
	if e.Status == "" {
		e.Status = legacyStatus(e.Original)
	}
	e.Address = address(f.get("IpAddress"))
	e.Computer = computer(f.get("WorkstationName", "Workstation", "CallerComputer"))
	e.LogonType = f.get("LogonType")
	e.Process = f.get("ProcessName")
	if e.ID == Locked {
		// In 4740 the field named TargetDomainName holds the caller computer, and the account's domain is not written.
		e.Computer = computer(f.get("CallerComputer", "TargetDomainName", "WorkstationName", "Workstation"))
		e.Domain, e.Status = "", ""
	}
	if e.ID == LDAPBind {
		e.Address = address(hostOf(f.get("ClientAddress", "IpAddress")))
		e.User, e.Domain = f.get("Identity", "TargetUserName"), ""
	}
	e.splitUser()
	if e.Domain == "" {
		if _, realm, ok := strings.Cut(f.get("ServiceName"), "/"); ok && (e.ID == Kerberos || e.ID == Ticket) {
			e.Domain = realm // krbtgt/EXAMPLE
		}
	}
	if name, ok := strings.CutSuffix(f.get("SubjectUserName"), "$"); ok && (e.ID == Locked || e.ID == LogonBad) {
		e.ReporterDomain = f.get("SubjectDomainName")
		if e.Logger == "" {
			e.Logger = computer(name) // the computer's own account reports: Event Viewer's CSV has no column for the computer
		}
	}
}

// splitUser takes a domain out of DOMAIN\user, user@domain or a DN.
func (e *Event) splitUser() {
	user, domain, loose := SplitAccount(e.User)
	if domain != "" && e.Domain == "" {
		e.Domain, e.Loose = domain, loose
	}
	e.User = user
}

// SplitAccount splits DOMAIN\user, user@domain or a DN. loose says that the domain is the suffix of a user principal name or of a
// DN and need not be the account's domain.
func SplitAccount(s string) (user, domain string, loose bool) {
	s = strings.TrimSpace(s)
	if head, rest, ok := strings.Cut(s, "="); ok && !strings.ContainsAny(head, `\@`) {
		user, rest, _ = strings.Cut(rest, ",")
		var dcs []string
		for part := range strings.SplitSeq(rest, ",") {
			if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(k, "DC") {
				dcs = append(dcs, v)
			}
		}
		return user, strings.Join(dcs, "."), true
	}
	if d, u, ok := strings.Cut(s, `\`); ok {
		return u, d, false
	}
	if i := strings.LastIndexByte(s, '@'); i > 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// status normalises 0xC000006A, %%2313 and 3221225578 (681 of Windows 2000 wrote decimal).
func status(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(s), " ")
	if h, ok := strings.CutPrefix(s, "0x"); ok {
		if n, err := strconv.ParseUint(h, 16, 64); err == nil {
			return "0x" + strconv.FormatUint(n, 16)
		}
		return ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 0xffffffff || n < -1<<31 {
		return ""
	}
	return "0x" + strconv.FormatUint(uint64(n)&0xffffffff, 16)
}

// address takes the IPv4 form out of ::ffff:10.1.2.3 and drops the machine's own.
func address(s string) string {
	s = strings.TrimPrefix(strings.ToLower(s), "::ffff:")
	if s == "::1" || strings.HasPrefix(s, "127.") || s == "0.0.0.0" || s == "::" || s == "localhost" || s == "local" {
		return ""
	}
	return s
}

// hostOf drops a port: 10.1.2.3:50123, [2001:db8::1]:50123.
func hostOf(s string) string {
	if i := strings.LastIndexByte(s, ':'); i > 0 && (strings.Count(s, ":") == 1 || strings.Contains(s, "]:")) {
		s = s[:i]
	}
	return strings.Trim(s, "[]")
}

func computer(s string) string {
	s = strings.ToUpper(strings.TrimLeft(strings.Trim(s, " \t\r\n."), `\`))
	if s == "-" || s == "LOCALHOST" || s == "N/A" {
		return ""
	}
	return s
}
