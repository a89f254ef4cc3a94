package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/catalogue"
)

// fleetSize is how many names are asked for at once.
const fleetSize = 20_000

// A fleet is names to ask DNS for: as pairs, and in as many exports.
type fleet struct {
	dir      string
	pairs    []dnscheck.Pair
	resolver wire.Resolver
	server   *exec.Cmd
	input    io.Closer // the server ends with it
}

// begin writes the exports and starts a name server: this program in a process of its own, so that it is not in the profile.
func (f *fleet) begin() (err error) {
	if f.dir, err = os.MkdirTemp("", "pgo"); err != nil {
		return err
	}
	for i := range fleetSize {
		node := fmt.Sprintf("cup%06d", i)
		folder := filepath.Join(f.dir, fmt.Sprintf("%04d", i/100))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		text := "Presence.Primary.Address = " + node + "\nPresence.Domain = flat.example\n"
		if err := os.WriteFile(filepath.Join(folder, node+".properties"), []byte(text), 0o644); err != nil {
			return err
		}
		f.pairs = append(f.pairs, dnscheck.Pair{Node: node, Domain: "flat.example", Place: dnscheck.Place{Index: i}})
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	f.server = exec.Command(self, "-serve")
	f.server.Stderr = os.Stderr
	if f.input, err = f.server.StdinPipe(); err != nil {
		return err
	}
	out, err := f.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := f.server.Start(); err != nil {
		return err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("start the name server: %w", err)
	}
	f.resolver, err = wire.ParseResolver(strings.TrimSpace(addr))
	return err
}

// end stops the server and removes the exports, as far as there are any.
func (f *fleet) end() error {
	var errs []error
	if f.input != nil {
		errs = append(errs, f.input.Close())
	}
	if f.server != nil && f.server.Process != nil {
		if err := f.server.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("the name server: %w", err))
		}
	}
	if f.dir != "" {
		errs = append(errs, os.RemoveAll(f.dir))
	}
	return errors.Join(errs...)
}

// ask asks for the names once as pairs, and once from the exports.
func (f *fleet) ask() error {
	sources, errs := export.Find([]string{f.dir})
	if len(errs) > 0 {
		return errs[0]
	}
	types, err := dnscheck.ParseTypes([]string{"a"})
	if err != nil {
		return err
	}
	for _, job := range []dnscheck.Job{{Pairs: f.pairs}, {Sources: sources}} {
		job.Rules = catalogue.All()
		found, err := dnscheck.Run(context.Background(), job, dnscheck.Options{Resolvers: []wire.Resolver{f.resolver}, Types: types})
		if err != nil {
			return err
		}
		err = errors.Join(dnscheck.WriteJSON(bufio.NewWriter(io.Discard), found.Observations), found.Close())
		if err != nil {
			return err
		}
		if found.Asked <= fleetSize/2 {
			return fmt.Errorf("%d names asked", found.Asked)
		}
	}
	return nil
}

// serve answers questions about addresses on a free port of loopback, which it prints, until standard input ends. One in a hundred names
// does not exist.
func serve() error {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		name := question.Question[0].Name
		if host, _, _ := strings.Cut(name, "."); strings.HasSuffix(host, "00") {
			answer.Rcode = dns.RcodeNameError
		} else if question.Question[0].Qtype == dns.TypeA {
			answer.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60},
				A: net.IPv4(192, 0, 2, 1)}}
		}
		_ = w.WriteMsg(answer) // a lost answer is asked for again
	})}
	served := make(chan error, 1)
	go func() { served <- server.ActivateAndServe() }()
	fmt.Println(conn.LocalAddr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := server.Shutdown(); err != nil {
		return err
	}
	return <-served
}
