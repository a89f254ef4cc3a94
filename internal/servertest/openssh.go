package servertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The one account of every OpenSSH server of the tests. The system does not know it.
const (
	OpenSSHUser     = "administrator"
	OpenSSHPassword = "Right.Pass1"
)

// OpenSSHConfig says how an OpenSSH server differs from the usual one, which takes a password and offers today's algorithms.
type OpenSSHConfig struct {
	// Legacy offers one key exchange, cipher and host key algorithm, all old: group1, aes128-cbc, ssh-rsa.
	Legacy bool
	// Keyboard offers keyboard-interactive through PAM, and no method "password".
	Keyboard bool
	// Expired makes the password older than it may be.
	Expired bool
	// Rows is how many lines a page of the pager has; the height of the terminal where 0.
	Rows int
	// Commands are what the command line prints. Ask are questions that come first, and Endless commands run until Ctrl-C.
	Commands map[string]string
	Ask      map[string]string
	Endless  []string
}

// OpenSSHServer is a running OpenSSH server. Every session of the account is an appliance's command line, played by a script on a real
// terminal.
type OpenSSHServer struct {
	*process
	Addr        string   // IP:port
	Fingerprint string   // of the RSA host key, SHA256:...
	PublicKeys  []string // the host keys as in a known_hosts file: type and key

	commands string
}

// OpenSSH runs an OpenSSH server. It runs in a mount namespace with its own passwd, shadow, group and PAM service, so that no account
// of the system is touched and none can log in.
func OpenSSH(t testing.TB, cfg OpenSSHConfig) *OpenSSHServer {
	t.Helper()
	sshd, keygen, unshare, openssl := program(t, "sshd"), program(t, "ssh-keygen"), program(t, "unshare"), program(t, "openssl")
	needRoot(t, "a mount namespace for the accounts of sshd")
	ip, dir := claimAddress(t), workDir(t)
	port := freePort(t, ip)
	s := &OpenSSHServer{Addr: hostPort(ip, port), commands: filepath.Join(dir, "commands.log")}
	for name, kind := range map[string]string{"host_rsa": "rsa", "host_ed": "ed25519"} {
		command(t.Context(), t, nil, nil, keygen, "-q", "-t", kind, "-N", "", "-f", filepath.Join(dir, name))
	}
	for _, name := range []string{"host_rsa.pub", "host_ed.pub"} {
		f := strings.Fields(readText(t, filepath.Join(dir, name)))
		s.PublicKeys = append(s.PublicKeys, f[0]+" "+f[1])
	}
	said := strings.Fields(command(t.Context(), t, nil, nil, keygen, "-l", "-f", filepath.Join(dir, "host_rsa.pub")))
	if len(said) < 2 {
		t.Fatalf("ssh-keygen -l says %q", said)
	}
	s.Fingerprint = said[1]

	makeDir(t, filepath.Join(dir, "home"))
	makeDir(t, filepath.Join(dir, "data"))
	file := func(line, kind string) string {
		return filepath.Join(dir, "data", strings.NewReplacer(" ", "_", "/", "_").Replace(line)+kind)
	}
	for line, text := range cfg.Commands {
		writeFile(t, file(line, ".txt"), text)
	}
	for line, text := range cfg.Ask {
		writeFile(t, file(line, ".ask"), text)
	}
	for _, line := range cfg.Endless {
		writeFile(t, file(line, ".endless"), "")
	}
	const uid = 65533
	writeFile(t, s.commands, "")
	for _, path := range []string{s.commands, filepath.Join(dir, "home")} {
		if err := os.Chown(path, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	changed := "20000" // days since 1970
	if cfg.Expired {
		changed = "0" // must be changed at the next log-in
	}
	hash := strings.TrimSpace(command(t.Context(), t, nil, nil, openssl, "passwd", "-6", OpenSSHPassword))
	writeFile(t, filepath.Join(dir, "passwd"), fmt.Sprintf("root:x:0:0::/root:/bin/sh\nsshd:x:74:65534::/run/sshd:/usr/sbin/nologin\n"+
		"%s:x:%d:%d::%s/home:/bin/bash\n",
		OpenSSHUser, uid, uid, dir))
	writeFile(t, filepath.Join(dir, "shadow"), fmt.Sprintf("root:*:1::::::\nsshd:*:1::::::\n%s:%s:%s:0:99999:7:::\n", OpenSSHUser,
		hash, changed))
	writeFile(t, filepath.Join(dir, "group"), fmt.Sprintf("root:x:0:\ntty:x:5:\nnogroup:x:65534:\n%s:x:%d:\n", OpenSSHUser, uid))
	writeFile(t, filepath.Join(dir, "pam"), "auth required pam_unix.so\naccount required pam_unix.so\npassword required pam_unix.so\n"+
		"session required pam_permit.so\n")
	if err := os.Chmod(filepath.Join(dir, "shadow"), 0o600); err != nil {
		t.Fatal(err)
	}
	makeDir(t, "/run/sshd")
	conf, cli := filepath.Join(dir, "sshd.conf"), filepath.Join(dir, "cli")
	data := map[string]any{"IP": ip.String(), "Port": port, "Dir": dir, "Legacy": cfg.Legacy, "Keyboard": cfg.Keyboard,
		"Rows": strconv.Itoa(cfg.Rows)}
	writeTemplate(t, conf, "openssh.conf", data)
	writeTemplate(t, cli, "openssh-cli.sh", data)
	if err := os.Chmod(cli, 0o755); err != nil {
		t.Fatal(err)
	}
	const start = `for f in passwd shadow group; do mount --bind "$0/$f" /etc/$f || exit 1; done
mount --bind "$0/pam" /etc/pam.d/sshd || exit 1
exec "$1" -D -e -f "$0/sshd.conf"`
	s.process = run(t, service{
		name: "sshd", dir: dir, path: unshare, args: []string{"-m", "--propagation", "private", "sh", "-c", start, dir, sshd},
		ready: func(ctx context.Context) error { return readGreeting(ctx, s.Addr, "SSH-2.0-") },
	})
	return s
}

// Typed are the lines that were typed, with the keys at the pager as "key <k>" and answers to questions as "answer ...".
func (s *OpenSSHServer) Typed(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(s.commands)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// Log is what the server wrote about connections and log-ins.
func (s *OpenSSHServer) Log(t testing.TB) string {
	t.Helper()
	return readText(t, s.log)
}

// readGreeting connects and reads the first bytes that a server sends by itself.
func readGreeting(ctx context.Context, addr, want string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	got := make([]byte, len(want))
	if _, err := conn.Read(got); err != nil {
		return err
	}
	if string(got) != want {
		return fmt.Errorf("the server greets with %q", got)
	}
	return nil
}
