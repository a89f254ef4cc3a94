package servertest

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// Zones maps the name of a zone to the text of its zone file. A text without an SOA record gets one, with an NS record
// ns.ZONE at the server's own address and a time to live of 60 seconds.
type Zones map[string]string

// NSDConfig says what an authoritative server serves.
type NSDConfig struct {
	Zones Zones
	// Broken names zones that are configured and whose file is missing: every question about them is answered SERVFAIL.
	// A name in no zone at all is answered REFUSED.
	Broken []string
	// RateLimit leaves nsd's response rate limiting as it comes: 200 like answers a second to a /24 network, all
	// NXDOMAIN of a zone count as one answer; above that answers are dropped, or slipped truncated. Off unless set.
	RateLimit bool
	// Port is fixed only where a client cannot be given one, as in resolv.conf. 0 takes a free one.
	Port int
}

// DNSServer is a running name server.
type DNSServer struct {
	*process
	Addr    string // IP:port, UDP and TCP
	TLSAddr string // IP:port of DNS over TLS; empty where it was not asked for
}

// hasSOA finds an SOA record in a zone file's text.
const hasSOA = `(?im)^[^;"]*\sSOA\s`

// NSD runs an authoritative name server. A zone whose text nsd does not accept ends the test with nsd's own message.
func NSD(t testing.TB, cfg NSDConfig) *DNSServer {
	t.Helper()
	path := program(t, "nsd")
	ip, dir := claimAddress(t), workDir(t)
	port := portOr(t, ip, cfg.Port)
	addr := hostPort(ip, port)

	soa := regexp.MustCompile(hasSOA)
	files := make(map[string]string)
	number := 0
	for name, text := range cfg.Zones {
		origin := dns.Fqdn(name)
		if !soa.MatchString(text) {
			head := "$ORIGIN %s\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A %s\n"
			text = fmt.Sprintf(head, origin, ip) + text
		}
		number++
		files[origin] = fmt.Sprintf("%d.zone", number)
		writeFile(t, filepath.Join(dir, "zones", files[origin]), strings.TrimRight(text, "\n")+"\n")
	}
	for _, name := range cfg.Broken {
		files[dns.Fqdn(name)] = "missing.zone"
	}
	makeDir(t, filepath.Join(dir, "zones"))
	conf := filepath.Join(dir, "nsd.conf")
	writeTemplate(t, conf, "nsd.conf", map[string]any{
		"IP": ip, "Port": port, "Dir": dir, "Zones": files, "RateLimit": cfg.RateLimit,
	})

	p := run(t, service{
		name: "nsd", dir: dir, path: path, args: []string{"-d", "-c", conf},
		ready: func(ctx context.Context) error { _, err := ask(ctx, addr, ".", dns.TypeSOA); return err },
	})
	for name := range cfg.Zones {
		answer, err := ask(t.Context(), addr, name, dns.TypeSOA)
		if err != nil {
			t.Fatalf("nsd: SOA of %s: %v", name, err)
		}
		if answer.Rcode != dns.RcodeSuccess || !answer.Authoritative {
			t.Fatalf("nsd does not serve %s (%s): its zone file is wrong, see the log", name, dns.RcodeToString[answer.Rcode])
		}
	}
	return &DNSServer{process: p, Addr: addr}
}

// ask sends one question over UDP and gives the server's answer, whatever its rcode.
func ask(ctx context.Context, addr, name string, qtype uint16) (*dns.Msg, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	answer, _, err := (&dns.Client{Timeout: askLimit}).ExchangeContext(ctx, question, addr)
	return answer, err
}

// BigRRSet gives the zone file lines of n records of one name and type (TXT or SRV). A hundred of either are too many
// for a UDP answer, so that it comes truncated.
func BigRRSet(name, rrType string, n int) string {
	var text strings.Builder
	for i := range n {
		switch rrType {
		case "TXT":
			fmt.Fprintf(&text, "%s IN TXT \"record %03d padding padding padding padding\"\n", name, i)
		case "SRV":
			fmt.Fprintf(&text, "%s IN SRV %d 0 5060 host%03d\n", name, i, i)
		default:
			panic("servertest: BigRRSet makes TXT and SRV records, not " + rrType)
		}
	}
	return text.String()
}
