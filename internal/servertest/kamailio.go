package servertest

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// KamailioConfig says how a SIP proxy differs from the usual one.
type KamailioConfig struct {
	// CA makes the proxy speak SIP over TLS too, on KamailioServer.TLSAddr. Nil for none.
	CA   *Authority
	Flaw Flaw // what is wrong with its certificate
	// OldTLS speaks TLS 1.0 and nothing newer there.
	OldTLS bool
	// Open asks for no digest credential.
	Open bool
	// Realm is the realm of the challenge to a REGISTER; empty for the host of the To header.
	Realm string
}

// KamailioServer is a running SIP proxy and registrar. OPTIONS is answered 200; REGISTER is challenged (401, qop "auth",
// MD5) and passes with the digest credential User and Password; INVITE, MESSAGE and SUBSCRIBE are challenged (407).
type KamailioServer struct {
	*process
	IP      string
	Addr    string // IP:port, UDP and TCP
	TLSAddr string // IP:port of SIP over TLS; empty without KamailioConfig.CA

	dir string
}

// Kamailio runs the SIP proxy.
func Kamailio(t testing.TB, cfg KamailioConfig) *KamailioServer {
	t.Helper()
	path := program(t, "kamailio")
	ip, dir := claimAddress(t), workDir(t)
	port := freePort(t, ip)
	s := &KamailioServer{IP: ip.String(), Addr: hostPort(ip, port), dir: dir}
	data := map[string]any{
		"Dir": dir, "Addr": s.Addr, "TLSAddr": "", "Cert": nil, "OldTLS": cfg.OldTLS, "Open": cfg.Open, "Realm": cfg.Realm,
		"User": User, "Password": Password,
	}
	if cfg.Realm == "" {
		data["Realm"] = "$td"
	}
	if cfg.CA != nil {
		needFile(t, "/usr/lib/*/kamailio/modules/tls.so", "kamailio-tls-modules")
		s.TLSAddr = hostPort(ip, freePort(t, ip, port))
		data["TLSAddr"], data["Cert"] = s.TLSAddr, cfg.CA.Issue(t, cfg.Flaw, s.IP, "sip.example.com")
	}
	conf := filepath.Join(dir, "kamailio.cfg")
	writeTemplate(t, conf, "kamailio.cfg", data)
	s.process = run(t, service{
		name: "kamailio", dir: dir, path: path,
		args:  []string{"-DD", "-E", "-f", conf, "-P", filepath.Join(dir, "pid"), "-Y", dir, "-m", "64", "-M", "8"},
		ready: func(ctx context.Context) error { return sipOptions(ctx, s.Addr) },
	})
	return s
}

// Bindings lists what is registered at the moment, as the proxy's own tool prints it; without a binding it holds no
// "Contact". It is for a test to see that a probe leaves nothing behind.
func (s *KamailioServer) Bindings(t testing.TB) string {
	t.Helper()
	return command(t.Context(), t, nil, nil, program(t, "kamcmd"), "-s", "unix:"+filepath.Join(s.dir, "ctl"), "ul.dump")
}

// sipOptions asks a SIP server over UDP what it can do; 200 is the answer that it is ready.
func sipOptions(ctx context.Context, addr string) error {
	answer, err := sipRequest(ctx, "udp", addr, "OPTIONS", "")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(answer, "SIP/2.0 200 ") {
		return fmt.Errorf("answer to OPTIONS: %.60q", answer)
	}
	return nil
}

// sipRequest sends one bare request for User and gives the first piece of the answer.
func sipRequest(ctx context.Context, network, addr, method, headers string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return sipExchange(ctx, conn, strings.ToUpper(network), addr, method, headers)
}

// sipExchange sends one bare request over a connection and gives the first piece of the answer. Headers end with CR LF.
func sipExchange(ctx context.Context, conn net.Conn, transport, addr, method, headers string) (string, error) {
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	request := fmt.Sprintf("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@%s>;tag=1\r\nTo: <sip:%s@%s>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n",
		method, addr, transport, conn.LocalAddr(), User, addr, User, addr, conn.LocalAddr(), method, headers)
	if _, err := conn.Write([]byte(request)); err != nil {
		return "", err
	}
	buffer := make([]byte, 64<<10)
	n, err := conn.Read(buffer)
	return string(buffer[:n]), err
}
