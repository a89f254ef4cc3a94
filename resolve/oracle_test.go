package resolve

import (
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"cupclint/internal/testrace"
)

// The oracle is written from the prose of the support note and of RFC 1123 alone, with regular expressions and string
// concatenation where the package walks bytes and sets bits. It shares no code with the package, and decides the
// verdict by asking what the address is, where the package asks what is wrong with node name and domain.
type oracle struct{ ipv4, numeric, name, number *regexp.Regexp }

func newOracle() oracle {
	const octet = `(0|[1-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])`
	const label = `[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	return oracle{
		ipv4:    regexp.MustCompile(`^(` + octet + `\.){3}` + octet + `$`),
		numeric: regexp.MustCompile(`^[0-9.]*[0-9][0-9.]*$`),
		name:    regexp.MustCompile(`^` + label + `(\.` + label + `)*$`),
		number:  regexp.MustCompile(`(^|\.)[0-9]+$`), // no top-level domain is a number
	}
}

func (o oracle) resolve(node, domain string) (address string, step Step, verdict Verdict) {
	if node == "" {
		return "", "", Wrong
	}
	if o.ipv4.MatchString(node) {
		return node, "dotted-decimal", Right
	}
	if strings.LastIndex(node, domain) == len(node)-len(domain) && len(node) >= len(domain) {
		address, step = node, "domain-included"
	} else {
		address, step = strings.Join([]string{node, domain}, "."), "domain-appended"
	}
	// Usable is a host name that is made of a bare name, or nothing, in front of the domain.
	host, inDomain := strings.CutSuffix(address, "."+domain)
	usable := domain != "" && len(address) <= 253 && o.name.MatchString(address) && o.name.MatchString(domain)
	usable = usable && (inDomain || address == domain) && !o.number.MatchString(address)
	for _, s := range []string{node, domain} {
		if strings.Contains(s, ".") && o.numeric.MatchString(s) {
			usable = false // an address, or what was meant as one
		}
	}
	if step == "domain-appended" {
		folded := strings.ToUpper(node)
		if strings.Contains(host, ".") || folded[max(0, len(folded)-len(domain)):] == strings.ToUpper(domain) {
			usable = false // appended to a full name, or to the domain in another case
		}
	}
	if usable {
		return address, step, Right
	}
	return address, step, Wrong
}

// Both case forms of a letter, a dot, a digit and a blank reach every branch of the three steps: 3,906 strings of up to
// five characters, 15 million pairs.
func TestPresenceAgreesWithTheOracleOnAllShortStrings(t *testing.T) {
	const alphabet = "aA.1 "
	length := 5
	if testing.Short() || testrace.Enabled {
		length = 4
	}
	all := shortStrings(strings.Split(alphabet, ""), length)
	// Dotted decimal needs seven characters, so these are examples for all.
	all = append(all, "1.1.1.1", "1.1.1.256", "1.1.1.1.1", "1.1.01.1", "1.1.1.1 ")
	o := newOracle()
	next := make(chan string)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for node := range next {
				for _, domain := range all {
					a := Presence(node, domain)
					address, step, verdict := o.resolve(node, domain)
					if a.Value != address || a.Step != step || a.Verdict() != verdict {
						t.Errorf("Presence(%q, %q) = %q, %q, %s (%v); the oracle says %q, %q, %s",
							node, domain, a.Value, a.Step, a.Verdict(), a.Rules(), address, step, verdict)
						break
					}
				}
			}
		})
	}
	for _, node := range all {
		if t.Failed() {
			break
		}
		next <- node
	}
	close(next)
	wg.Wait()
}

// shortStrings returns all strings of up to length symbols.
func shortStrings(symbols []string, length int) []string {
	all := []string{""}
	for from := 0; length > 0; length-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, c := range symbols {
				all = append(all, s+c)
			}
		}
		from = to
	}
	return all
}
