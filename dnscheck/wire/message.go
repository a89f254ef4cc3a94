package wire

import (
	"encoding/binary"
	"errors"

	"github.com/miekg/dns"
)

// udpSize is the largest UDP answer asked for (RFC 6891). 1232 bytes pass every common path without fragments (DNS flag day
// 2020).
const udpSize = 1232

const headerSize = 12

// pack writes a query with the number 0.
func pack(q Question, edns bool) ([]byte, error) {
	m := dns.Msg{
		MsgHdr:   dns.MsgHdr{RecursionDesired: true},
		Question: []dns.Question{{Name: q.Name, Qtype: q.Type, Qclass: dns.ClassINET}},
	}
	if edns {
		m.SetEdns0(udpSize, false)
	}
	return m.Pack()
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
func read(msg, query []byte) (*dns.Msg, error) {
	if len(msg) < headerSize || msg[2]&0x80 == 0 || msg[2]&0x78 != 0 {
		return nil, errNotAnAnswer
	}
	switch questions := binary.BigEndian.Uint16(msg[4:]); {
	case questions == 0 && msg[3]&0x0f != 0: // a server may refuse without repeating the question
	case questions == 0 && msg[2]&0x02 != 0: // so may one that truncates
	case questions != 1 || !repeats(msg, query):
		return nil, errOtherName
	}
	m := new(dns.Msg)
	if err := m.Unpack(msg); err != nil && !m.Truncated {
		return nil, errNotAnAnswer // a truncated answer may end anywhere
	}
	return m, nil
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
