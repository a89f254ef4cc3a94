package servertest

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The one user of every mail, web and SIP server of the tests.
const (
	User     = "alice"
	Password = "secret"
)

// DovecotConfig says how an IMAP server differs from the usual one.
type DovecotConfig struct {
	CA   *Authority // issues its certificate; nil makes a new one, see DovecotServer.CA
	Flaw Flaw       // what is wrong with the certificate
	// CleartextLogin lets a password cross without TLS; otherwise the server says LOGINDISABLED until TLS runs.
	CleartextLogin bool
	// NoTLS offers neither STARTTLS nor a TLS port.
	NoTLS bool
}

// DovecotServer is a running IMAP server with one user, see User. The INBOX holds one message that no one has read.
type DovecotServer struct {
	*process
	IP      string
	Addr    string // IP:port of IMAP, with STARTTLS unless NoTLS
	TLSAddr string // IP:port of IMAP over TLS; empty with NoTLS
	CA      *Authority
	Maildir string // the user's mail folder, for a test to see that nothing has changed
}

const unreadMessage = `From: Unity Connection <unity@example.com>
To: alice@example.com
Subject: Voice message
Date: Mon, 05 Jan 2009 09:00:00 +0000
Message-ID: <1@example.com>

Please call back.
`

// Dovecot runs an IMAP server. A refused log-in is answered without delay.
func Dovecot(t testing.TB, cfg DovecotConfig) *DovecotServer {
	t.Helper()
	path := program(t, "dovecot")
	needFile(t, "/usr/lib/dovecot/imap", "dovecot-imapd")
	needRoot(t, "Dovecot runs its parts as users of their own")
	ip, dir := claimAddress(t), workDir(t)
	port := freePort(t, ip)
	tlsPort := freePort(t, ip, port)
	mail := filepath.Join(dir, "mail")
	s := &DovecotServer{IP: ip.String(), Addr: hostPort(ip, port), CA: cfg.CA, Maildir: filepath.Join(mail, User)}
	if s.CA == nil {
		s.CA = CA(t)
	}
	data := map[string]any{
		"Dir": dir, "IP": ip, "Port": port, "TLSPort": tlsPort, "Mail": mail, "CleartextLogin": cfg.CleartextLogin, "Cert": nil,
	}
	if !cfg.NoTLS {
		data["Cert"] = s.CA.Issue(t, cfg.Flaw, s.IP, "mail.example.com")
		s.TLSAddr = hostPort(ip, tlsPort)
	}
	conf := filepath.Join(dir, "dovecot.conf")
	writeTemplate(t, conf, "dovecot.conf", data)
	writeFile(t, filepath.Join(dir, "users"), User+":{PLAIN}"+Password+"::::::\n")
	for _, sub := range []string{"cur", "tmp"} {
		makeDir(t, filepath.Join(s.Maildir, sub))
	}
	writeFile(t, filepath.Join(s.Maildir, "new", "1231146000.1.mail"), unreadMessage)
	giveTo(t, mail, "mail")
	makeDir(t, filepath.Join(dir, "run"))
	makeDir(t, filepath.Join(dir, "state"))

	s.process = run(t, service{
		name: "dovecot", dir: dir, path: path, args: []string{"-F", "-c", conf}, logs: []string{filepath.Join(dir, "dovecot.log")},
		kill:  true, // it needs more than a second to end by itself, and its mail is the test's
		ready: func(ctx context.Context) error { return greetingWithCapabilities(ctx, s.Addr) },
	})
	return s
}

// greetingWithCapabilities reads an IMAP greeting. One without capabilities only says that Dovecot's authentication
// process is not there yet.
func greetingWithCapabilities(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "* OK [CAPABILITY ") {
		return fmt.Errorf("greeting %q", line)
	}
	return nil
}

// giveTo makes a user of the system the owner of a folder and all in it.
func giveTo(t testing.TB, dir, name string) {
	t.Helper()
	account, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, uid, gid)
	})
	if err != nil {
		t.Fatal(err)
	}
}
