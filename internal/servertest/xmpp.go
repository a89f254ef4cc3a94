package servertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// XMPPTLS says how an XMPP server uses TLS. The zero value is TLSRequired.
type XMPPTLS string

// The ways to use TLS.
const (
	TLSRequired XMPPTLS = ""
	TLSOptional XMPPTLS = "optional"
	TLSOff      XMPPTLS = "off"
	TLSDirect   XMPPTLS = "direct" // from the first byte
)

// XMPPDomain is the domain that XMPP servers of the tests serve unless told otherwise.
const XMPPDomain = "jabber.acme.test"

// XMPPConfig says how an XMPP server differs from the usual one.
type XMPPConfig struct {
	CA     *Authority // issues its certificate; nil makes a new one, see XMPPServer.CA
	Flaw   Flaw       // what is wrong with the certificate
	TLS    XMPPTLS
	Domain string // the one domain that is served; empty means XMPPDomain
	// Names are those of the certificate; without any it has the domain and the address.
	Names []string
	// Port, if not 0, is the port on an address of the server's own.
	Port int
}

// XMPPServer is a running XMPP server with one user, see User.
type XMPPServer struct {
	*process
	IP   string
	Addr string // IP:port
	CA   *Authority
}

func (cfg XMPPConfig) prepare(t testing.TB) (s *XMPPServer, dir string, data map[string]any) {
	t.Helper()
	var fixed []int
	if cfg.Port != 0 {
		fixed = append(fixed, cfg.Port)
	}
	ip := claimAddress(t, fixed...)
	dir = workDir(t)
	port := portOr(t, ip, cfg.Port)
	s = &XMPPServer{IP: ip.String(), Addr: hostPort(ip, port), CA: cfg.CA}
	if s.CA == nil {
		s.CA = CA(t)
	}
	if cfg.Domain == "" {
		cfg.Domain = XMPPDomain
	}
	if cfg.TLS == TLSRequired {
		cfg.TLS = "required"
	}
	names := cfg.Names
	if len(names) == 0 {
		names = []string{cfg.Domain, s.IP}
	}
	return s, dir, map[string]any{
		"Dir": dir, "IP": s.IP, "Port": port, "TLS": string(cfg.TLS), "Domain": cfg.Domain, "Cert": s.CA.Issue(t, cfg.Flaw, names...),
		"Required": cfg.TLS == "required",
	}
}

// Prosody runs an XMPP server. Its order of features, mechanisms and attributes is another one at every start.
func Prosody(t testing.TB, cfg XMPPConfig) *XMPPServer {
	t.Helper()
	path := program(t, "prosody")
	needRoot(t, "Prosody runs here with run_as_root")
	s, dir, data := cfg.prepare(t)
	conf := filepath.Join(dir, "prosody.cfg.lua")
	writeTemplate(t, conf, "prosody.cfg.lua", data)
	// Prosody writes a host's name in a path as a URL does, the dots as well.
	host := strings.ReplaceAll(url.PathEscape(data["Domain"].(string)), ".", "%2e")
	writeFile(t, filepath.Join(dir, "data", host, "accounts", User+".dat"), "return { [\"password\"] = \""+Password+"\" };\n")
	s.process = run(t, service{
		name: "prosody", dir: dir, path: path, args: []string{"-F", "--config", conf}, kill: true,
		ready: func(ctx context.Context) error { return accepts(ctx, s.Addr) },
	})
	return s
}

// Ejabberd runs an XMPP server that is written in another way. It is optional: a test without it is skipped. It cannot speak TLS
// from the first byte here, nor leave TLS out.
func Ejabberd(t testing.TB, cfg XMPPConfig) *XMPPServer {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short no server is started (ejabberd)")
	}
	found, _ := filepath.Glob("/usr/lib/*/ejabberd-*/ebin")
	path, err := exec.LookPath("erl")
	if err != nil || len(found) == 0 { // optional, so CI does without as well
		t.Skip(MissingPrefix + "ejabberd is not installed; it is optional (scripts/install-servers.sh tries to)")
	}
	needRoot(t, "the files of ejabberd's package are for root and its own user")
	s, dir, data := cfg.prepare(t)
	conf := filepath.Join(dir, "ejabberd.yml")
	writeTemplate(t, conf, "ejabberd.yml", data)
	cert := data["Cert"].(*Certificate)
	joined := readFile(t, cert.CertFile) + readFile(t, cert.KeyFile)
	writeFile(t, filepath.Join(dir, "cert.pem"), joined)
	log := filepath.Join(dir, "log", "ejabberd.log")
	makeDir(t, filepath.Dir(log))
	// Without a node name nothing listens but the server's own port.
	s.process = run(t, service{
		name: "ejabberd", dir: dir, path: path, logs: []string{log}, kill: true,
		args: []string{
			"-noinput", "-mnesia", "dir", `"` + filepath.Join(dir, "db") + `"`, "-s", "ejabberd",
			"-eval", fmt.Sprintf("ejabberd_auth:try_register(<<%q>>, <<%q>>, <<%q>>).", User, data["Domain"], Password),
		},
		env: []string{
			"ERL_LIBS=" + filepath.Dir(filepath.Dir(found[0])), "HOME=" + dir, "EJABBERD_CONFIG_PATH=" + conf, "EJABBERD_LOG_PATH=" + log,
			"ERL_CRASH_DUMP=" + filepath.Join(dir, "crash"),
		},
		ready: func(ctx context.Context) error {
			text, err := os.ReadFile(log)
			if err == nil && !strings.Contains(string(text), "Start accepting TCP connections at "+s.Addr) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			return accepts(ctx, s.Addr)
		},
	})
	return s
}

// accepts reports whether something listens.
func accepts(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
