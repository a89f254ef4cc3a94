package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// The files of a real web server and of a real TFTP server are read: over HTTP, over HTTPS where HTTP is closed, over TFTP where both are.
func TestCollectFilesFromRealServers(t *testing.T) {
	const config = `<?xml version="1.0" encoding="utf-8"?>
<config version="1.0"><Policies><EnableSIPURIDialling>true</EnableSIPURIDialling></Policies></config>
`
	files := map[string]string{"jabber-config.xml": config, "groupa-config.xml": config}
	web := servertest.Jabber(t, servertest.JabberConfig{Files: files,
		UDS: map[string]string{"version": "<versionInformation><version>12.5.1</version></versionInformation>"}})
	udp := servertest.TFTP(t, files)
	port := func(addr string) string {
		_, p, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	closed := port(servertest.ClosedAddr(t))
	for name, c := range map[string]struct {
		node  string
		ports []string
	}{
		"HTTP":  {web.IP, []string{"6970=" + port(web.HTTP), "8443=" + port(web.UDS)}},
		"HTTPS": {web.IP, []string{"6970=" + closed, "6972=" + port(web.HTTPS), "8443=" + port(web.UDS)}},
		"TFTP":  {udp.IP, []string{"6970=" + closed, "6972=" + closed, "69=" + port(udp.Addr)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // two of them wait until TFTP gives up
			dir := filepath.Join(t.TempDir(), "hq")
			args := []string{"collect", "--no-login", "--interfaces", "files,uds", "--jabber-file", "groupa-config.xml,none.xml", "--out", dir}
			for _, p := range c.ports {
				args = append(args, "--port", p)
			}
			code, out, errs := cupclint(t, "", append(args, c.node)...)
			if code != exitClean || !strings.Contains(errs, "files.jabber-file  empty: the server has no such file") {
				t.Errorf("exit code %d\n%s%s", code, out, errs)
			}
			for _, file := range []string{"jabber-config.xml", "groupa-config.xml"} {
				got, err := os.ReadFile(filepath.Join(dir, "exports", "jabber", c.node, file))
				if err != nil || string(got) != config {
					t.Errorf("%s: %q, %v", file, got, err)
				}
			}
		})
	}
}
