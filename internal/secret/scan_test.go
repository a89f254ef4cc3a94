package secret_test

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/internal/secret"
)

// table knows what the tests need of the key space.
type table struct{}

var known = map[string]bool{
	"directory.password": true, "connectionpassword": true, "directory.primary.address": false, "directory.primary.port": false,
	"directory.dn":    false,
	"presence.domain": false, "calendar.primary": false, "cachepasswordmobile": false, "forgot_password_url": false,
	"photourisubstitutiontoken": false,
	"photouriwithtoken":         false, "exchange_usecredentialsfrom": false, "usewindowscredentials": false,
}

func (table) Key(name string) (isSecret, ok bool) {
	isSecret, ok = known[strings.ToLower(name)]
	return isSecret, ok
}

func (table) Near(string) (isSecret, ok bool) { return false, false }

func TestSecretsAreFoundInTextWithoutStructure(t *testing.T) {
	data, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\u00a0`, "\u00a0", `\u202f`, "\u202f")
	var finder secret.Finder // what it remembers of one text changes nothing in the others
	for block := range strings.SplitSeq(string(data), "\n%%\n") {
		for strings.HasPrefix(block, "#") && strings.Contains(block, "\n") && !strings.HasPrefix(block, "# nothing") {
			_, block, _ = strings.Cut(block, "\n")
		}
		marked := escapes.Replace(strings.TrimSuffix(block, "\n"))
		text := strings.NewReplacer("«", "", "»", "").Replace(marked)
		want := marks(marked)
		found := secret.Find(text, table{})
		got := secret.Replace(text, found, "[]")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s\n%+v", text, got, want, found)
		}
		if next := finder.Find(text, table{}); !slices.Equal(next, found) {
			t.Errorf("%s\nafter other texts %+v, alone %+v", text, next, found)
		}
	}
}

// marks puts [] in the place of what is marked.
func marks(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "«")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		var in string
		in, s, _ = strings.Cut(rest, "»")
		if in != "" {
			b.WriteString("[]")
		}
	}
}

// Four times the text takes about four times as long, in any text: a log is long, and so can its lines be.
func TestTimeIsLinear(t *testing.T) {
	const short, most = 20_000, 10 // bytes; a square would be 16
	for _, part := range []string{"password ", "password, ", "password from X1y2z3 to ", "changed the password from X1y2z3w to Y7z8q9w ",
		"X#1abc as password ", "insert into x (password, ", "</td>password", "password . . . . : ", `"password:"send `, "password (x) ", "password - ",
		"password:\n", "passwords:\n- ", "$6$", "{PLAIN}", "net use a b /user:c ", "| ConvertTo-SecureString ", `password ["`, "password(1)", "password|",
		"| password |", "password  x  ", "auth=(", "Password** ",
		"<auth>YWxp", "<response a=", "?code=Zq01Trk9vXwAb3d", "?code=", "pass: Zq01Trk9 Zq01Trk9\n", "reg add x /v password ",
		"ldifde -b a b c ", "<<< x ", "kinit <<< x ", "schtasks /p x ", "x inline:YWxp", "AWS4-HMAC-SHA256 Signature=", "?sig=",
		`{"value":"x","name":"password"`, `name": "password", "value": `, "<value>x</value><name>password</name>", `variable "password" { default`,
		"kind: Secret\ndata:\n  a: b\n", `"data": {"a":"b"}, "kind": "Secret" `, "bindmethod credentials=x ", "aW1zdmM6", "a/b:c1@", "x:'y'@",
		"Private-Lines: 9\n", `password: [{"key":"value", `, "%3cpassword%3ex", "password (x", "credentials a x\n", "machine a\n", "ldap_bind(a, b, 'x') ",
		`"a": "x\npassword: Zq01Trk9\n", `, `"Pass\u0077ord": `, `Pass\u0077`, `\u0070\u0061`, "pass&#119;", "%70%61", "? password\n: ",
		"? password\n", "account a / b ", "account a / Winter2026! ", "credentials:\n", "pw a b c ", "pw a Winter2026! ", "Winter2026! (pw) ",
		"<!-- password: x ", "<!-- password: x -->", "/* pw=", "password?\n", "a: password?\nb: Winter2026!\n", "bearer=", "*pw*: ",
		"<b>pw</b>: ", "pw:<b>", "a/Winter2026!@b", "<!-- pw x", "(a / b ", `set("pw", `, `["pw"] =`, "hooks.slack.com/services/",
		"password = '''x\n", "password = <<X\n", "password = @\"\n",
		"密码是", "密码是x", "the password is\n", "the password is as follows: ", "password\u00a0", "password for a - ",
		"web pin,", "a;web pin;b\n", `HKCU\password REG_SZ `, "HKCU\\password\n", `RegWrite "HKCU\password",0,`, `"password",0,REG_SZ,`,
		"<PwCrypt><ParamNameText>x</ParamNameText>",
		"u: a p: ", "u: a\np: b\n", "p@ss: ", "pa$$: ", "curl \\\n -u a:", "?ticket=ST-", "key 7 ", `user = "a:`, "lftp -u a,", "pass\\\nword = x\n", "password \\\n= x\n", `password: "a `,
		"password: {a", "<dt>password</dt>"} {
		for _, end := range []string{"", "\n" + strings.Repeat("-- ", short/3) + "\n" + strings.Repeat("ab1# ", short/5)} {
			once := func(n int) time.Duration {
				text := strings.Repeat(part, n/len(part)) + end
				start := time.Now()
				secret.Find(text, table{})
				return time.Since(start)
			}
			ratio := math.Inf(1)
			for tries := 0; ratio > most && tries < 5; tries++ { // another process may take the processor in one of them
				least := float64(min(once(short), once(short), once(short)))
				for long := 0; ratio > most && long < 3; long++ { // one that is quick enough proves it
					ratio = min(ratio, float64(once(4*short))/least)
				}
			}
			if ratio > most {
				t.Errorf("%q: four times the text takes %.0f times as long", part, ratio)
			}
		}
	}
}

// Whatever the text: spans in order, inside it and apart, no panic, and the masked text has nothing of a found secret in its place.
func FuzzFind(f *testing.F) {
	data, _ := os.ReadFile("testdata/lines.txt")
	for block := range strings.SplitSeq(string(data), "\n%%\n") {
		f.Add(block)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, s := range secret.Find(text, table{}) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %+v in %d bytes after %d", s, len(text), at)
			}
			at = s.End
		}
		secret.Hide(text, nil)
		secret.Suspects(text, table{})
	})
}
