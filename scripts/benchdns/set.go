//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A set is a zone, the presence addresses in it, and what must be answered.
type set struct {
	zone    string
	records func(w *bufio.Writer)
	pairs   func(w *bufio.Writer)
	queries []query
}

type query struct{ name, rrType, rcode string }

// Every missing-th name does not exist: 3 %.
const missing = 33

// What cupclint dns asks as well, to find wildcard records: these would answer for every name.
const (
	noHost    = "cupclint-no-such-host."
	noService = "_cupclint-no-such-service._tcp."
)

// flatSet has all names in one domain.
func flatSet(names int) *set {
	s := &set{zone: "flat.example"}
	host := func(i int) string { return fmt.Sprintf("cup%06d", i) }
	s.records = func(w *bufio.Writer) {
		for i := range names {
			if i%missing != 0 {
				fmt.Fprintf(w, "%s IN A 10.%d.%d.%d\n", host(i), i>>16, i>>8&255, i&255)
			}
		}
	}
	s.pairs = func(w *bufio.Writer) {
		for i := range names {
			fmt.Fprintf(w, "%s\tflat.example\n", host(i))
		}
	}
	for i := range names {
		s.queries = append(s.queries, query{host(i) + ".flat.example.", "A", rcode(i%missing != 0)})
	}
	s.queries = append(s.queries, query{noHost + "flat.example.", "A", "NXDOMAIN"})
	return s
}

// writeExports writes the pairs of a flat set as exports, a hundred in a folder.
func writeExports(dir string, names int) error {
	for i := range names {
		folder := filepath.Join(dir, fmt.Sprintf("%04d", i/100))
		if i%100 == 0 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		text := fmt.Sprintf("Presence.Primary.Address = cup%06d\nPresence.Domain = flat.example\n", i)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("cup%06d.properties", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// wideSet has every name in a domain of its own, with an SRV record for each.
func wideSet(names int) *set {
	s := &set{zone: "wide.example"}
	domain := func(i int) string { return fmt.Sprintf("n%06d", i) }
	s.records = func(w *bufio.Writer) {
		for i := range names {
			if i%missing != 0 {
				fmt.Fprintf(w, "cup.%s IN A 10.%d.%d.%d\n", domain(i), i>>16, i>>8&255, i&255)
				fmt.Fprintf(w, "cup.%s IN AAAA 2001:db8::%x:%x\n", domain(i), i>>16, i&65535)
			}
			fmt.Fprintf(w, "_sip._tcp.%s IN SRV 0 0 5060 cup.%s\n", domain(i), domain(i))
		}
	}
	s.pairs = func(w *bufio.Writer) {
		for i := range names {
			fmt.Fprintf(w, "cup\t%s.wide.example\n", domain(i))
		}
	}
	for i := range names {
		d := domain(i) + ".wide.example."
		exists := rcode(i%missing != 0)
		s.queries = append(s.queries, query{"cup." + d, "A", exists}, query{"cup." + d, "AAAA", exists},
			query{"_sips._tcp." + d, "SRV", "NXDOMAIN"},
			query{"_sip._tcp." + d, "SRV", "NOERROR"}, query{"_sip._udp." + d, "SRV", "NXDOMAIN"},
			query{noService + d, "SRV", "NXDOMAIN"})
		if exists == "NOERROR" {
			s.queries = append(s.queries, query{noHost + d, "A", "NXDOMAIN"})
		}
	}
	return s
}

func rcode(exists bool) string {
	if exists {
		return "NOERROR"
	}
	return "NXDOMAIN"
}

func (s *set) pairsFile(dir string) string   { return filepath.Join(dir, s.zone+".pairs") }
func (s *set) queriesFile(dir string) string { return filepath.Join(dir, s.zone+".queries") }
func (s *set) zoneFile() string              { return s.zone + ".zone" }

func (s *set) write(dir string) error {
	zone := func(w *bufio.Writer) {
		fmt.Fprintf(w, "$ORIGIN %s.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n", s.zone)
		s.records(w)
	}
	queries := func(w *bufio.Writer) {
		for _, q := range s.queries {
			fmt.Fprintf(w, "%s %s\n", strings.TrimSuffix(q.name, "."), q.rrType)
		}
	}
	for path, content := range map[string]func(*bufio.Writer){
		filepath.Join(dir, s.zoneFile()): zone, s.pairsFile(dir): s.pairs, s.queriesFile(dir): queries,
	} {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		w := bufio.NewWriter(file)
		content(w)
		if err := w.Flush(); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

// report is the part of cupclint's JSON that is checked.
type report struct {
	Observations []struct {
		Name      string `json:"name"`
		Questions []struct {
			Name    string `json:"name"`
			Type    string `json:"type"`
			Answers []struct {
				Rcode string `json:"rcode"`
			} `json:"answers"`
		} `json:"questions"`
	} `json:"observations"`
	DNS struct {
		Asked int `json:"asked"`
	} `json:"dns"`
}

// verify checks that every question was asked, none twice, and every rcode is right.
func (s *set) verify(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	got := make(map[[2]string]string)
	for _, o := range r.Observations {
		for _, q := range o.Questions {
			if len(q.Answers) != 1 {
				return fmt.Errorf("%s %s: %d answers of one resolver", q.Name, q.Type, len(q.Answers))
			}
			got[[2]string{q.Name, q.Type}] = q.Answers[0].Rcode
		}
	}
	if len(got) != len(s.queries) || r.DNS.Asked != len(s.queries) {
		return fmt.Errorf("%d different questions in the report, %d asked, want %d", len(got), r.DNS.Asked, len(s.queries))
	}
	wrong := 0
	for _, q := range s.queries {
		if rcode := got[[2]string{q.name, q.rrType}]; rcode != q.rcode {
			if wrong++; wrong <= 5 {
				fmt.Fprintf(os.Stderr, "%s %s: rcode %q, want %s\n", q.name, q.rrType, rcode, q.rcode)
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d wrong rcodes", wrong)
	}
	return nil
}
