package servertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/gofrs/flock"
)

const (
	snapshotMaxAge = 12 * time.Hour // far below every age of an account or a password that the tests rely on
	provisionLimit = 5 * time.Minute
)

// adUsers are the accounts of every domain controller; SambaAD says what is the matter with each.
var adUsers = [...]string{
	"svc", "good", "locked", "disabled", "expired", "mustchange", "acctexp", "hours", "wks", "hist", "psouser",
}

// copyADSnapshot copies the files of a provisioned domain controller that does not run to the folder dst. They are made
// once for all test programs on the machine: a file lock keeps them from making two, or removing one that is just copied,
// and the snapshot gets its name only when it is whole.
func copyADSnapshot(t testing.TB, dst string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "cupclint-servertest")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	ready := filepath.Join(cache, "ad-"+adKey(t))

	ctx, cancel := context.WithTimeout(t.Context(), provisionLimit)
	defer cancel()
	lock := flock.New(filepath.Join(cache, "lock"))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		t.Fatalf("wait for the domain controller that another test makes: %v", err)
	}
	defer func() { _ = lock.Unlock() }()

	if info, err := os.Stat(ready); err != nil || time.Since(info.ModTime()) >= snapshotMaxAge {
		removeSnapshots(t, cache)
		makeADSnapshot(ctx, t, ready)
	}
	command(ctx, t, nil, nil, "/bin/cp", "-a", ready, dst)
}

// makeADSnapshot makes the snapshot under another name and renames it when it is whole.
func makeADSnapshot(ctx context.Context, t testing.TB, ready string) {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(ready), "making-")
	if err != nil {
		t.Fatal(err)
	}
	provision(ctx, t, dir)
	if err := os.Chtimes(dir, time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, ready); err != nil {
		t.Fatal(err)
	}
}

// adKey names a snapshot after all that goes into it, so that a change of a template or of Samba makes a new one.
func adKey(t testing.TB) string {
	t.Helper()
	sum := sha256.New()
	names, err := fs.Glob(templates, "templates/ad-*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := templates.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
	}
	info, err := os.Stat(program(t, "samba"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(sum, adUsers, ADPassword, ADAdminPassword, info.Size(), info.ModTime().UnixNano())
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// removeSnapshots clears away what an interrupted test left half made, and snapshots too old to be used.
func removeSnapshots(t testing.TB, cache string) {
	t.Helper()
	for _, pattern := range []string{"making-*", "ad-*"} {
		paths, err := filepath.Glob(filepath.Join(cache, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// provision makes the domain and its accounts in dir.
func provision(ctx context.Context, t testing.TB, dir string) {
	t.Helper()
	ip := claimAddress(t, adPorts[:]...)
	for _, sub := range []string{"private", "state", "cache", "lock", "run", "log", "ncalrpc", "sysvol/ad.example.com/scripts"} {
		makeDir(t, filepath.Join(dir, sub))
	}
	ad := &ADServer{IP: ip.String(), CA: CA(t), root: dir}
	conf := ad.writeConfig(t, ADConfig{})
	// The internal DNS back end makes the DomainDnsZones and ForestDnsZones partitions, so that a search at the root on
	// 389 gives three references, as on Windows. No DNS server is started.
	command(ctx, t, nil, nil, program(t, "samba-tool"), "domain", "provision", "--configfile="+conf, "--realm=AD.EXAMPLE.COM",
		"--domain=ADEX", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL", "--adminpass="+ADAdminPassword,
		"--host-name=dc1", "--host-ip="+ad.IP)
	ad.serve(t, conf)
	defer ad.Stop()

	ldif := filepath.Join(workDir(t), "accounts.ldif")
	writeTemplate(t, ldif, "ad-accounts.ldif", map[string]any{
		"Base": ADBase, "Users": adUsers, "Password": unicodePwd(ADPassword), "NewPassword": unicodePwd(ADNewPassword),
		"Yesterday": strconv.FormatInt(fileTime(time.Now().Add(-24*time.Hour)), 10),
	})
	command(ctx, t, nil, []string{"LDAPTLS_REQCERT=never"}, program(t, "ldapmodify"), "-x", "-H", "ldaps://"+ad.IP,
		"-D", ADUser("administrator"), "-w", ADAdminPassword, "-f", ldif)

	script, err := templates.ReadFile("templates/ad-backdate.py")
	if err != nil {
		t.Fatal(err)
	}
	// Debian's own interpreter has Samba's modules; another one that comes first in PATH has not.
	command(ctx, t, script, nil, "/usr/bin/python3", "-", filepath.Join(dir, "private"), ADUserDN("expired"), "60")
}

// command runs a program to its end; its output is shown when it fails.
func command(ctx context.Context, t testing.TB, stdin []byte, env []string, path string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		said, _ := json.Marshal(args)
		t.Fatalf("%s %s: %v\n%s", filepath.Base(path), said, err, out)
	}
	return string(out)
}

// unicodePwd writes a password as Active Directory takes it, in base64 for LDIF: quoted, UTF-16, low byte first.
func unicodePwd(password string) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune(`"` + password + `"`)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return base64.StdEncoding.EncodeToString(encoded)
}

// fileTime counts 100 ns from the first day of 1601, as Active Directory does.
func fileTime(at time.Time) int64 {
	const secondsTo1970 = 11644473600
	return (at.Unix() + secondsTo1970) * 1e7
}
