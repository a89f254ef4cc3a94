package lockouts

import (
	"strings"
	"time"
)

// An Event is one record that matters, in the terms of the current event IDs.
type Event struct {
	Time time.Time
	// When is the time as written, for exports whose time could not be read.
	When string
	// ID is the current number; Original the one in the file: 4740 and 644.
	ID, Original int
	// Logger is the computer whose log it is: a domain controller, mostly.
	Logger string
	User   string
	Domain string
	// Computer is the workstation or caller computer; Address the client's IP address. Either may be missing.
	Computer, Address string
	LogonType         string
	// Status is the reason as a hexadecimal code in lower case, with 0x.
	Status  string
	Process string
}

// The events that are read, by their current numbers.
const (
	Locked   = 4740
	Unlocked = 4767
	LogonBad = 4625
	Kerberos = 4771
	NTLM     = 4776
	LDAPBind = 2889
)

// current maps an event number of any era to the current one; 0 means that it does not matter here. Events of 2003 moved up by
// 4096 with Windows Server 2008; the log-on failures 529 to 539 became one, as did 680 and 681.
func current(id int) int {
	switch {
	case id == Locked, id == Unlocked, id == LogonBad, id == Kerberos, id == NTLM, id == LDAPBind:
		return id
	case id == 644:
		return Locked
	case id == 671:
		return Unlocked
	case id == 675:
		return Kerberos
	case id == 680, id == 681:
		return NTLM
	case id >= 529 && id <= 537, id == 539:
		return LogonBad
	}
	return 0
}

// legacyStatus gives the reason that a 2003 log-on failure says by its number alone.
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
	case 539:
		return "0xc0000234"
	}
	return ""
}

// Reason says a status in words: NTSTATUS values (MS-ERREF, section 2.3) and Kerberos codes (RFC 4120, section 7.5.9).
func Reason(status string) string {
	switch status {
	case "0xc000006a", "0x18":
		return "wrong password"
	case "0xc0000064", "0x6":
		return "no such user"
	case "0xc000006d":
		return "wrong user or password"
	case "0xc000006f":
		return "outside log-on hours"
	case "0xc0000070":
		return "workstation not allowed"
	case "0xc0000071", "0x17":
		return "password expired"
	case "0xc0000072":
		return "account disabled"
	case "0xc0000193":
		return "account expired"
	case "0xc0000224":
		return "password must be changed"
	case "0xc0000234":
		return "account locked"
	case "0xc000015b":
		return "log-on type not granted"
	case "0x12":
		return "account locked, disabled or expired"
	case "":
		return ""
	}
	return "status " + status
}

// failed reports whether the event is a failure at all: 4776 and 680 log good validations, too.
func (e *Event) failed() bool {
	switch e.ID {
	case LogonBad, Kerberos:
		return true
	case NTLM:
		return e.Status != "0x0" && e.Status != ""
	}
	return false
}

// fields are the named values of an event, whatever its format.
type fields map[string]string

func (f fields) get(names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(f[n]); v != "" && v != "-" {
			return v
		}
	}
	return ""
}

// fill takes what matters out of the named values.
func (e *Event) fill(f fields) {
	e.User = f.get("TargetUserName")
	e.Domain = f.get("TargetDomainName")
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
		// In 4740 the field named TargetDomainName holds the caller computer, and the domain stands nowhere.
		if e.Computer == "" {
			e.Computer = computer(e.Domain)
		}
		e.Domain = ""
		e.Status = ""
	}
	if e.ID == LDAPBind {
		e.Address = address(hostOf(f.get("ClientAddress")))
		e.Domain, e.User, _ = cutAccount(f.get("Identity"))
	}
}

// status normalises 0xC000006A, %%2313 and 3221225578 (680 of Windows 2000 wrote decimal).
func status(s string) string {
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "0x") {
		t := strings.TrimLeft(s[2:], "0")
		if t == "" {
			t = "0"
		}
		return "0x" + t
	}
	return decimalStatus(s)
}

func decimalStatus(s string) string {
	var n uint64
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<33 {
			return ""
		}
		n = n*10 + uint64(c-'0')
	}
	if s == "" || n > 0xffffffff {
		return ""
	}
	const digits = "0123456789abcdef"
	out := ""
	for ; n > 0; n >>= 4 {
		out = string(digits[n&15]) + out
	}
	if out == "" {
		out = "0"
	}
	return "0x" + out
}

// address takes the IPv4 form out of ::ffff:10.1.2.3 and drops the machine's own.
func address(s string) string {
	s = strings.TrimPrefix(strings.ToLower(s), "::ffff:")
	if s == "::1" || s == "127.0.0.1" || s == "0.0.0.0" || s == "::" {
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
	return strings.ToUpper(strings.TrimLeft(strings.TrimSpace(s), `\`))
}

// cutAccount splits DOMAIN\user; ok is false without a domain.
func cutAccount(s string) (domain, user string, ok bool) {
	if d, u, found := strings.Cut(s, `\`); found {
		return d, u, true
	}
	return "", s, false
}
