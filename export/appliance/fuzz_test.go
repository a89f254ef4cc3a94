package appliance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// outputs lists all commands with a reader, typed or known by their first line.
func outputs() []*command {
	all := append(typed(), bannerCommand, windowsTime, hardwareRefused, licenceFile, phoneLog, dhcpPool)
	return slices.DeleteFunc(all, func(c *command) bool { return c.read == nil })
}

// FuzzTables gives the reader of one output any text. The seeds are the outputs of the rules' fixtures.
func FuzzTables(f *testing.F) {
	all := outputs()
	seeds, err := filepath.Glob("../../fixtures/rules/*/*/*")
	if err != nil {
		f.Fatal(err)
	}
	seeded := make(map[*command]bool)
	for _, name := range seeds {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		s := Scan(name, string(data))
		for i := range s.Blocks {
			b := &s.Blocks[i]
			if n := slices.Index(all, b.cmd); n >= 0 {
				f.Add(uint8(n), s.text[b.Start:b.End])
				seeded[b.cmd] = true
			}
		}
	}
	for n, text := range map[*command]string{
		ntpServers:     "192.0.2.10\nntp1.example.com\n",
		bannerCommand:  "VMware Installation:\n\t2 vCPU: Intel\n\nWARNING: DNS unreachable\n",
		certTrust:      "[\n  Validity From: Mon Mar 07 10:15:02 CET 2022\n           To:   Sat Mar 06 10:15:01 CET 2055\n]\n",
		licenceSummary: "Registration:\n  Status: REGISTERED\nLicense Authorization:\n  Status: OUT OF COMPLIANCE\n",
	} {
		f.Add(uint8(slices.Index(all, n)), text)
		seeded[n] = true
	}
	for _, c := range all {
		if !seeded[c] {
			f.Errorf("no seed for %q", c.name)
		}
	}
	f.Fuzz(func(t *testing.T, table uint8, text string) {
		c := all[int(table)%len(all)]
		s := &Session{text: text, Blocks: []Block{{Command: c.name, End: len(text), Node: "x", cmd: c}}}
		records := 0
		err := s.Read(func(p *Property) error {
			switch {
			case p.Field >= NumFields:
				t.Errorf("field %d", p.Field)
			case p.Start < 0 || p.End < p.Start || p.End > len(text):
				t.Errorf("%s at %d to %d of %d", p.Field, p.Start, p.End, len(text))
			case p.Value == "" || p.Value != strings.TrimSpace(p.Value):
				t.Errorf("%s: %q", p.Field, p.Value)
			case p.N < records:
				t.Errorf("record %d after %d", p.N, records)
			}
			records = p.N
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if c.names != nil {
				c.names(line)
			}
			signature(line, anySigns)
		}
		if c.own != nil {
			c.own(clean(text, 0, len(text)))
		}
	})
}
