package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/internal/probe"
)

func question(l *Lookup) wire.Question { return wire.Question{Name: l.Name, Type: l.Type} }

// bare is a name without the root dot, as people write it.
func bare(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// maxShown bounds the records shown of one answer.
const maxShown = 12

// answersOf describes what each resolver said to a question, one line for the answer and one for each record, in the form of
// a zone file.
func answersOf(l *Lookup) []string {
	var lines []string
	for i := range l.Answers {
		a := &l.Answers[i]
		lines = append(lines, fmt.Sprintf("%s %s? %s: %s", l.Name, typeName(l.Type), a.Resolver, a.text()))
		for _, r := range a.Records[:min(len(a.Records), maxShown)] {
			lines = append(lines, probe.Clean(strings.ReplaceAll(r.String(), "\t", " ")))
		}
		if more := len(a.Records) - maxShown + int(a.More); more > 0 && len(a.Records) >= maxShown {
			lines = append(lines, fmt.Sprintf("and %d more records", more))
		}
		lines = append(lines, a.odd()...)
	}
	return lines
}

// Lines returns what each resolver said, as lines of evidence.
func (l *Lookup) Lines() []string { return answersOf(l) }

// Alias is the name that an alias leads to in the end; empty if the name is not an alias.
func (l *Lookup) Alias() string {
	chain, loop := l.Effective().chain(question(l))
	if loop || len(chain) < 2 {
		return ""
	}
	return bare(chain[len(chain)-1])
}

// Text names the outcome as a DNS engineer does.
func (a *Answer) Text() string { return a.text() }

// text names the outcome as a DNS engineer does.
func (a *Answer) text() string {
	switch a.Outcome {
	case Found:
		return "NOERROR"
	case NoData:
		return "NOERROR, no such record (NODATA)"
	case NXDomain:
		return "NXDOMAIN"
	case ServFail:
		return "SERVFAIL: the server could not find the answer"
	case Refused:
		return "REFUSED: the server does not answer this name for this computer"
	case Lame:
		if a.Zone != "" {
			return fmt.Sprintf("lame: the server is not an authority for the name and points to the servers of %s", bare(a.Zone))
		}
		return "lame: the server is neither an authority for the name nor a resolver"
	case CNAMELoop:
		return "aliases in an endless chain"
	case OtherRcode:
		if name, ok := dns.RcodeToString[int(a.Rcode)]; ok {
			return name
		}
		return "rcode " + strconv.Itoa(int(a.Rcode))
	case Timeout:
		return fmt.Sprintf("no answer after %s", attemptsText(a.Attempts))
	case Unreachable:
		return "unreachable: " + a.lastDetail("connection refused, nothing listens there")
	case Garbage:
		return fmt.Sprintf("no usable answer after %s", attemptsText(a.Attempts))
	case TLSFailed:
		return "TLS failed: " + a.lastDetail("handshake refused")
	case NotAsked:
		return "not asked: the resolver answers no question"
	case NoTCP:
		return "truncated over UDP, and TCP fails: " + a.lastDetail(a.lastEnd())
	}
	return "not answered: the run was cancelled"
}

func (a *Answer) lastDetail(otherwise string) string {
	if n := len(a.Attempts); n > 0 && a.Attempts[n-1].Detail() != "" {
		return probe.Clean(a.Attempts[n-1].Detail())
	}
	return otherwise
}

// lastEnd is how the last attempt ended.
func (a *Answer) lastEnd() string {
	if n := len(a.Attempts); n > 0 {
		return a.Attempts[n-1].End.String()
	}
	return "no answer"
}

func attemptsText(attempts []wire.Attempt) string {
	if len(attempts) == 1 {
		return "1 attempt"
	}
	return strconv.Itoa(len(attempts)) + " attempts"
}

// odd describes attempts with something unusual.
func (a *Answer) odd() []string {
	var lines []string
	if len(a.Attempts) > 1 {
		parts := make([]string, len(a.Attempts))
		for i, t := range a.Attempts {
			parts[i] = fmt.Sprintf("%s %s", t.Transport, t.End) // without times: equal runs give equal findings
			if t.Detail() != "" {
				parts[i] += " (" + probe.Clean(t.Detail()) + ")"
			}
		}
		lines = append(lines, "attempts: "+strings.Join(parts, "; "))
	}
	var strays wire.Strays
	for _, t := range a.Attempts {
		odd := t.Strays()
		strays.WrongID += odd.WrongID
		strays.WrongName += odd.WrongName
		strays.Malformed += odd.Malformed
	}
	if strays.WrongID > 0 {
		lines = append(lines, fmt.Sprintf("ignored: %d with a wrong transaction number", strays.WrongID))
	}
	if strays.WrongName > 0 {
		lines = append(lines, fmt.Sprintf("ignored: %d for another name", strays.WrongName))
	}
	if strays.Malformed > 0 {
		lines = append(lines, fmt.Sprintf("ignored: %d that were not DNS answers", strays.Malformed))
	}
	return lines
}

// Attempts says how many attempts an answer needed in all.
func (l *Lookup) Attempts() int {
	n := 0
	for i := range l.Answers {
		n += len(l.Answers[i].Attempts)
	}
	return n
}

// reverseAddr gives the address of a reverse name.
func reverseAddr(name string) string {
	labels := strings.Split(bare(name), ".")
	slices.Reverse(labels)
	if len(labels) == 6 && strings.EqualFold(labels[1], "in-addr") {
		return strings.Join(labels[2:], ".")
	}
	if len(labels) == 34 && strings.EqualFold(labels[1], "ip6") {
		var text strings.Builder
		for i, nibble := range labels[2:] {
			if i > 0 && i%4 == 0 {
				text.WriteByte(':')
			}
			text.WriteString(nibble)
		}
		if addr, err := netip.ParseAddr(text.String()); err == nil {
			return addr.String()
		}
	}
	return bare(name)
}
