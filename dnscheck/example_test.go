package dnscheck_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/miekg/dns"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/resolve"
)

// The name that is asked for is the one that the client makes of node name and domain.
func ExampleCheck() {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &dns.Server{PacketConn: socket, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		_ = w.WriteMsg(new(dns.Msg).SetRcode(question, dns.RcodeNameError))
	})}
	go func() { _ = server.ActivateAndServe() }()
	defer func() { _ = server.Shutdown() }()

	names := dnscheck.NewNames()
	names.AddPair("cups1.acme.test", "ACME.TEST", resolve.SIP, dnscheck.Place{})
	result, err := dnscheck.Check(context.Background(), names.Subjects(), dnscheck.Options{
		Resolvers: []wire.Resolver{{Addr: netip.MustParseAddrPort(socket.LocalAddr().String())}}, Types: dnscheck.A,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range result.Findings {
		if f.Rule == "DNS101" {
			fmt.Println(f.Severity, f.Rule, f.Address)
		}
	}
	// Output: error DNS101 cups1.acme.test.ACME.TEST
}
