package wire

import (
	"encoding/binary"
	"errors"
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
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.question[0] = dns.Question{Name: q.Name, Qtype: q.Type, Qclass: dns.ClassINET}
	p.msg.Question, p.msg.Extra = p.question[:], nil
	if edns {
		p.msg.Extra = p.extra[:]
	}
	return p.msg.PackBuffer(buf[:cap(buf)])
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
		if rr, off, err = dns.UnpackRR(msg, off); err != nil {
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
