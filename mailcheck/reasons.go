package mailcheck

import "strings"

// A why is a refusal in plain words.
type why struct {
	text, fix string
	others    []string // what else it may be, most likely first, where the server does not tell
}

// codes are the response codes that tell a reason (RFC 5530).
var codes = map[string]why{
	"EXPIRED":             {text: "the password has expired", fix: "Have the user set a new password, then log in again."},
	"AUTHORIZATIONFAILED": {text: "the password is right, but the account may not use this mailbox", fix: "Log in as the owner of the mailbox, or give the account access to it."},
	"PRIVACYREQUIRED":     {text: "it wants TLS before a password", fix: exchangeLoginType},
	"UNAVAILABLE":         {text: "a part of the server that it needs is not available; the password was not judged", fix: "Check the server's own services and its directory, then try again."},
	"INUSE":               {text: "the mailbox is in use elsewhere; the password was not judged", fix: "Close other sessions of the mailbox."},
	"LIMIT":               {text: "a limit of the server is reached; the password was not judged", fix: "Close other sessions, or raise the limit of sessions."},
	"SERVERBUG":           {text: "the server reports a fault of its own", fix: "Look at the server's log."},
	"CONTACTADMIN":        {text: "an administrator has to act", fix: "Look at the account on the server: it may be locked or disabled."},
	"NOPERM":              {text: "the account may not do this", fix: "Give the account access to IMAP."},
}

// words are parts of the text of a refusal that tell a reason where there is no code. They are looked for in lower case.
var words = []struct {
	parts []string
	why   why
}{
	{[]string{"locked", "lockout", "locked out"}, why{text: "the account is locked", fix: "Unlock it after all clients that hold the old password are closed. On Unity Connection: the user's Web Application password settings, Unlock Password."}},
	{[]string{"must change", "change password", "must be changed"}, why{text: "the password must be changed first", fix: "Change it in a browser, or take \"User Must Change at Next Sign-In\" off the Web Application password."}},
	{[]string{"expired"}, why{text: "the password has expired", fix: "Set a new one. On Unity Connection it is the Web Application password."}},
	{[]string{"disabled", "inactive"}, why{text: "the account, or its use of IMAP, is disabled", fix: "Enable it. On Unity Connection the class of service must allow access to voice mail by IMAP clients."}},
	{[]string{"not allowed", "class of service", "licens", "not permitted", "access denied"}, why{text: "the account may not use IMAP", fix: "On Unity Connection: assign a class of service that allows access to voice mail by IMAP clients."}},
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
	if w, ok := codes[l.Code]; ok {
		return w
	}
	text := strings.ToLower(l.Answer)
	for _, w := range words {
		for _, p := range w.parts {
			if strings.Contains(text, p) {
				return w.why
			}
		}
	}
	w := why{text: "user name or password is wrong, or the account may not log in; it does not say more",
		fix: "Check the name's form (user, user@domain, DOMAIN\\user) and the password in the product's own web page."}
	switch {
	case o.Product == UnityConnection:
		w.fix = "Reset the user's Web Application password (not the PIN) on Unity Connection and try that one."
		w.others = unityCauses
	case o.Product == "":
		w.others = []string{"on Unity Connection the Web Application password counts, not the voicemail PIN"}
	case o.exchange2007():
		w.others = []string{"may be: IMAP is off for this mailbox (Set-CASMailbox -ImapEnabled)"}
	}
	return w
}
