package servertest

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// UnboundConfig says what a recursive resolver knows. It asks nothing outside loopback: a name that none of its zones
// covers is refused.
type UnboundConfig struct {
	// Stub maps a zone to the address (IP:port) of the authoritative server that is asked for it.
	Stub map[string]string
	// Forward maps a zone to the address (IP:port) of the resolver that is asked for it: with UDPSink's, every
	// question in the zone runs into unbound's own time limit.
	Forward map[string]string
	// LocalZones maps a zone to what unbound does with it: "refuse" (REFUSED), "deny" (no answer at all), "static"
	// (NXDOMAIN beyond LocalData) or another type of its local-zone option.
	LocalZones map[string]string
	// LocalData holds records that unbound answers itself, such as "a.static.test. A 127.0.0.1". They win over the stub.
	LocalData []string
	// CA makes unbound answer DNS over TLS too, on DNSServer.TLSAddr, with a certificate for that address. Nil for none.
	CA *Authority
	// Flaw is what is wrong with that certificate.
	Flaw Flaw
	// Port is fixed only where a client cannot be given one, as in resolv.conf. 0 takes a free one.
	Port int
}

// Unbound runs a recursive resolver.
func Unbound(t testing.TB, cfg UnboundConfig) *DNSServer {
	t.Helper()
	path := program(t, "unbound")
	ip, dir := claimAddress(t), workDir(t)
	port := portOr(t, ip, cfg.Port)
	server := &DNSServer{Addr: hostPort(ip, port)}

	data := map[string]any{
		"IP": ip, "Port": port, "Dir": dir, "TLSPort": 0, "LocalZones": cfg.LocalZones, "LocalData": cfg.LocalData,
		"Stub": atPort(t, cfg.Stub), "Forward": atPort(t, cfg.Forward), "Open": openZones(cfg),
	}
	if cfg.CA != nil {
		cert := cfg.CA.Issue(t, cfg.Flaw, ip.String())
		tlsPort := freePort(t, ip, port)
		data["TLSPort"], data["CertFile"], data["KeyFile"] = tlsPort, cert.CertFile, cert.KeyFile
		server.TLSAddr = hostPort(ip, tlsPort)
	}
	conf := filepath.Join(dir, "unbound.conf")
	writeTemplate(t, conf, "unbound.conf", data)
	server.process = run(t, service{
		name: "unbound", dir: dir, path: path, args: []string{"-d", "-p", "-c", conf},
		ready: func(ctx context.Context) error { _, err := ask(ctx, server.Addr, ".", dns.TypeSOA); return err },
	})
	return server
}

// openZones lists the zones that must be resolved and not answered from unbound's built-in local zones.
func openZones(cfg UnboundConfig) []string {
	var open []string
	for _, zones := range []map[string]string{cfg.Stub, cfg.Forward} {
		for name := range zones {
			if _, local := cfg.LocalZones[name]; !local {
				open = append(open, name)
			}
		}
	}
	slices.Sort(open)
	return open
}

// atPort writes addresses as unbound reads them: IP@port.
func atPort(t testing.TB, zones map[string]string) map[string]string {
	t.Helper()
	written := make(map[string]string, len(zones))
	for zone, addr := range zones {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatalf("address of zone %s: %v", zone, err)
		}
		written[strings.TrimSuffix(zone, ".")+"."] = host + "@" + port
	}
	return written
}
