package mailcheck

import (
	_ "embed"
	"strings"
	"sync"
)

// A why is a refusal in plain words.
type why struct {
	text, fix string
	others    []string // what else it may be, most likely first, where the server does not say
	// unjudged: the server did not judge the password. barred: it was found right, or is not the reason.
	unjudged, barred bool
}

//go:embed reasons.tsv
var reasonsTSV string

type reasonRow struct {
	match, value string
	why          why
}

var reasonRows = sync.OnceValue(func() []reasonRow {
	var out []reasonRow
	for line := range strings.Lines(reasonsTSV) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 6 {
			continue
		}
		w := why{text: f[3], fix: f[4], unjudged: f[2] == "unjudged", barred: f[2] == "barred"}
		if w.fix == "LOGINTYPE" {
			w.fix = exchangeLoginType
		}
		out = append(out, reasonRow{f[0], f[1], w})
	}
	return out
})

// told finds the reason in the server's own words: its response code (RFC 5530), else its sentence.
func told(code, text string) (why, bool) {
	text = strings.ToLower(text)
	for _, match := range []string{"code", "says"} {
		for _, r := range reasonRows() {
			if r.match != match {
				continue
			}
			if match == "code" && r.value == code || match == "says" && strings.Contains(text, r.value) {
				return r.why, true
			}
		}
	}
	return why{}, false
}

// unityCauses are what a refusal by Unity Connection without a reason can be. The first is the usual one: users try the PIN (UC
// Corner, Invalid credentials, 2009). The others are assumptions from experience, in the order to look at.
var unityCauses = []string{
	"may be: the voicemail PIN was used; the Web Application password is the one that counts",
	"may be: the Web Application password must be changed at the next sign-in, has expired or is locked",
	"may be: the class of service does not allow IMAP",
}

// reason explains a refused log-in.
func reason(o *IMAPObservation) why {
	l := o.Login
	if w, ok := told(l.Code, l.Answer); ok {
		return w
	}
	w := why{text: "user name or password is wrong, or the account may not log in; it does not say more",
		fix: "Check the name's form (user, user@domain, DOMAIN\\user) and the password in the product's own web page."}
	switch {
	case l.Code == "ALERT": // RFC 3501, section 7.1: text that must be shown to the user
		w.text, w.fix = "it says: "+l.Answer, "Do what the server's text says."
	case o.Product == UnityConnection:
		w.fix = "Reset the user's Web Application password (not the PIN) on Unity Connection and try that one."
		w.others = unityCauses
	case o.Product == "":
		w.others = []string{"on Unity Connection the Web Application password counts, not the voicemail PIN"}
	case o.exchange2007():
		w.others = []string{"may be: IMAP is off for this mailbox (Set-CASMailbox -ImapEnabled)"}
	}
	if caps := o.channel(); has(caps, "AUTH=XOAUTH2") && !has(caps, "AUTH=PLAIN") && !has(caps, "AUTH=LOGIN") {
		w.others = append(w.others, "may be: the server takes tokens only (AUTH=XOAUTH2, no AUTH=PLAIN), and log-in with a password is switched off")
	}
	return w
}
