package wire

import (
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// udpSize is the largest UDP answer asked for (RFC 6891). 1232 bytes pass every common path without fragments (DNS flag day
// 2020).
const udpSize = 1232

const headerSize = 12

// Bits of the third byte of a header (RFC 1035, section 4.1.1).
const (
	responseBit      = 0x80
	opcodeBits       = 0x78
	authoritativeBit = 0x04
	truncatedBit     = 0x02

	recursionDesiredBit = 0x01
)

// A Message is the part of an answer that callers use. The message has more, and most of that is never looked at.
type Message struct {
	Rcode                                        int // with the part that EDNS0 adds
	Authoritative, Truncated, RecursionAvailable bool
	// Answer is the answer section.
	Answer []dns.RR
	// Zone is the owner of the first SOA or NS record in the authority section, ZoneType its type. 0 means that there is none.
	Zone     string
	ZoneType uint16

	asked string // the name in the question, if it was needed
}

// A packer keeps the parts of a query, which are the same for all but the name and the type.
type packer struct {
	msg      dns.Msg
	question [1]dns.Question
	extra    [1]dns.RR
}

var packers = sync.Pool{New: func() any {
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	opt.SetUDPSize(udpSize)
	return &packer{msg: dns.Msg{MsgHdr: dns.MsgHdr{RecursionDesired: true}}, extra: [1]dns.RR{opt}}
}}

// pack writes a query with the number 0, into the buffer if it is long enough.
func pack(buf []byte, q Question, edns bool) ([]byte, error) {
	if query, ok := packPlain(buf[:0], q, edns); ok {
		return query, nil
	}
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.question[0] = dns.Question{Name: q.Name, Qtype: q.Type, Qclass: dns.ClassINET}
	p.msg.Question, p.msg.Extra = p.question[:], nil
	if edns {
		p.msg.Extra = p.extra[:]
	}
	return p.msg.PackBuffer(buf[:cap(buf)])
}

// packPlain does what pack does for a name without escapes, as nearly all are.
func packPlain(b []byte, q Question, edns bool) ([]byte, bool) {
	if len(q.Name) > MaxName+1 || q.Name == "" || q.Name[len(q.Name)-1] != '.' {
		return nil, false
	}
	var extra byte
	if edns {
		extra = 1
	}
	b = append(b, 0, 0, recursionDesiredBit, 0, 0, 1, 0, 0, 0, 0, 0, extra)
	for name := q.Name; name != ""; {
		end := strings.IndexByte(name, '.')
		if end == 0 || end > MaxLabel || strings.IndexByte(name[:end], '\\') >= 0 {
			return nil, false
		}
		b = append(append(b, byte(end)), name[:end]...)
		name = name[end+1:]
	}
	b = append(b, 0, byte(q.Type>>8), byte(q.Type), 0, dns.ClassINET)
	if edns {
		b = append(b, 0, 0, byte(dns.TypeOPT), udpSize>>8, udpSize&0xff, 0, 0, 0, 0, 0, 0)
	}
	return b, true
}

// question returns the question section of a query made by pack.
func question(query []byte) []byte {
	end := headerSize
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	return query[headerSize : end+1+4]
}

var (
	errNotAnAnswer = errors.New("not an answer to a query")
	errOtherName   = errors.New("an answer to another question")
)

// read decodes an answer if it is one to the query. Its number was compared before.
func read(msg, query []byte) (*Message, error) {
	if err := matches(msg, query); err != nil {
		return nil, err
	}
	return unpack(msg)
}

// matches reports whether the message is an answer to the query.
func matches(msg, query []byte) error {
	if len(msg) < headerSize || msg[2]&responseBit == 0 || msg[2]&opcodeBits != 0 {
		return errNotAnAnswer
	}
	switch questions := binary.BigEndian.Uint16(msg[4:]); {
	case questions == 0 && msg[3]&0x0f != 0: // a server may refuse without repeating the question
	case questions == 0 && msg[2]&truncatedBit != 0: // so may one that truncates
	case questions != 1 || !repeats(msg, query):
		return errOtherName
	}
	return nil
}

// unpack decodes a message that has a header. Its sections may end early if they end after a record: the numbers in a header are not
// reliable. Only a truncated message may end anywhere.
func unpack(msg []byte) (*Message, error) {
	m := &Message{
		Rcode: int(msg[3] & 0x0f), Authoritative: msg[2]&authoritativeBit != 0, Truncated: msg[2]&truncatedBit != 0,
		RecursionAvailable: msg[3]&0x80 != 0,
	}
	if err := m.sections(msg); err != nil && !m.Truncated {
		return nil, errNotAnAnswer
	}
	return m, nil
}

func (m *Message) sections(msg []byte) (err error) {
	count := func(section int) int { return int(binary.BigEndian.Uint16(msg[4+2*section:])) }
	off := headerSize
	for range count(0) {
		if off, err = skipName(msg, off); err != nil {
			return err
		}
		if off += 4; off > len(msg) {
			return errNotAnAnswer
		}
	}
	for range count(1) {
		if off >= len(msg) {
			break
		}
		var rr dns.RR
		if rr, off, err = m.unpackRR(msg, off); err != nil {
			m.Answer = nil
			return err
		}
		m.Answer = append(m.Answer, rr)
	}
	for section := 2; section <= 3; section++ {
		for range count(section) {
			if off >= len(msg) {
				break
			}
			if off, err = m.record(msg, off, section); err != nil {
				return err
			}
		}
	}
	return nil
}

// askedName is how the owner of a record is written that is the name in the question: a pointer to the place after the header.
const askedName = 0xc000 | headerSize

// unpackRR decodes a record of the answer section. Most are an address of the name that was asked for.
func (m *Message) unpackRR(msg []byte, off int) (rr dns.RR, next int, err error) {
	const header = 12 // with the pointer
	if off+header > len(msg) || binary.BigEndian.Uint16(msg[off:]) != askedName || binary.BigEndian.Uint16(msg[off+4:]) != dns.ClassINET {
		return dns.UnpackRR(msg, off)
	}
	rrType, size := binary.BigEndian.Uint16(msg[off+2:]), binary.BigEndian.Uint16(msg[off+10:])
	next = off + header + int(size)
	four, six := rrType == dns.TypeA && size == net.IPv4len, rrType == dns.TypeAAAA && size == net.IPv6len
	if !four && !six || next > len(msg) {
		return dns.UnpackRR(msg, off)
	}
	if m.asked == "" {
		if m.asked, _, err = dns.UnpackDomainName(msg, headerSize); err != nil {
			return dns.UnpackRR(msg, off)
		}
	}
	h := dns.RR_Header{Name: m.asked, Rrtype: rrType, Class: dns.ClassINET, Ttl: binary.BigEndian.Uint32(msg[off+6:]), Rdlength: size}
	address := slices.Clone(msg[off+header : next])
	if four {
		return &dns.A{Hdr: h, A: address}, next, nil
	}
	return &dns.AAAA{Hdr: h, AAAA: address}, next, nil
}

// record looks at a record of the authority or the additional section, and returns the place of the next one.
func (m *Message) record(msg []byte, owner, section int) (next int, err error) {
	off, err := skipName(msg, owner)
	if err != nil || off+10 > len(msg) {
		return 0, errNotAnAnswer
	}
	rrType := binary.BigEndian.Uint16(msg[off:])
	next = off + 10 + int(binary.BigEndian.Uint16(msg[off+8:]))
	switch {
	case next > len(msg):
		return 0, errNotAnAnswer
	case section == 2 && m.ZoneType == 0 && (rrType == dns.TypeSOA || rrType == dns.TypeNS):
		if m.Zone, _, err = dns.UnpackDomainName(msg, owner); err != nil {
			return 0, err
		}
		m.ZoneType = rrType
	case section == 3 && rrType == dns.TypeOPT:
		m.Rcode |= int(msg[off+4]) << 4
	}
	return next, nil
}

// skipName returns the place after a name.
func skipName(msg []byte, off int) (int, error) {
	for off < len(msg) {
		switch n := int(msg[off]); {
		case n == 0:
			return off + 1, nil
		case n >= 0xc0 && off+2 <= len(msg): // a pointer ends the name
			return off + 2, nil
		case n > MaxLabel:
			return 0, errNotAnAnswer
		default:
			off += 1 + n
		}
	}
	return 0, errNotAnAnswer
}

// repeats reports whether a message has the question of the query.
func repeats(msg, query []byte) bool {
	asked := question(query)
	return len(msg) >= headerSize+len(asked) && sameFold(msg[headerSize:headerSize+len(asked)], asked)
}

// sameFold compares question sections without the case of ASCII letters. Lengths of labels are below 'A'.
func sameFold(a, b []byte) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}
