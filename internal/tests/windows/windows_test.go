//go:build wine

package windows

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Exports as an editor of Windows writes them: the lines end with CR LF.
const (
	broken = "Presence.Primary.Address = cups.cisco.com\r\nPresence.Domain = CISCO.COM\r\n"
	right  = "Presence.Primary.Address = cups.cisco.com\r\nPresence.Domain = cisco.com\r\n"
)

func TestHelpAndVersion(t *testing.T) {
	cupclint(t, "", "--help").want(t, 0, "Exit codes:", "lint", "diagnose")
	cupclint(t, "", "version").want(t, 0, "cupclint ")
	cupclint(t, "", "lint", "--no-such-flag").want(t, 2, "unknown flag")
}

func TestPathsOfEveryForm(t *testing.T) {
	write(t, broken, "paths", "hq", "a.properties")
	write(t, right, "paths", "right", "a.properties")
	write(t, broken, "paths", "Ex ports", "Zürich.properties")
	for arg, want := range map[string]string{
		`C:\exports\paths\hq`:                       "C:/exports/paths/hq/a.properties:2",
		`c:/exports/paths/hq/a.properties`:          "c:/exports/paths/hq/a.properties:2",
		`paths\hq`:                                  "paths/hq/a.properties:2",
		`.\paths\hq\a.properties`:                   "paths/hq/a.properties:2",
		`paths\h*\*.properties`:                     "paths/hq/a.properties:2",
		`C:\exports\paths\Ex ports`:                 "C:/exports/paths/Ex ports/Zürich.properties:2",
		`\\?\C:\exports\paths\hq\a.properties`:      "PRES002",
		`Z:` + winPath(drive("exports/paths/hq")):   "PRES002",
		`C:\exports\paths\..\paths\hq\a.properties`: "PRES002",
	} {
		t.Run(arg, func(t *testing.T) { cupclint(t, "", "lint", arg).want(t, 1, want, "PRES002") })
	}
	cupclint(t, "", "lint", `C:\exports\paths\right`).want(t, 0, "0 findings")
	cupclint(t, "", "lint", `C:\exports\paths\missing`).want(t, 3, "C:/exports/paths/missing")
}

