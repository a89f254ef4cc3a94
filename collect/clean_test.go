package collect

import (
	"strings"
	"testing"
)

// Secrets leave an answer, and nothing else does.
func TestAnswersAreCleaned(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"AXL", `<return><ldapAuthentication><ldapPassword>Hunter22</ldapPassword><userSearchBase>dc=x</userSearchBase></ldapAuthentication></return>`,
			`<return><ldapAuthentication><ldapPassword>REDACTED</ldapPassword><userSearchBase>dc=x</userSearchBase></ldapAuthentication></return>`},
		{"empty", `<a><ldapPassword/><pin></pin></a>`, `<a><ldapPassword/><pin></pin></a>`},
		{"switch", `<d><UseUserCredential>false</UseUserCredential></d>`, `<d><UseUserCredential>false</UseUserCredential></d>`},
		{"unknown document", `<device><LdapUserPassword>Hunter22</LdapUserPassword></device>`,
			`<device><LdapUserPassword>REDACTED</LdapUserPassword></device>`},
		{"character data", `<d><password><![CDATA[Hunter22]]></password></d>`, `<d><password>REDACTED</password></d>`},
		{"cut", `<d><password>Hunter22`, `<d><password>Hunter22`},
		{"session", `<e:session-key>abcdef123456</e:session-key>`, `<e:session-key>REDACTED</e:session-key>`},
		{"prefix and attribute", `<ns:pin xsi:type="x">12345</ns:pin>`, `<ns:pin xsi:type="x">REDACTED</ns:pin>`},
		{"policy", `<p><pwdCredPolicyName>Default</pwdCredPolicyName></p>`, `<p><pwdCredPolicyName>Default</pwdCredPolicyName></p>`},
	} {
		got, _ := cleanElements([]byte(c.in))
		if string(got) != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	var c cleaner
	c.add(func(s string) string { return strings.ReplaceAll(s, "own-password", "[redacted]") })
	c.token("SESSION-1234")
	got, redacted, ok := c.clean("evidence/a.txt", []byte("admin:show x\nthe own-password and SESSION-1234\nlogin password: Hunter22x\n"))
	if !ok || strings.Contains(string(got), "own-password") || strings.Contains(string(got), "SESSION-1234") ||
		strings.Contains(string(got), "Hunter22x") {
		t.Errorf("%v %v\n%s", ok, redacted, got)
	}
	if redacted[byUse] == 0 || redacted[byRules] == 0 {
		t.Errorf("counted: %v", redacted)
	}
}

// FuzzClean looks for panics, and for the text of an element that is a secret.
func FuzzClean(f *testing.F) {
	f.Add("<a>", "</a>")
	f.Add("<password>", "<![CDATA[")
	f.Add("<!-- ", " -->\n")
	f.Add("<ns:password x='>'", "\x00")
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.ContainsAny(before, "<>") && (strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>')) {
			return // it would be a part of a tag
		}
		got, _ := cleanElements([]byte(before + "<ldapPassword>Zq7dAcT9</ldapPassword>" + after))
		if strings.Contains(string(got), "<ldapPassword>Zq7dAcT9</ldapPassword>") {
			t.Errorf("%q", got)
		}
		coverLines([]byte(before+after), []int{1, 2})
	})
}

// Names from anywhere cannot lead out of the folder, and two names are two files.
func TestNamesInPaths(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"ucm1.example.com", "../../etc/passwd", "a/b", "a b", "a_b", "..", ".", "", strings.Repeat("x", 300), "é",
		"imp1:22", "IMP1:22"} {
		p := pathName(name)
		if strings.ContainsAny(p, "/\\ :") || strings.HasPrefix(p, ".") || p == "" || len(p) > 100 {
			t.Errorf("%q is %q", name, p)
		}
		if other, ok := seen[p]; ok {
			t.Errorf("%q and %q are both %q", name, other, p)
		}
		seen[p] = name
	}
}
