package dnscheck

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"runtime"
	"strconv"
	"sync"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
)

// The JSON form of observations is written by hand: a fleet has a hundred thousand of them, and reflection would take
// longer than the questions.

// blockSize is how many observations are written at once; a block is about a hundred kilobytes.
const blockSize = 128

// WriteJSON writes the JSON form of the observations: a list, and each observation on a line. Several processors make the text.
func WriteJSON(w io.Writer, observations []Observation) error {
	type block struct {
		text []byte
		done chan struct{}
	}
	waiting := make(chan *block, runtime.GOMAXPROCS(0)) // in their order; also bounds what is in memory
	free := make(chan []byte, cap(waiting)+2)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		defer close(waiting)
		for from := 0; from < len(observations); from += blockSize {
			b := &block{done: make(chan struct{})}
			select {
			case waiting <- b:
			case <-stop:
				return
			}
			select {
			case b.text = <-free:
			default:
			}
			go func() {
				defer close(b.done)
				for i := from; i < min(from+blockSize, len(observations)); i++ {
					if i > 0 {
						b.text = append(b.text, ',')
					}
					b.text = observations[i].AppendJSON(append(b.text, '\n'))
				}
			}()
		}
	}()
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	for b := range waiting {
		<-b.done
		if _, err := w.Write(b.text); err != nil {
			return err
		}
		select {
		case free <- b.text[:0]:
		default:
		}
	}
	_, err := io.WriteString(w, "]\n")
	return err
}

var unpackedPool = sync.Pool{New: func() any { return new(unpacked) }}

// MarshalJSON gives the form that docs/dns.md describes.
func (o *Observation) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// AppendJSON appends the JSON form, one object without line breaks.
func (o *Observation) AppendJSON(b []byte) []byte {
	memory := unpackedPool.Get().(*unpacked)
	defer unpackedPool.Put(memory)
	o = memory.open(o)
	b = append(b, `{"name":`...)
	b = appendJSON(b, o.Name)
	b = append(append(append(b, `,"kind":"`...), o.Kind.String()...), '"')
	if o.Step != "" {
		b = field(b, "node", o.Node)
		b = field(b, "domain", o.NodeDomain)
		b = field(b, "step", string(o.Step))
	}
	if o.NotSent != "" {
		b = field(b, "notSent", o.NotSent)
	}
	b = append(b, `,"uses":[`...)
	for i := range o.Uses {
		b = o.Uses[i].appendJSON(comma(b, i))
	}
	b = append(b, ']')
	if o.More > 0 {
		b = number(b, "moreUses", o.More)
	}
	if len(o.Hosts) > 0 {
		b = append(b, `,"hostsFile":[`...)
		for i, e := range o.Hosts {
			b = append(comma(b, i), `{"address":`...)
			b = appendJSON(b, e.Addr.String())
			b = append(number(b, "line", e.Line), '}')
		}
		b = append(b, ']')
	}
	b = append(b, `,"questions":[`...)
	for i, s := range o.steps {
		b = append(comma(b, i), `{"why":"`...)
		b = append(append(b, s.Why.String()...), '"')
		b = s.Lookup.appendJSON(b)
	}
	b = append(b, ']')
	if o.Cancelled() {
		b = append(b, `,"canceled":true`...)
	}
	return append(b, '}')
}

func (u *Use) appendJSON(b []byte) []byte {
	b = append(append(append(b, `{"role":"`...), u.Role...), '"')
	if u.Rank != "" {
		b = field(b, "rank", u.Rank)
	}
	if u.File != "" {
		b = field(b, "file", u.File)
	}
	if u.Line > 0 {
		b = number(number(b, "line", u.Line), "column", u.Column)
	}
	if u.Key != "" {
		b = field(b, "key", u.Key)
	}
	return append(b, '}')
}

