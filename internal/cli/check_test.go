package cli

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/internal/catalogue"
)

// The command check has the exit codes of monitoring plugins, and prints its line to standard output whatever happens.
func TestCheckExitCodes(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"right.properties":   "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\n",
		"warning.properties": "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\nDirectory.Anonymous.Bind = TRUE \n",
		"error.properties":   good,
		"bad.xml":            "<r>",
		"bad.yml":            "modules: {x: {area: ldapp, targets: [a]}}\n",
		"good.yml":           "modules: {x: {area: ldap, targets: [127.0.0.1], port: 1}}\n",
	})
	t.Chdir(dir)
	form := regexp.MustCompile(`^[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN): [^|\n]+( \|( '[^'=|]+'=\S+)+)?\n$`)
	for line, want := range map[string]int{
		"check":                    3,
		"check ldapp -H 127.0.0.1": 3,
		"check ldap":               3,
		"check ldap -H 127.0.0.1 right.properties":              3,
		"check ldap -H u:p@x":                                   3,
		"check ldap --nonsense":                                 3,
		"check ldap -H 127.0.0.1 -w x=1":                        3,
		"check ldap -H 127.0.0.1 -w time=5:1":                   3,
		"check ldap -H 127.0.0.1 -t 0":                          3,
		"check ldap -H 127.0.0.1 --security nonsense":           3,
		"check ldap -H 127.0.0.1 --set No.Such.Key=1":           3,
		"check ldap -H 127.0.0.1 --set Directory.Password=x":    3,
		"check ldap -H 127.0.0.1 --user alice":                  3,
		"check ntp -H 127.0.0.1 --user alice --password-env X":  3,
		"check --modules bad.yml --module x -H 127.0.0.1":       3,
		"check --modules good.yml --module y -H 127.0.0.1":      3,
		"check --modules good.yml --module x -H 127.0.0.2":      3,
		"check --modules good.yml -H 127.0.0.1":                 3,
		"check --modules good.yml --module x -H 127.0.0.1":      2, // nothing listens there
		"check ldap -H 127.0.0.1:1":                             2,
		"check ldap right.properties":                           3, // names no directory
		"check ldap missing.properties":                         3,
		"check lint":                                            3,
		"check lint right.properties":                           0,
		"check lint error.properties":                           2,
		"check lint right.properties -w inputs=2:":              1,
		"check lint right.properties -w inputs=2: -c inputs=3:": 2,
		"check lint bad.xml":                                    3,
		"check lint bad.xml error.properties":                   2,
		"check lint missing":                                    3,
		"check folder .":                                        2,
		"check folder missing":                                  3,
		"check lint right.properties --config bad.yml":          3,
	} {
		code, stdout, stderr := cupclint(t, "", strings.Fields(line)...)
		if code != want || stderr != "" || !form.MatchString(stdout) {
			t.Errorf("%s: exit code %d, not %d\n%q\n%q", line, code, want, stdout, stderr)
		}
	}
	if code, stdout, _ := cupclint(t, "", "check", "--help"); code != 0 || !strings.Contains(stdout, "3 UNKNOWN") {
		t.Errorf("the help: %d\n%s", code, stdout)
	}
}

// All areas of the program can be checked.
func TestCheckKnowsAllAreas(t *testing.T) {
	for _, a := range catalogue.Areas(nil) {
		name := a.Info().Name
		code, stdout, _ := cupclint(t, "", "check", name, "-H", "127.0.0.9", "--resolver", "127.0.0.9:1", "-t", "20")
		if name == "edge" { // a domain is not an address
			code, stdout, _ = cupclint(t, "", "check", name, "-H", "example.invalid", "--resolver", "127.0.0.9:1", "-t", "20")
		}
		if strings.Contains(stdout, "CUPCLINT UNKNOWN") || !strings.HasPrefix(stdout, strings.ToUpper(name)+" ") || code > 3 {
			t.Errorf("%s: exit code %d, %s", name, code, stdout)
		}
	}
}

// With -v further lines follow, and nothing of what a file says begins performance data there.
func TestCheckSaysMoreOnFurtherLines(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"a|b.properties": good})
	_, short, _ := cupclint(t, "", "check", "lint", filepath.Join(dir, "a|b.properties"))
	_, long, _ := cupclint(t, "", "check", "lint", "-v", filepath.Join(dir, "a|b.properties"))
	if strings.Count(short, "\n") != 1 || strings.Count(short, "|") != 1 {
		t.Errorf("%q", short)
	}
	first, rest, _ := strings.Cut(long, "\n")
	if strings.Count(first, "|") != 1 || strings.Contains(rest, "|") || !strings.Contains(rest, "PRES") {
		t.Errorf("%q", long)
	}
}
