package ldapcheck

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/lazy"
)

// A Reason is a failed bind in plain words.
type Reason struct {
	// Key names the reason; it is stable.
	Key string
	// Text completes the sentence "the bind was refused: ...".
	Text string
	Fix  string
	// Hidden says that the directory does not say more before the log-in, and that this can have several reasons.
	Hidden bool
	// PasswordRight says that the directory gives this reason only when the password was right.
	PasswordRight bool
	// Unjudged says that the directory could not judge the password.
	Unjudged bool
}

//go:embed reasons.tsv
var reasonsTSV string

// reasonRow is a row of reasons.tsv.
type reasonRow struct {
	match, value string
	reason       Reason
}

var reasonRows = lazy.Value[[]reasonRow]{New: func() []reasonRow {
	var out []reasonRow
	for line := range strings.Lines(reasonsTSV) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 7 {
			continue
		}
		out = append(out, reasonRow{f[0], f[1], Reason{Key: f[2], Text: f[4], Fix: f[5], Hidden: strings.Contains(f[3], "hidden"),
			PasswordRight: strings.Contains(f[3], "right"), Unjudged: strings.Contains(f[3], "unjudged")}})
	}
	return out
}}

// adReason explains an Active Directory sub-code: the hexadecimal Win32 error after "data" in the text of result 49.
func adReason(sub string) (Reason, bool) { return reasonOf("data", sub) }

// ppolicyReason explains the error of a password policy control.
func ppolicyReason(name string) (Reason, bool) { return reasonOf("control", name) }

func reasonOf(match, value string) (Reason, bool) {
	for _, r := range reasonRows.Get() {
		if value != "" && r.match == match && r.value == value {
			return r.reason, true
		}
	}
	return Reason{}, false
}

// saidReason explains the server's own words: products of other makers than Microsoft put the reason into the text, not into the code.
func saidReason(text string) (Reason, bool) {
	text = strings.ToLower(text)
	for _, r := range reasonRows.Get() {
		if r.match == "says" && strings.Contains(text, r.value) {
			return r.reason, true
		}
	}
	return Reason{}, false
}

// SubCode finds AD's sub-code in the text of a bind result: "... AcceptSecurityContext error, data 52e, v1db1".
// DSID and version differ between builds, so only "data" counts. It gives "" when there is none.
func SubCode(text string) string {
	const mark = "data "
	for {
		i := strings.Index(text, mark)
		if i < 0 {
			return ""
		}
		before := i == 0 || !isAlnum(text[i-1])
		text = text[i+len(mark):]
		n := 0
		for n < len(text) && isHex(text[n]) {
			n++
		}
		if before && n >= 1 && n <= 8 && (n == len(text) || !isAlnum(text[n])) {
			if sub := strings.ToLower(strings.TrimLeft(text[:n], "0")); sub != "" {
				return sub
			}
		}
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// ppolicyName gives the names of draft-behera-ldap-password-policy-10, section 6.2.
func ppolicyName(code int8) string {
	names := [...]string{"passwordExpired", "accountLocked", "changeAfterReset", "passwordModNotAllowed", "mustSupplyOldPassword",
		"insufficientPasswordQuality", "passwordTooShort", "passwordTooYoung", "passwordInHistory"}
	if code < 0 || int(code) >= len(names) {
		return ""
	}
	return names[code]
}

// Why explains a bind that was made and failed.
func (b *Bind) Why() Reason {
	// before the control: 389 Directory Server says accountLocked for an account that was switched off, too
	if r, ok := saidReason(b.Text); ok && b.Sub == "" {
		return r
	}
	if r, ok := ppolicyReason(b.Policy); ok {
		return r
	}
	if r, ok := adReason(b.Sub); ok {
		return r
	}
	switch b.Code {
	case ldap.LDAPResultInvalidCredentials:
		if b.Sub != "" {
			return Reason{Key: "refused", Hidden: true, Text: "AD gives sub-code " + b.Sub + ", which is not a known reason",
				Fix: "Find the code in the list of hexadecimal Win32 errors (net helpmsg needs it in decimal)."}
		}
		if words := b.words(); words != "" {
			return Reason{Key: "refused", Hidden: true,
				Text: fmt.Sprintf("the directory says %q, which is not a known reason. The password or the name may be wrong, or the account may be "+
					"locked or expired", words),
				Fix: "Follow the server's text. Or read the account's state with --auditor-dn or in the directory's own log."}
		}
		return Reason{Key: "refused", Hidden: true,
			Text: "the directory hides the reason: a wrong password, an unknown name, a locked or an expired account all look the same here",
			Fix: "Read the account's state with --auditor-dn, or in the directory's own log. OpenLDAP distinguishes a locked account only with " +
				"ppolicy_use_lockout."}
	case ldap.LDAPResultConstraintViolation:
		if words := b.words(); words != "" {
			return Reason{Key: "constraint", Hidden: true, Text: fmt.Sprintf("the directory reports a violated constraint and says %q", words),
				Fix: "Follow the server's text. Read the account's state with --auditor-dn, or in the directory's own log, before anyone else tries " +
					"this account."}
		}
		return Reason{Key: "constraint", Hidden: true,
			Text: "the directory reports a violated constraint but does not say which one. Some directories give this answer to the wrong " +
				"password that locks the account",
			Fix: "Read the account's state with --auditor-dn, or in the directory's own log, before anyone else tries this account."}
	case ldap.LDAPResultReferral:
		return Reason{Key: "referral", Text: "the server does not have the bind name and gives a referral to another server",
			Fix: "Bind to a server that has the account, or to the Global Catalog (3268, with TLS 3269)."}
	case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return Reason{Key: "tls-required", Text: "the directory does not accept a password over a connection that is not encrypted",
			Fix: "Use TLS: port 636 (Global Catalog 3269), or StartTLS."}
	case ldap.LDAPResultInvalidDNSyntax:
		return Reason{Key: "dn-syntax", Text: "the bind name is not a DN that this directory understands",
			Fix: "Write the bind name as a DN (RFC 4514). Only AD also accepts user@domain and DOMAIN\\user."}
	case ldap.LDAPResultUnwillingToPerform:
		if words := b.words(); words != "" {
			return Reason{Key: "unwilling", Text: fmt.Sprintf("the directory is not willing to accept this bind and says %q", words),
				Fix: "Follow the server's text; the directory's own log may say more."}
		}
		return Reason{Key: "unwilling", Text: "the directory is not willing to accept this bind",
			Fix: "Check that simple binds are allowed, and that the account has a password."}
	case ldap.LDAPResultInappropriateAuthentication:
		return Reason{Key: "inappropriate", Text: "the entry cannot log in with a password. It may have none",
			Fix: "Check the bind name: it must be the name of the account, not of a folder or a group."}
	case ldap.LDAPResultNoSuchObject:
		return Reason{Key: "no-such-user", Text: "no such entry", Fix: "Correct the bind DN."}
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable:
		return Reason{Key: "unavailable", Text: "the directory is busy or not available",
			Fix: "Try again later. Look at the state of the directory server."}
	}
	return Reason{Key: "refused", Text: "the directory answers with " + resultText(b.Code, b.words()) + ", which is unusual for a bind",
		Fix: "Look the result code up in RFC 4511, appendix A, and in the server's own log."}
}

// words are the server's own words; empty if it says nothing, or only what AD says with every result.
func (b *Bind) words() string {
	if strings.Contains(b.Text, "LdapErr: DSID-") {
		return ""
	}
	return strings.TrimSpace(b.Text)
}
