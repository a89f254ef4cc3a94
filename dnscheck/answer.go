package dnscheck

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
)

// An Outcome is the result of one question to one resolver.
type Outcome uint8

// The outcomes. Their texts are stable: they are part of JSON output.
const (
	Found       Outcome = iota // records of the type asked for
	NoData                     // the name exists, without such records
	NXDomain                   // the name does not exist
	ServFail                   // the server failed
	Refused                    // the server does not want to answer
	Lame                       // the server knows nothing of the zone and points elsewhere
	CNAMELoop                  // aliases in a circle, or too many
	OtherRcode                 // another rcode
	Timeout                    // no answer
	Unreachable                // the network says that no host is there
	Garbage                    // what came was not a DNS answer to the question
	TLSFailed                  // DNS over TLS could not be set up
	NotAsked                   // not sent: the resolver answers nothing at all
	Cancelled                  // the run was cancelled
	NoTCP                      // cut over UDP, and TCP does not work
)

var outcomeNames = [...]string{"found", "nodata", "nxdomain", "servfail", "refused", "lame", "cname-loop", "rcode", "timeout",
	"unreachable", "garbage", "tls", "not-asked", "canceled", "no-tcp"}

func (o Outcome) String() string { return outcomeNames[o] }

// Says reports whether the outcome is a statement about the name: it exists, or it does not. All others are failures of
// the server, after which a client asks the next one.
func (o Outcome) Says() bool { return o == Found || o == NoData || o == NXDomain || o == CNAMELoop }

// A Record is one resource record in the form of a zone file.
type Record struct {
	Name string
	TTL  uint32 // seconds
	Type uint16
	Data string
}

func (r Record) String() string {
	return r.Name + "\t" + uitoa(r.TTL) + "\tIN\t" + typeName(r.Type) + "\t" + r.Data
}

// An Answer is what one resolver says to one question.
type Answer struct {
	Resolver string
	Outcome  Outcome
	Rcode    int16 // -1 without an answer
	AA, RA   bool  // the server is an authority for the name; it offers recursion
	More     int32 // records beyond those kept
	Records  []Record
	// Zone is the name of the SOA or NS record in the authority section: who says that there is nothing, or where a
	// referral points.
	Zone     string
	Attempts []wire.Attempt
}

// maxRecords bounds the records kept of one answer. A deployment has a few; a hostile server may send thousands.
const maxRecords = 128

// newAnswer reads a reply.
func newAnswer(resolver string, q wire.Question, reply *wire.Reply) Answer {
	a := Answer{Resolver: resolver, Rcode: -1, Attempts: reply.Attempts}
	m := reply.Msg
	if m == nil {
		a.Outcome = outcomeOfFailure(reply.Failure())
		if noTCP(reply.Attempts) {
			a.Outcome = NoTCP
		}
		return a
	}
	a.Rcode, a.AA, a.RA = int16(m.Rcode), m.Authoritative, m.RecursionAvailable
	a.Records = keep(q.Name, m.Answer)
	a.More = int32(len(m.Answer) - len(a.Records))
	a.Zone = suffixOf(q.Name, m.Zone)
	a.Outcome = a.judge(q, m.ZoneType)
	return a
}

// suffixOf returns the zone as a part of the name if it is one, so that the memory of the message can be freed.
func suffixOf(name, zone string) string {
	if strings.HasSuffix(name, zone) {
		return name[len(name)-len(zone):]
	}
	return zone
}

func keep(name string, rrs []dns.RR) []Record {
	if len(rrs) == 0 {
		return nil
	}
	kept := make([]Record, 0, min(len(rrs), maxRecords))
	for _, rr := range rrs {
		if len(kept) == maxRecords {
			break
		}
		h := rr.Header()
		rec := Record{Name: h.Name, TTL: h.Ttl, Type: h.Rrtype, Data: rdata(rr)}
		if rec.Name == name {
			rec.Name = name // one string for both
		}
		kept = append(kept, rec)
	}
	return kept
}

