package platform

import (
	"path/filepath"
	"testing"
)

func TestFilesOfTheSystem(t *testing.T) {
	none := func(string) string { return "" }
	other := func(name string) string { return map[string]string{"SystemRoot": `D:\WINNT`}[name] }
	for _, c := range []struct {
		goos          string
		getenv        func(string) string
		resolv, hosts string
	}{
		{"linux", none, "/etc/resolv.conf", "/etc/hosts"},
		{"darwin", other, "/etc/resolv.conf", "/etc/hosts"},
		{"freebsd", none, "/etc/resolv.conf", "/etc/hosts"},
		{"windows", none, "", `C:\Windows\System32\drivers\etc\hosts`},
		{"windows", other, "", `D:\WINNT\System32\drivers\etc\hosts`},
	} {
		if got := resolvConf(c.goos); got != c.resolv {
			t.Errorf("%s: resolvers in %q, want %q", c.goos, got, c.resolv)
		}
		if got := hostsFile(c.goos, c.getenv); got != c.hosts {
			t.Errorf("%s: hosts file %q, want %q", c.goos, got, c.hosts)
		}
	}
}

func TestHomeIsAbsolute(t *testing.T) {
	home, profile := absolute(t, "home"), absolute(t, "profile")
	for _, c := range []struct{ home, profile, want string }{
		{home, profile, home}, {"", profile, profile}, {"relative", profile, profile}, {"", "", ""}, {"relative", "", ""},
	} {
		got := Home(func(name string) string { return map[string]string{"HOME": c.home, "USERPROFILE": c.profile}[name] })
		if got != c.want {
			t.Errorf("HOME=%q USERPROFILE=%q: %q, want %q", c.home, c.profile, got, c.want)
		}
	}
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
