package metrics_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/internal/catalogue"
	"cupclint/internal/serve/metrics"
	"cupclint/internal/servertest"
)

// minutes is how many scrapes a test makes, one each minute: more than a day.
const minutes = 2000

// directory plays a directory that answers binds as told, the last answer for all that follow.
func directory(t *testing.T, codes ...int) *servertest.Scripted {
	t.Helper()
	script := servertest.LDAPScript{RootDSE: map[string][]string{"namingContexts": {"dc=acme,dc=test"}}}
	for _, code := range codes {
		script.Bind = append(script.Bind, servertest.LDAPResult{Code: code})
	}
	return servertest.Play(t, &servertest.Script{LDAP: &script})
}

func binds(s *servertest.Scripted) int { return strings.Count(strings.ToUpper(s.Asked()), "BIND ") }

// each scrapes a directory each minute, by a clock that the test moves.
func eachMinute(t *testing.T, address, more string, scrapes int, look func(n int, text string)) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("Never.Valid9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("modules:\n  ldap:\n    area: ldap\n    targets: [%q]\n    timeout: 20s\n%s", address, more)
	list, err := metrics.ParseModules(filepath.Join(dir, "modules.yml"), []byte(text), catalogue.Areas(nil))
	if err != nil {
		t.Fatal(err)
	}
	var minute atomic.Int64
	w := world(t, catalogue.Areas)
	begin := time.Now()
	w.Now = func() time.Time { return begin.Add(time.Duration(minute.Load()) * time.Minute) }
	h := handler(t, metrics.Options{World: w, Modules: list})
	for n := range scrapes {
		code, out := scrape(t, h.Probe, "ldap", address)
		if code != http.StatusOK {
			t.Fatalf("scrape %d: status %d: %s", n, code, out)
		}
		if strings.Contains(out, "Never.Valid9") {
			t.Fatal("the answer has the password")
		}
		look(n, out)
		minute.Add(1)
	}
}

const logIn = "    log-in: {user: \"cn=svc,dc=acme,dc=test\", password-file: password}\n"

// Scrapes each minute never lock an account: a wrong password is sent once.
func TestAWrongPasswordIsSentOnce(t *testing.T) {
	s := directory(t, 49)
	eachMinute(t, s.Addr, logIn, minutes, func(n int, text string) {
		if want := `reason="remembered-wrong"`; n > 0 && !strings.Contains(text, want) {
			t.Fatalf("scrape %d does not say %s:\n%s", n, want, text)
		}
		if value(text, "probe_success") != "0" {
			t.Fatalf("scrape %d succeeds:\n%s", n, text)
		}
	})
	if n := binds(s); n != 1 {
		t.Errorf("%d binds\n%s", n, s.Asked()[:min(500, len(s.Asked()))])
	}
}

// A password that is changed in the directory while scrapes continue costs one failure.
func TestAChangedPasswordCostsOneFailure(t *testing.T) {
	s := directory(t, 0, 0, 0, 49)
	accepted := 0
	eachMinute(t, s.Addr, logIn, 200, func(_ int, text string) {
		if value(text, `cupclint_login_accepted{account="cn=svc,dc=acme,dc=test"}`) == "1" {
			accepted++
		}
	})
	if n := binds(s); accepted != 3 || n != 4 {
		t.Errorf("%d binds, %d accepted", n, accepted)
	}
}

// passwordTaker is a directory without entries that closes the connection when it has the password, as a server that fails does.
func passwordTaker(t *testing.T, take func(message string)) string {
	return servertest.Listen(t, func(c net.Conn) {
		buffer := make([]byte, 4096)
		for {
			n, err := c.Read(buffer)
			if err != nil {
				return
			}
			if message := string(buffer[:n]); strings.Contains(message, "Never.Valid9") {
				take(message)
				return
			}
			// The answers to any search: no entry, and done (RFC 4511). The message ID is that of the question.
			id := 4
			if buffer[1] > 0x80 { // the length of the message takes more bytes
				id += int(buffer[1] - 0x80)
			}
			_, _ = c.Write([]byte{0x30, 12, 2, 1, buffer[id], 0x65, 7, 10, 1, 0, 4, 0, 4, 0})
		}
	})
}

// A server that takes passwords and says nothing may count them all the same: it gets one a day.
func TestASilentServerGetsOnePasswordADay(t *testing.T) {
	var attempts atomic.Int64
	address := passwordTaker(t, func(string) { attempts.Add(1) })
	eachMinute(t, address, logIn, minutes, func(int, string) {})
	if n := attempts.Load(); n < 1 || n > minutes/(24*60)+1 {
		t.Errorf("%d passwords in %d minutes", n, minutes)
	}
}

// Without log-in in the module nothing logs in, whatever the settings name.
func TestNoLogInUnlessTheModuleSaysSo(t *testing.T) {
	s := directory(t, 0)
	eachMinute(t, s.Addr, "    settings: {Directory.DN: \"cn=svc,dc=acme,dc=test\", Directory.SearchContext1: \"dc=acme,dc=test\"}\n", 5,
		func(int, string) {})
	if n := binds(s); n != 0 {
		t.Errorf("%d binds:\n%s", n, s.Asked())
	}
}

// A password file that PowerShell wrote has a mark, or is UTF-16: neither is a part of the password.
func TestPasswordFilesOfWindows(t *testing.T) {
	for name, text := range map[string]string{
		"utf8":  "\xef\xbb\xbfNever.Valid9\r\n",
		"utf16": "\xff\xfeN\x00e\x00v\x00e\x00r\x00.\x00V\x00a\x00l\x00i\x00d\x009\x00\r\x00\n\x00",
	} {
		file := filepath.Join(t.TempDir(), name)
		writeText(t, file, text)
		var right atomic.Bool
		address := passwordTaker(t, func(message string) {
			right.Store(strings.Contains(message, "\x80\x0cNever.Valid9")) // simple authentication, and the length (RFC 4511)
		})
		h := handler(t, metrics.Options{World: world(t, catalogue.Areas), Modules: modules(t, fmt.Sprintf("modules:\n  ldap:\n    area: ldap\n"+
			"    targets: [%q]\n    log-in: {user: \"cn=svc,dc=acme,dc=test\", password-file: %q}\n", address, file))})
		if code, text := scrape(t, h.Probe, "ldap", address); code != http.StatusOK || !right.Load() {
			t.Errorf("%s: status %d, another password\n%s", name, code, text)
		}
	}
}

func TestAPasswordInThePlaceOfAFileIsNotSaid(t *testing.T) {
	h := handler(t, metrics.Options{World: world(t, catalogue.Areas), Modules: modules(t, "modules:\n  ldap:\n    area: ldap\n"+
		"    targets: [127.0.0.9]\n    log-in: {user: svc, password-file: Never.Valid9}\n")})
	if code, text := scrape(t, h.Probe, "ldap", "127.0.0.9"); code != http.StatusInternalServerError ||
		strings.Contains(text, "Never.Valid9") {
		t.Errorf("a password in the place of a file: status %d: %s", code, text)
	}
}
