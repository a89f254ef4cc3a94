package mailcheck

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

// A why is the reason of a refusal in plain words.
type why struct {
	text, fix string
	others    []string // what else it may be, most likely first, if the server does not say
	// unjudged: the server did not judge the password. barred: it was found right, or is not the reason.
	unjudged, barred bool
	// late: the failure can come after another service has judged the password, so it may count.
	late         bool
	vague, bland bool
}

//go:embed reasons.tsv
var reasonsTSV string

type reasonRow struct {
	match, value string
	why          why
}

var reasonRows = lazy.Value[[]reasonRow]{New: func() []reasonRow {
	var out []reasonRow
	for line := range strings.Lines(reasonsTSV) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 6 {
			continue
		}
		flag := func(name string) bool { return slices.Contains(strings.Fields(f[2]), name) }
		w := why{text: f[3], fix: f[4], unjudged: flag("unjudged"), barred: flag("barred"), late: flag("late"), vague: flag("vague"),
			bland: flag("bland")}
		if w.fix == "LOGINTYPE" {
			w.fix = exchangeLoginType
		}
		out = append(out, reasonRow{f[0], f[1], w})
	}
	return out
}}

// told finds the reason in the server's own words: its response code (RFC 5530), else its sentence, else a vague code.
func told(code, text string) (why, bool) {
	text = strings.ToLower(text)
	for _, fits := range []func(*reasonRow) bool{
		func(r *reasonRow) bool { return r.match == "code" && r.value == code && !r.why.vague },
		func(r *reasonRow) bool { return r.match == "says" && !r.why.bland && containsWord(text, r.value) },
		func(r *reasonRow) bool { return r.match == "code" && r.value == code },
	} {
		if i := slices.IndexFunc(reasonRows.Get(), func(r reasonRow) bool { return fits(&r) }); i >= 0 {
			return reasonRows.Get()[i].why, true
		}
	}
	return why{}, false
}

// toldOfFolder finds the reason in the answer to EXAMINE. The log-in has passed, so a lock is that of the mailbox, not of the account.
func toldOfFolder(answer string) (why, bool) {
	code, text := codeIn(answer), strings.ToLower(answer)
	for _, r := range reasonRows.Get() {
		if r.match == "folder" && (r.value == code || containsWord(text, r.value)) {
			return r.why, true
		}
	}
	return told(code, answer)
}

// unityCauses are possible causes of a refusal by Unity Connection without a reason. The first is the usual one: users try the PIN (UC
// Corner, Invalid credentials, 2009). The others are assumptions from experience, in the order in which to check them.
var unityCauses = []string{
	"possible: the voicemail PIN was used; the client needs the Web Application password",
	"possible: the Web Application password must be changed at the next sign-in, has expired or is locked",
	"possible: the class of service does not allow IMAP",
}

// bland reports whether an answer only says that the log-in failed.
func bland(answer string) bool {
	text := strings.ToLower(answer)
	for {
		word, rest, _ := strings.Cut(text, " ")
		if word != "no" && word != "bad" && !strings.HasPrefix(word, "[") {
			break
		}
		text = strings.TrimSpace(rest)
	}
	return text == "" || slices.ContainsFunc(reasonRows.Get(), func(r reasonRow) bool { return r.why.bland && containsWord(text, r.value) })
}

// reason explains a refused log-in.
func reason(o *IMAPObservation) why {
	l := o.Login
	if w, ok := told(l.Code, l.Answer); ok {
		return w
	}
	w := why{text: "user name or password is wrong, or the account may not log in; it does not say more",
		fix: "Check the form of the name (user, user@domain, DOMAIN\\user), and test the password on the product's own web page."}
	switch {
	case bland(l.Answer) && l.Alert != "":
		w.text = fmt.Sprintf("user name or password is wrong, or the account may not log in. The server alerts the user: %q", l.Alert)
		w.fix = "Follow the server's alert; the server's log may say more."
	case !bland(l.Answer): // an alert above all (RFC 3501, section 7.1) is text that must be shown to the user
		w.text = fmt.Sprintf("it says %q, which is not a known reason. The name or the password may be wrong, or the account may not log in",
			l.Answer)
		w.fix = "Follow the server's text; the server's log may say more."
	case o.Product == UnityConnection:
		w.fix = "Reset the user's Web Application password (not the PIN) on Unity Connection and use it."
		w.others = unityCauses
	case o.Product == "":
		w.others = []string{"on Unity Connection the client needs the Web Application password, not the voicemail PIN"}
	case o.exchange2007():
		w.others = []string{"possible: IMAP is off for this mailbox (Set-CASMailbox -ImapEnabled)"}
	}
	if caps := o.channel(); has(caps, "AUTH=XOAUTH2") && !has(caps, "AUTH=PLAIN") && !has(caps, "AUTH=LOGIN") {
		w.others = append(w.others, "possible: the server accepts only tokens (AUTH=XOAUTH2, no AUTH=PLAIN), and log-in with a password is "+
			"switched off")
	}
	return w
}
