package servertest

import (
	"context"
	"errors"
	"net"
	"os/user"
	"path/filepath"
	"testing"
)

// ChronyConfig says what time server is run.
type ChronyConfig struct {
	// Stratum is 1 to 15: that of a server on its own clock. 0 is one without time: on the wire stratum 0 and leap indicator 3.
	Stratum int
}

// ChronyServer is a running time server. It leaves the clock of the machine alone.
type ChronyServer struct {
	*process
	IP   string
	Port int
	Addr string
}

// Chrony runs a time server.
func Chrony(t testing.TB, cfg ChronyConfig) *ChronyServer {
	t.Helper()
	path := program(t, "chronyd")
	ip, dir := claimAddress(t), workDir(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s := &ChronyServer{IP: ip.String(), Port: freePort(t, ip)}
	s.Addr = hostPort(ip, s.Port)
	conf := filepath.Join(dir, "chrony.conf")
	writeTemplate(t, conf, "chrony.conf", map[string]any{"Port": s.Port, "IP": ip, "Dir": dir, "Stratum": cfg.Stratum, "User": me.Username})
	s.process = run(t, service{
		name: "chrony", dir: dir, path: path, args: []string{"-x", "-d", "-U", "-f", conf},
		ready: func(ctx context.Context) error { return ntpQuestion(ctx, s.Addr) },
	})
	return s
}

// ntpQuestion asks a time server by hand (RFC 5905, section 7.3): version 4, mode client.
func ntpQuestion(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	question := make([]byte, 48)
	question[0] = 4<<3 | 3
	if _, err := conn.Write(question); err != nil {
		return err
	}
	answer := make([]byte, 512)
	n, err := conn.Read(answer)
	if err == nil && n < 48 {
		err = errors.New("short answer")
	}
	return err
}
