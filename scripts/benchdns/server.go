//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// nsd is a running name server.
type nsd struct {
	addr string
	cmd  *exec.Cmd
}

// startNSD serves the sets on a free port of loopback.
func startNSD(ctx context.Context, dir, name string, limited bool, sets ...*set) (*nsd, error) {
	own := filepath.Join(dir, name)
	if err := os.Mkdir(own, 0o755); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf("server:\n  ip-address: 127.0.0.1@%d\n  do-ip6: no\n  username: \"\"\n  chroot: \"\"\n  zonesdir: %q\n  database: "+
		"\"\"\n  pidfile: %q\n"+
		"  xfrdfile: %q\n  xfrdir: %q\n  zonelistfile: %q\n  cookie-secret-file: %q\n  server-count: 1\n  minimal-responses: yes\n",
		port, dir, own+"/pid", own+"/xfrd", own, own+"/zonelist", own+"/cookie")
	if !limited {
		conf += "  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n"
	}
	conf += "remote-control:\n  control-enable: no\n"
	for _, s := range sets {
		conf += fmt.Sprintf("zone:\n  name: %q\n  zonefile: %q\n", s.zone, s.zoneFile())
	}
	file := filepath.Join(own, "nsd.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(own, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	n := &nsd{addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), cmd: exec.Command("nsd", "-d", "-c", file)}
	n.cmd.Stdout, n.cmd.Stderr = log, log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // nsd's children end with it
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	if err := n.ready(ctx, sets[len(sets)-1].zone); err != nil {
		n.stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("nsd does not serve: %w\n%s", err, text)
	}
	return n, nil
}

func freePort() (int, error) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port, nil
}

// ready waits until the zone is served.
func (n *nsd) ready(ctx context.Context, zone string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := dns.ExchangeContext(ctx, new(dns.Msg).SetQuestion(zone+".", dns.TypeSOA), n.addr)
		if err == nil && m.Rcode == dns.RcodeSuccess {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-tick.C:
		}
	}
}

func (n *nsd) stop() {
	_ = syscall.Kill(-n.cmd.Process.Pid, syscall.SIGTERM)
	_ = n.cmd.Wait()
}

var perSecond = regexp.MustCompile(`Queries per second:\s+([0-9.]+)`)

// dnsperf asks every question of the file once and gives its rate.
func dnsperf(ctx context.Context, addr, queries string) (float64, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, "dnsperf", "-s", host, "-p", port, "-d", queries, "-n", "1").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("dnsperf: %w\n%s", err, out)
	}
	found := perSecond.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("dnsperf prints no rate:\n%s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
