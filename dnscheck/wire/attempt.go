package wire

import "time"

// A Question is a name (with the root dot, escaped as in a zone file) and a record type.
type Question struct {
	Name string
	Type uint16
}

// A Transport is how a question went out.
type Transport uint8

// The transports.
const (
	UDP Transport = iota
	TCP
	TLS
)

var transportNames = [...]string{"udp", "tcp", "tls"}

func (t Transport) String() string { return transportNames[t] }

// An End is how an attempt ended.
type End uint8

// The ends of attempts.
const (
	Answered  End = iota // with an answer that was accepted
	Truncated            // with an answer cut short, which says nothing
	NoEDNS               // refused because of EDNS0 (RFC 6891, section 7); asked again without
	TimedOut             // without an answer in time
	Refused              // nothing listens there: connection refused
	Failed               // another error of the network
	BadTLS               // the TLS handshake failed
	NotTried             // not sent: the resolver has stopped answering, or never did
	Cancelled            // the caller gave up
)

var endNames = [...]string{"answered", "truncated", "no-edns", "timeout", "connection-refused", "network-error", "tls-error", "not-asked",
	"canceled"}

func (e End) String() string { return endNames[e] }

// Transports and Ends list the words, each at the place of its value.
func Transports() []string { return transportNames[:] }

// Ends is described with Transports.
func Ends() []string { return endNames[:] }

// Strays counts what arrived during an attempt and was not accepted.
type Strays struct {
	WrongID   uint16 `json:"wrongID"`   // not the number of a question under way
	WrongName uint16 `json:"otherName"` // the right number, another question
	Malformed uint16 `json:"malformed"` // not a DNS message
}

// An Attempt is one try to get a question answered. A fleet has a hundred thousand of them, so it is small.
type Attempt struct {
	Transport    Transport
	End          End
	Microseconds uint32 // how long it took; an hour at most
	Odd          *Odd   // nil if nothing was unusual
}

// Odd has the unusual facts about an attempt.
type Odd struct {
	Detail string `json:"detail,omitempty"` // what the network or TLS said
	Strays Strays `json:"ignored,omitzero"`
}

// Detail returns what the network or TLS said, or nothing.
func (a *Attempt) Detail() string {
	if a.Odd == nil {
		return ""
	}
	return a.Odd.Detail
}

// Strays returns the counts of what arrived and was not accepted.
func (a *Attempt) Strays() Strays {
	if a.Odd == nil {
		return Strays{}
	}
	return a.Odd.Strays
}

func (a *Attempt) took(d time.Duration) { a.Microseconds = uint32(min(d, time.Hour).Microseconds()) }

// odd notes what was unusual, if anything.
func (a *Attempt) odd(detail string, strays Strays) {
	if detail != "" || strays != (Strays{}) {
		a.Odd = &Odd{detail, strays}
	}
}

// A Reply is the result of a question. Msg is nil if no attempt was answered; then the last attempt says why.
type Reply struct {
	Msg      *Message
	Attempts []Attempt

	first [1]Attempt // memory for Attempts: nearly all replies have one
}

func newReply() *Reply {
	r := new(Reply)
	r.Attempts = r.first[:0]
	return r
}

// Failure returns the attempt that explains best why there is no answer. It is not always the last: a
// refused connection over TCP says nothing about answers that were lost over UDP.
func (r *Reply) Failure() Attempt {
	if len(r.Attempts) == 0 {
		return Attempt{End: NotTried}
	}
	worst := r.Attempts[len(r.Attempts)-1]
	if worst.Transport == UDP || worst.End == Cancelled {
		return worst
	}
	for _, a := range r.Attempts {
		if a.Transport == UDP && a.End == TimedOut {
			return a
		}
	}
	return worst
}
