package ldapcheck

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// A Reason is a failed bind in plain words.
type Reason struct {
	// Key names the reason; it is stable.
	Key string
	// Text completes the sentence "the bind was refused: ...".
	Text string
	Fix  string
	// Hidden says that the directory does not tell more to an outsider, and may mean several things by it.
	Hidden bool
	// PasswordRight says that the directory gives this reason only when the password was right.
	PasswordRight bool
}

// adReason explains an Active Directory sub-code: the hexadecimal Win32 error behind "data" in the text of result 49.
// The list agrees with Microsoft's system error codes (winerror.h) and what public lists of these sub-codes say.
func adReason(sub string) (Reason, bool) {
	switch sub {
	case "525":
		return Reason{Key: "no-such-user", Text: "no such user", Fix: "Correct the bind name. AD takes a DN, user@domain or DOMAIN\\user."}, true
	case "52e":
		return Reason{Key: "wrong-password", Hidden: true,
			Text: "wrong password, or a user that does not exist, or a disabled account with a wrong password: AD gives one code for all of them",
			Fix:  "Compare the bind name with the account, then set the password again in every place that stores it. Do not try passwords: each try counts towards the lock-out."}, true
	case "530":
		return Reason{Key: "hours", PasswordRight: true, Text: "the account may not log on at this hour", Fix: "Allow the service account to log on at all hours (Account tab, Logon Hours)."}, true
	case "531":
		return Reason{Key: "workstation", PasswordRight: true, Text: "the account may log on only from certain workstations, and a directory bind comes from none of them",
			Fix: "Remove the workstation restriction from the service account (Account tab, Log On To), or list the domain controllers there."}, true
	case "532":
		return Reason{Key: "password-expired", PasswordRight: true, Text: "the password has expired", Fix: "Set a new password and let a policy without expiry apply to the service account."}, true
	case "533":
		return Reason{Key: "disabled", PasswordRight: true, Text: "the account is disabled", Fix: "Enable the account, or use the one that replaced it."}, true
	case "568":
		return Reason{Key: "too-many-groups", PasswordRight: true, Text: "the account is in too many groups for a log-on token", Fix: "Take the service account out of groups it does not need."}, true
	case "701":
		return Reason{Key: "account-expired", PasswordRight: true, Text: "the account has expired", Fix: "Remove the expiry date of the service account (Account tab, Account expires)."}, true
	case "773":
		return Reason{Key: "must-change", PasswordRight: true, Text: "the password must be changed at the next log-on, which no directory client can do",
			Fix: "Clear \"User must change password at next logon\"."}, true
	case "775":
		return Reason{Key: "locked", Text: "the account is locked out; AD says so for right and wrong passwords alike",
			Fix: "Find out who locks it (cupclint ldap lockouts) and log those clients out before you unlock it, or move to a second account (cupclint ldap rotate-plan)."}, true
	case "57":
		return Reason{Key: "invalid-parameter", Text: "AD found the bind request malformed", Fix: "Check the form of the bind name: a DN, user@domain or DOMAIN\\user."}, true
	case "52f":
		return Reason{Key: "restriction", PasswordRight: true, Text: "an account restriction forbids the log-on, such as an empty password", Fix: "Check the account's restrictions in the domain."}, true
	case "569":
		return Reason{Key: "logon-type", PasswordRight: true, Text: "the account may not log on in this way", Fix: "Grant the account the right \"Access this computer from the network\" on the domain controllers."}, true
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

func ppolicyReason(name string) (Reason, bool) {
	switch name {
	case "passwordExpired":
		return Reason{Key: "password-expired", Text: "the password has expired and no grace log-in is left", Fix: "Set a new password, and a policy without pwdMaxAge for the service account."}, true
	case "accountLocked":
		return Reason{Key: "locked", Text: "the account is locked",
			Fix: "Find out who locks it and log those clients out before you remove pwdAccountLockedTime, or move to a second account (cupclint ldap rotate-plan)."}, true
	case "changeAfterReset":
		return Reason{Key: "must-change", PasswordRight: true, Text: "the password was reset and must be changed before anything else is allowed", Fix: "Change the password once as the account itself, or clear pwdReset."}, true
	}
	return Reason{}, false
}

// Why explains a bind that was made and failed.
func (b *Bind) Why() Reason {
	if r, ok := ppolicyReason(b.Policy); ok {
		return r
	}
	if r, ok := adReason(b.Sub); ok {
		return r
	}
	switch b.Code {
	case ldap.LDAPResultInvalidCredentials:
		if b.Sub != "" {
			return Reason{Key: "refused", Hidden: true, Text: "AD gives sub-code " + b.Sub + ", which is not a known reason", Fix: "Look the code up as a hexadecimal Win32 error (net helpmsg takes it in decimal)."}
		}
		return Reason{Key: "refused", Hidden: true,
			Text: "the directory hides why: a wrong password, an unknown name, a locked or an expired account all look alike here",
			Fix:  "Read the account's state with --auditor-dn, or in the directory's own log. OpenLDAP tells a locked account apart only with ppolicy_use_lockout."}
	case ldap.LDAPResultReferral:
		return Reason{Key: "referral", Text: "the server does not hold the bind name and points elsewhere", Fix: "Bind at a server that holds the account, or at the Global Catalog (3268, with TLS 3269)."}
	case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return Reason{Key: "tls-required", Text: "the directory takes no password over a connection that is not encrypted",
			Fix: "Use TLS: port 636 (Global Catalog 3269), or StartTLS."}
	case ldap.LDAPResultInvalidDNSyntax:
		return Reason{Key: "dn-syntax", Text: "the bind name is no DN that this directory understands", Fix: "Write the bind name as a DN (RFC 4514); only AD also takes user@domain and DOMAIN\\user."}
	case ldap.LDAPResultUnwillingToPerform:
		return Reason{Key: "unwilling", Text: "the directory is not willing to take this bind", Fix: "Check that simple binds are allowed, and that the account has a password."}
	case ldap.LDAPResultInappropriateAuthentication:
		return Reason{Key: "inappropriate", Text: "the entry cannot log in with a password: it may have none", Fix: "Check the bind name: it must name the account, not a folder or a group."}
	case ldap.LDAPResultNoSuchObject:
		return Reason{Key: "no-such-user", Text: "no such entry", Fix: "Correct the bind DN."}
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable:
		return Reason{Key: "unavailable", Text: "the directory is busy or not available", Fix: "Try again later; look at the directory server's state."}
	}
	return Reason{Key: "refused", Text: "the directory answers with a result that is unusual for a bind", Fix: "Look the result code up in RFC 4511, appendix A, and in the server's own log."}
}