// rdata writes a record's data as in a zone file. Most records are addresses and services, so these have a faster path.
func rdata(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.A:
		if a, ok := netip.AddrFromSlice(rr.A.To4()); ok {
			return a.String()
		}
	case *dns.AAAA:
		if a, ok := netip.AddrFromSlice(rr.AAAA.To16()); ok {
			return a.String()
		}
	case *dns.SRV:
		if plainName(rr.Target) {
			var space [64]byte
			b := strconv.AppendUint(space[:0], uint64(rr.Priority), 10)
			b = strconv.AppendUint(append(b, ' '), uint64(rr.Weight), 10)
			b = strconv.AppendUint(append(b, ' '), uint64(rr.Port), 10)
			return string(append(append(b, ' '), rr.Target...))
		}
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

// plainName reports whether no byte of a name has an escape in a zone file.
func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// judge finds the outcome of a reply.
func (a *Answer) judge(q wire.Question, authority uint16) Outcome {
	switch a.Rcode {
	case dns.RcodeNameError:
		return NXDomain
	case dns.RcodeServerFailure:
		return ServFail
	case dns.RcodeRefused:
		return Refused
	case dns.RcodeSuccess:
	default:
		return OtherRcode
	}
	if a.has(q.Name, q.Type) {
		return Found
	}
	chain, loop := a.chain(q)
	switch {
	case loop:
		return CNAMELoop
	case a.has(chain[len(chain)-1], q.Type):
		return Found
	case len(chain) > 1:
		return NoData // so far: another server may be the authority for the target
	case !a.AA && authority == dns.TypeNS:
		return Lame // a referral: this server is not the one to ask
	case !a.AA && !a.RA && authority == 0:
		return Lame // no authority, no recursion, nothing said
	}
	return NoData
}

// maxChain is how many aliases are followed. RFC 1034 sets no bound; BIND and unbound stop at 16 and 11.
const maxChain = 16

// chain returns the name asked and the names that aliases lead to. Loop says that the chain never ends.
func (a *Answer) chain(q wire.Question) (names []string, loop bool) {
	names = []string{q.Name}
	if q.Type == dns.TypeCNAME {
		return names, false
	}
	for {
		target := ""
		for i := range a.Records {
			if r := &a.Records[i]; r.Type == dns.TypeCNAME && sameName(r.Name, names[len(names)-1]) {
				target = r.Data
				break
			}
		}
		if target == "" {
			return names, false
		}
		seen := slices.ContainsFunc(names, func(n string) bool { return sameName(n, target) })
		if names = append(names, target); seen || len(names) > maxChain {
			return names, true
		}
	}
}

func (a *Answer) has(name string, t uint16) bool {
	return slices.ContainsFunc(a.Records, func(r Record) bool { return r.Type == t && sameName(r.Name, name) })
}

// data gives the data of the records of one type, in the order of the answer.
func (a *Answer) data(t uint16) []string {
	var list []string
	for _, r := range a.Records {
		if r.Type == t {
			list = append(list, r.Data)
		}
	}
	return list
}

// outcomeOfFailure classifies a question without an answer.
func outcomeOfFailure(last wire.Attempt) Outcome {
	switch last.End {
	case wire.TimedOut:
		if last.Strays() != (wire.Strays{}) {
			return Garbage
		}
		return Timeout
	case wire.Refused, wire.Failed:
		return Unreachable
	case wire.BadTLS:
		return TLSFailed
	case wire.NotTried:
		return NotAsked
	case wire.Cancelled:
		return Cancelled
	}
	return Timeout // truncated, and nothing better came
}

// noTCP reports whether an answer came over UDP, cut short, and TCP then failed.
func noTCP(attempts []wire.Attempt) bool {
	cut := slices.ContainsFunc(attempts, func(a wire.Attempt) bool { return a.Transport == wire.UDP && a.End == wire.Truncated })
	last := attempts[max(len(attempts)-1, 0):]
	return cut && len(last) == 1 && last[0].Transport == wire.TCP &&
		(last[0].End == wire.Refused || last[0].End == wire.Failed || last[0].End == wire.TimedOut)
}

// sameName compares names as DNS does: without the case of ASCII letters.
func sameName(a, b string) bool { return a == b || strings.EqualFold(a, b) }

func typeName(t uint16) string {
	if s, ok := dns.TypeToString[t]; ok {
		return s
	}
	return dns.Type(t).String()
}
