package servertest

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
)

// TFTPServer is a running TFTP server. It gives files and takes none.
type TFTPServer struct {
	*process
	IP   string
	Port int
	Addr string
}

// TFTP runs a TFTP server with files: name and content. options are further ones of in.tftpd, such as -r blksize, which refuses that
// option.
func TFTP(t testing.TB, files map[string]string, options ...string) *TFTPServer {
	t.Helper()
	path := program(t, "in.tftpd")
	needRoot(t, "in.tftpd changes its user and root folder")
	ip, dir := claimAddress(t), workDir(t)
	s := &TFTPServer{IP: ip.String(), Port: freePort(t, ip)}
	s.Addr = hostPort(ip, s.Port)
	folder := filepath.Join(dir, "files")
	makeDir(t, folder)
	for name, text := range files {
		writeFile(t, filepath.Join(folder, name), text)
	}
	writeFile(t, filepath.Join(folder, "ready"), "ready")
	args := append([]string{"-L", "-4", "-a", s.Addr, "-s", "-u", "nobody"}, options...)
	s.process = run(t, service{
		name: "in.tftpd", dir: dir, path: path, args: append(args, folder),
		ready: func(ctx context.Context) error { return tftpQuestion(ctx, s.Addr) },
	})
	return s
}

// tftpQuestion asks for a file that is there by hand (RFC 1350): any answer to the request is good.
func tftpQuestion(ctx context.Context, addr string) error {
	server, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return err
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.WriteTo([]byte("\x00\x01ready\x00octet\x00"), server); err != nil {
		return err
	}
	answer := make([]byte, 600)
	n, _, err := conn.ReadFrom(answer)
	if err == nil && n < 4 {
		err = errors.New("short answer")
	}
	return err
}