func winPath(name string) string { return strings.ReplaceAll(name, "/", `\`) }

func TestLongPaths(t *testing.T) {
	long := []string{"long"}
	for range 4 {
		long = append(long, strings.Repeat("folder-", 12))
	}
	write(t, broken, append(long, "a.properties")...)
	name := `C:\exports\` + strings.Join(long, `\`)
	if len(name) < 300 {
		t.Fatalf("%d characters are not a long path", len(name))
	}
	cupclint(t, "", "lint", name).want(t, 1, "PRES002")
	cupclint(t, "", "lint", strings.TrimPrefix(name, `C:\exports\`)).want(t, 1, "PRES002")
	cupclint(t, "", "lint", name, "--format", "json", "--output", name+`\report.json`).want(t, 1)
	if text := read(t, drive(append(append([]string{"exports"}, long...), "report.json")...)); !json.Valid([]byte(text)) {
		t.Errorf("the report is not JSON: %.200s", text)
	}
}

func TestReports(t *testing.T) {
	write(t, broken, "reports", "hq", "a b.properties")
	cupclint(t, "", "lint", `C:\exports\reports\hq`, "--format", `html=C:\exports\reports\page.html`, "--format", `sarif=reports\found.sarif`,
		"--format", `github`, "--format", `gitlab=C:\exports\reports\quality.json`).want(t, 1, "file=C%3A/exports/reports/hq/a b.properties")
	if page := read(t, drive("exports/reports/page.html")); !strings.HasPrefix(strings.ToLower(page), "<!doctype html>") ||
		!strings.Contains(page, "PRES002") {
		t.Errorf("the page: %.200s", page)
	}
	if text := read(t, drive("exports/reports/found.sarif")); !strings.Contains(text, `"uri":"file:///C:/exports/reports/hq/a%20b.properties"`) ||
		!json.Valid([]byte(text)) {
		t.Errorf("no URI with a drive letter: %.1000s", text)
	}
	if text := read(t, drive("exports/reports/quality.json")); !strings.Contains(text, `"path":"C:/exports/reports/hq/a b.properties"`) {
		t.Errorf("code quality: %.1000s", text)
	}
	cupclint(t, "", "lint", `reports\hq`, "--output", "NUL").want(t, 1)
	if _, err := os.Stat(drive("exports/NUL")); err == nil {
		t.Error("a file of the name of a device was written")
	}
}

func TestPastesAreDiagnosed(t *testing.T) {
	paste := "Presence.Primary.Address = cups.cisco.com\r\nPresence.Domain = CISCO.COM\r\n"
	cupclint(t, paste, "diagnose", "-").want(t, 0, "CISCO.COM")
}

func TestAuditWithoutANetwork(t *testing.T) {
	write(t, broken, "audit", "a.properties")
	cupclint(t, "", "audit", "--offline", `C:\exports\audit`).want(t, 1, "PRES002")
	cupclint(t, "", "audit", "--plan", `C:\exports\audit`).want(t, 0, "cups.cisco.com")
}

func TestFix(t *testing.T) {
	name := write(t, broken, "fix", "a.properties")
	cupclint(t, "", "lint", "--diff", `fix\a.properties`).want(t, 1, "-Presence.Domain = CISCO.COM", "+Presence.Domain = cisco.com")
	if read(t, name) != broken {
		t.Error("--diff changed the file")
	}
	cupclint(t, "", "lint", "--fix", `C:\exports\fix`).want(t, 0)
	if got := read(t, name); got != right {
		t.Errorf("%q, want %q", got, right)
	}
	left, err := filepath.Glob(drive("exports/fix/.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// A baseline that was written on Windows has forward slashes, and is read back by any form of the path; a mark and CR LF do no harm.
func TestBaselines(t *testing.T) {
	write(t, broken, "baseline", "hq", "a.properties")
	cupclint(t, "", "lint", `baseline\hq`, `--write-baseline=baseline\known.json`).want(t, 0)
	name := drive("exports/baseline/known.json")
	text := read(t, name)
	if !strings.Contains(text, `"hq/a.properties"`) {
		t.Errorf("the baseline: %s", text)
	}
	if err := os.WriteFile(name, []byte("\xef\xbb\xbf"+strings.ReplaceAll(text, "\n", "\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{`baseline\hq`, `C:\exports\baseline\hq\a.properties`, `baseline/hq`} {
		cupclint(t, "", "lint", arg, "--baseline", `C:\exports\baseline\known.json`).want(t, 0)
	}
}

func TestPathsOfTheConfiguration(t *testing.T) {
	for _, dir := range []string{"hq", "old"} {
		write(t, broken, "config", dir, "a.properties")
	}
	write(t, "\xef\xbb\xbfignore:\r\n  - old\\*.properties\r\nsuppress:\r\n  - rule: PRES002\r\n    path: hq\\a.properties\r\n    reason: "+
		"known\r\n",
		"config", ".cupclint.yaml")
	start(t, drive("exports/config"), "", exe, "lint", ".").want(t, 0, "1 suppressed")
	start(t, drive("exports/config"), "", exe, "lint", `C:\exports\config`).want(t, 0, "1 suppressed")
}

// The resolvers are those that Wine takes from this machine. UDP does not work under Wine, so none is asked.
func TestResolversOfTheSystem(t *testing.T) {
	conf, err := os.ReadFile("/etc/resolv.conf")
	server := ""
	for line := range strings.Lines(string(conf)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" && !strings.Contains(f[1], ":") {
			server = f[1]
			break
		}
	}
	if err != nil || server == "" {
		t.Skip("this machine names no resolver: ", err)
	}
	cupclint(t, "", "dns", "--node", "cup1", "--domain", "cisco.com", "--timeout", "1s", "--types", "a").want(t, 3, "resolver "+server)
	write(t, "192.0.2.7 cup1.cisco.com\r\n", "dns", "hosts")
	cupclint(t, "", "dns", "--node", "cup1", "--domain", "cisco.com", "--timeout", "1s", "--types", "a", "--hosts-file", `dns\hosts`).want(t,
		3,
		"192.0.2.7")
}

func TestARefusedConnectionIsSaidSo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	cupclint(t, "", "dns", "--resolver", "tls://"+at, "--node", "cup1", "--domain", "cisco.com", "--types", "a", "--timeout", "5s").want(t, 3,
		"connection refused")
}

// What Go tests of packages say when they run as programs of Windows.
func TestPackages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(exe), "*.test.exe"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests of packages next to %s: %v", exe, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) { start(t, drive("exports"), "", name).want(t, 0, "PASS") })
	}
}
