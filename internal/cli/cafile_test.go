package cli

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// A file of authorities has a bound: one of 300 MB is refused, and only so much of it is read as shows that.
func TestALargeFileOfAuthoritiesIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	f, err := os.Create("ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(300 << 20); err != nil {
		t.Skip("no file of 300 MB can be made here: ", err)
	}
	for _, line := range []string{
		"ldap --no-login --server 127.0.0.1:1", "mail --no-login --server 127.0.0.1:1", "sip --server 127.0.0.1:1",
		"dns --resolver tls://127.0.0.1:1 --node cup1 --domain north.test",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code, _, errs := cupclint(t, "", append(strings.Fields(line), "--ca-file", "ca.pem")...)
		runtime.ReadMemStats(&after)
		if code != exitInput || !strings.Contains(errs, "ca.pem: larger than 4 MiB") {
			t.Errorf("%s: exit code %d, %s", line, code, errs)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 60 {
			t.Errorf("%s: %d MiB were taken", line, n)
		}
	}
}