func (l *Lookup) appendJSON(b []byte) []byte {
	b = field(b, "name", l.Name)
	b = field(b, "type", typeName(l.Type))
	b = append(b, `,"answers":[`...)
	for i := range l.Answers {
		b = l.Answers[i].appendJSON(comma(b, i))
	}
	b = append(b, ']')
	if e := l.Effective(); l.Type == dns.TypeSRV && e.Outcome == Found {
		b = append(b, `,"order":[`...)
		for i, line := range Order(e.Targets()) {
			b = appendJSON(comma(b, i), line)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (a *Answer) appendJSON(b []byte) []byte {
	b = append(b, `{"resolver":`...)
	b = appendJSON(b, a.Resolver)
	b = field(b, "outcome", a.Outcome.String())
	if a.Rcode >= 0 {
		b = field(b, "rcode", rcodeName(a.Rcode))
	}
	if a.AA {
		b = append(b, `,"authoritative":true`...)
	}
	if len(a.Records) > 0 {
		b = append(b, `,"records":[`...)
		for i := range a.Records {
			b = a.Records[i].appendJSON(comma(b, i))
		}
		b = append(b, ']')
	}
	if a.More > 0 {
		b = number(b, "moreRecords", int(a.More))
	}
	if a.Zone != "" {
		b = field(b, "zone", a.Zone)
	}
	b = append(b, `,"attempts":[`...)
	for i := range a.Attempts {
		b = appendAttempt(comma(b, i), &a.Attempts[i])
	}
	return append(b, "]}"...)
}

func rcodeName(rcode int16) string {
	if name, ok := dns.RcodeToString[int(rcode)]; ok {
		return name
	}
	return strconv.Itoa(int(rcode))
}

// appendJSON writes the record as a line of a zone file, with blanks between the fields.
func (r *Record) appendJSON(b []byte) []byte {
	start := len(b)
	b = append(append(b, '"'), r.Name...)
	b = strconv.AppendUint(append(b, ' '), uint64(r.TTL), 10)
	b = append(append(append(append(b, " IN "...), typeName(r.Type)...), ' '), r.Data...)
	if !plainString(b[start+1:]) {
		return appendJSON(b[:start], string(b[start+1:]))
	}
	return append(b, '"')
}

func appendAttempt(b []byte, a *wire.Attempt) []byte {
	b = append(append(append(b, `{"transport":"`...), a.Transport.String()...), '"')
	b = append(append(append(b, `,"end":"`...), a.End.String()...), '"')
	b = number(b, "microseconds", int(a.Microseconds))
	if detail := a.Detail(); detail != "" {
		b = field(b, "detail", detail)
	}
	if s := a.Strays(); s != (wire.Strays{}) {
		b = append(b, `,"ignored":{"wrongID":`...)
		b = strconv.AppendInt(b, int64(s.WrongID), 10)
		b = number(b, "otherName", int(s.WrongName))
		b = append(number(b, "malformed", int(s.Malformed)), '}')
	}
	return append(b, '}')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

func field(b []byte, name, value string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendJSON(b, value)
}

func number(b []byte, name string, n int) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return strconv.AppendInt(b, int64(n), 10)
}

// appendJSON appends a string literal. Plain ASCII needs no escape and is nearly all there is.
func appendJSON(b []byte, s string) []byte {
	start := len(b)
	b = append(append(append(b, '"'), s...), '"')
	if plainString(b[start+1 : len(b)-1]) {
		return b
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b[:start], `""`...) // not reached: a string always has a JSON form
	}
	return append(b[:start], quoted...)
}

// plainString reports whether all bytes stand for themselves in a string literal. It looks at eight of them at a time.
func plainString(text []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		x := binary.LittleEndian.Uint64(text)
		quote, backslash := x^('"'*ones), x^('\\'*ones)
		// A byte has its highest bit set where it is below a blank, above '~', or equal to one of the two: "Bit Twiddling Hacks", haszero
		// and hasless. The tests may be wrong only where another byte is not plain.
		odd := x | (x + ones) | (x-' '*ones)&^x | (quote-ones)&^quote | (backslash-ones)&^backslash
		if odd&high != 0 {
			return false
		}
	}
	for _, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
