package metrics_test

import (
	"net/netip"
	"strings"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/internal/serve/metrics"
)

// Wrong files are errors with their place, and say what was meant.
func TestModulesThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "empty",
		"modules: {x: {aera: ldap}}": `m.yml:1:15: unknown key "aera" of a module: did you mean "area"?`,
		"modules:\n  x: {area: ldpa, targets: [a]}":                                           `m.yml:2:3: module x: unknown area "ldpa": did you mean "ldap"?`,
		"modules:\n  x: {area: ldap, targets: [\"*\"]}":                                       "m.yml:2:29: \"*\" allows too much",
		"modules:\n  x: {area: ldap, targets: [10.0.0.1/8]}":                                  "not a prefix",
		"modules:\n  x: {area: ldap, targets: [a], settings: {Directory.Password: x}}":        "is a secret",
		"modules:\n  x: {area: ldap, targets: [a], settings: {Directory.Primary.Adress: x}}":  "did you mean",
		"modules:\n  x: {area: ldap, targets: [a], settings: {Directory.Primary.Address: x}}": "is the target of a probe",
		"modules:\n  x: {area: ntp, targets: [a], log-in: {user: u, password-file: p}}":       "makes no log-in",
		"modules:\n  x: {area: sip, targets: [a], auditor: {user: u, password-file: p}}":      "only directories have one",
		"modules:\n  x: {area: ldap, targets: [a], log-in: {user: u}}":                        "needs password-file",
		"modules:\n  x: {area: dns, targets: [a], port: 53}":                                  "takes no port",
		"modules:\n  x: {area: ntp, targets: [a], security: tls}":                             `security "tls": use udp`,
		"modules:\n  x: {area: ldap, targets: [a]}\n  x: {area: dns, targets: [a]}":           "is set here and in line 2",
		"modules:\n  x: &a {area: ldap, targets: [a]}\n  y: *a":                               "aliases",
		"modules: {x: {area: ldap, targets: [a]}}\n---\n{}":                                   "a second document",
		"modules: [": "malformed YAML",
	} {
		_, err := metrics.ParseModules("m.yml", []byte(text), catalogue.Areas(nil))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
}

func FuzzParseModules(f *testing.F) {
	areas := catalogue.Areas(nil)
	f.Add("modules:\n  x: {area: ldap, targets: [a, 10.0.0.0/8], port: 636, settings: {Directory.SearchContext1: dc=x}}\n", "a")
	f.Add("modules: {x: {area: dns, targets: \"*.a.b\", settings: {Presence.Domain: \"{host}\"}}}", "x.a.b")
	f.Fuzz(func(t *testing.T, text, target string) {
		list, err := metrics.ParseModules("m.yml", []byte(text), areas)
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d modules and %v", len(list), err)
		}
		for _, m := range list {
			if err := m.Check(areas); err != nil {
				t.Errorf("a module that was read: %v", err)
			}
		}
	})
}

// A target is a host with a port at most: nothing in it leads elsewhere.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"a", "a:1", "[::1]:2", "::1", "1.2.3.4", "a b", "x@y", "a:65536"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := metrics.ParseTarget(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(target.Host, "/@\\?#%\"' \t\r\n|{}") || target.Host == "" || target.Port < 0 || target.Port > 65535 {
			t.Errorf("%q is %+v", s, target)
		}
		if _, err := netip.ParseAddr(target.Host); err != nil && strings.Contains(target.Host, ":") {
			t.Errorf("%q is %+v", s, target)
		}
		if again, err := metrics.ParseTarget(target.String()); err != nil || again != target {
			t.Errorf("%q is written as %q, which is %+v, %v", s, target, again, err)
		}
	})
}
