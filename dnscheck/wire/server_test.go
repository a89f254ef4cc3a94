package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cupclint/internal/servertest"
)

// listen runs a name server of the test's own: for each datagram it sends what answer returns. Where a real server
// cannot be made to misbehave, this one does.
func listen(t *testing.T, answer func(n int, query []byte) [][]byte) string {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	return answerOn(t, conn, answer)
}

// answerOn is listen on a socket that is open.
func answerOn(t *testing.T, conn *net.UDPConn, answer func(n int, query []byte) [][]byte) string {
	t.Helper()
	var reader sync.WaitGroup
	reader.Go(func() {
		buf := make([]byte, 4096)
		for n := 1; ; n++ {
			size, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, msg := range answer(n, append([]byte(nil), buf[:size]...)) {
				if _, err := conn.WriteToUDPAddrPort(msg, from); err != nil {
					return
				}
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		reader.Wait()
	})
	return conn.LocalAddr().String()
}

// good makes the right answer to a query: one A record.
func good(t testing.TB, query []byte) []byte {
	t.Helper()
	q := new(dns.Msg)
	if err := q.Unpack(query); err != nil {
		t.Errorf("query: %v", err)
		return nil
	}
	m := new(dns.Msg).SetReply(q)
	rr, err := dns.NewRR(q.Question[0].Name + " 60 IN A 192.0.2.1")
	if err != nil {
		t.Error(err)
		return nil
	}
	m.Answer = []dns.RR{rr}
	packed, err := m.Pack()
	if err != nil {
		t.Error(err)
	}
	return packed
}

func serverAt(t *testing.T, addr string, o Options) *Server {
	t.Helper()
	r, err := ParseResolver(addr)
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(r, o)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const testName = "cup1.example.com."

// brief is a time-out for servers that do not answer on purpose.
const brief = 50 * time.Millisecond

func TestAnswersThatMustNotBeBelieved(t *testing.T) {
	tests := []struct {
		name   string
		forge  func(query []byte) []byte
		strays Strays
	}{
		{"wrong number", func(q []byte) []byte {
			m := good(t, q)
			binary.BigEndian.PutUint16(m, binary.BigEndian.Uint16(q)+1)
			return m
		}, Strays{WrongID: 1}},
		{"another name", func(q []byte) []byte {
			m := good(t, q)
			m[headerSize+1] ^= 1
			return m
		}, Strays{WrongName: 1}},
		{"another type", func(q []byte) []byte {
			m := good(t, q)
			m[headerSize+len(testName)+2] = byte(dns.TypeAAAA)
			return m
		}, Strays{WrongName: 1}},
		{"no question and no error", func(q []byte) []byte {
			m := append([]byte(nil), q[:headerSize]...)
			m[2] |= 0x80
			m[5], m[11] = 0, 0
			return m
		}, Strays{WrongName: 1}},
		{"a query", func(q []byte) []byte { return q }, Strays{Malformed: 1}},
		{"two bytes", func(q []byte) []byte { return q[:2] }, Strays{Malformed: 1}},
		{"cut off in a record", func(q []byte) []byte { m := good(t, q); return m[:len(m)-3] }, Strays{Malformed: 1}},
		{"a compression loop", func(q []byte) []byte {
			m := good(t, q)
			at := headerSize + len(testName) + 1 + 4 // the owner of the record
			m[at], m[at+1] = 0xc0, byte(at)
			return m
		}, Strays{Malformed: 1}},
	}
	for _, test := range tests {
		t.Run(test.name+", then the right one", func(t *testing.T) {
			addr := listen(t, func(_ int, q []byte) [][]byte { return [][]byte{test.forge(q), good(t, q)} })
			r := ask(t, serverAt(t, addr, Options{}), testName)
			if r.Msg == nil || len(r.Msg.Answer) != 1 || len(r.Attempts) != 1 {
				t.Fatalf("reply %+v, want the right answer at the first attempt", r)
			}
			if s := r.Attempts[0].Strays(); s != test.strays {
				t.Errorf("strays %+v, want %+v", s, test.strays)
			}
		})
		t.Run(test.name+" alone", func(t *testing.T) {
			addr := listen(t, func(_ int, q []byte) [][]byte { return [][]byte{test.forge(q)} })
			r := ask(t, serverAt(t, addr, Options{Timeout: brief}), testName)
			if r.Msg != nil || len(r.Attempts) != 2 || r.Failure().End != TimedOut || r.Failure().Odd == nil {
				t.Errorf("reply %+v, want two attempts that timed out with something odd", r)
			}
		})
	}
}

func TestAnswerInAnotherCaseIsBelieved(t *testing.T) {
	addr := listen(t, func(_ int, q []byte) [][]byte {
		m := good(t, q)
		m[headerSize+1] ^= 0x20
		return [][]byte{m}
	})
	if r := ask(t, serverAt(t, addr, Options{}), testName); r.Msg == nil {
		t.Errorf("reply %+v", r)
	}
}

func TestSecondAttemptAfterALostAnswer(t *testing.T) {
	addr := listen(t, func(n int, q []byte) [][]byte {
		if n == 1 {
			return nil
		}
		return [][]byte{good(t, q)}
	})
	r := ask(t, serverAt(t, addr, Options{Timeout: brief}), testName)
	if r.Msg == nil || len(r.Attempts) != 2 || r.Attempts[0].End != TimedOut || r.Attempts[1].End != Answered {
		t.Errorf("reply %+v, want an answer at the second attempt", r)
	}
}

func TestLateAnswerToTheFirstAttemptCounts(t *testing.T) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	var server sync.WaitGroup
	server.Go(func() {
		buf := make([]byte, 4096)
		size, first, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		late := good(t, buf[:size])
		if _, _, err := conn.ReadFromUDPAddrPort(buf); err != nil { // the second attempt
			return
		}
		_, _ = conn.WriteToUDPAddrPort(late, first)
	})
	defer server.Wait()
	defer conn.Close()
	r := ask(t, serverAt(t, conn.LocalAddr().String(), Options{Timeout: time.Second / 2}), testName)
	if r.Msg == nil || len(r.Attempts) != 2 {
		t.Errorf("reply %+v, want the first answer, taken at the second attempt", r)
	}
}

func TestServerWithoutEDNSIsAskedWithout(t *testing.T) {
	addr := listen(t, func(_ int, q []byte) [][]byte {
		if hasEDNS(q) {
			m := append([]byte(nil), q[:headerSize]...)
			m[2], m[3] = m[2]|0x80, dns.RcodeFormatError
			m[5], m[11] = 0, 0
			return [][]byte{m}
		}
		return [][]byte{good(t, q)}
	})
	s := serverAt(t, addr, Options{})
	r := ask(t, s, testName)
	if r.Msg == nil || r.Msg.Rcode != dns.RcodeSuccess || r.Attempts[0].End != NoEDNS {
		t.Fatalf("reply %+v, want an answer after one without EDNS", r)
	}
	if again := ask(t, s, "cup2.example.com."); len(again.Attempts) != 1 {
		t.Errorf("the server is asked with EDNS again: %+v", again.Attempts)
	}
}

func TestRefusedConnectionIsNoTimeout(t *testing.T) {
	r := ask(t, serverAt(t, servertest.ClosedAddr(t), Options{}), testName)
	if r.Msg != nil || r.Failure().End != Refused || len(r.Attempts) != 2 {
		t.Errorf("reply %+v, want two refused attempts", r)
	}
}

func TestDeadServerIsNotAskedForEver(t *testing.T) {
	sink := servertest.UDPSink(t)
	s := serverAt(t, sink.Addr, Options{Timeout: brief, Outstanding: 4})
	const questions = 200
	var notTried atomic.Int64
	each(questions, 4, func(i int) {
		if r := ask(t, s, fmt.Sprintf("cup%d.example.com.", i)); r.Failure().End == NotTried {
			notTried.Add(1)
		}
	})
	if notTried.Load() < questions/2 {
		t.Errorf("%d of %d questions were spared, want most", notTried.Load(), questions)
	}
	if sink.Received() >= questions {
		t.Errorf("%d datagrams went to a dead server", sink.Received())
	}
}

func TestServerSilentAboutSomeNamesIsAskedAboutOthers(t *testing.T) {
	addr := listen(t, func(_ int, q []byte) [][]byte {
		if q[headerSize+1] == 'x' {
			return nil
		}
		return [][]byte{good(t, q)}
	})
	s := serverAt(t, addr, Options{Timeout: brief})
	for i := range suspicious + 2 {
		if r := ask(t, s, fmt.Sprintf("x%d.example.com.", i)); r.Msg != nil || r.Failure().End == NotTried {
			t.Fatalf("silent name %d: %+v", i, r)
		}
	}
	if r := ask(t, s, testName); r.Msg == nil {
		t.Errorf("after silent names: %+v, want an answer", r)
	}
}

func TestCancelledQuestionEndsAtOnce(t *testing.T) {
	s := serverAt(t, servertest.UDPSink(t).Addr, Options{Timeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := s.Ask(ctx, Question{testName, dns.TypeA}); r.Msg != nil || r.Failure().End != Cancelled {
		t.Errorf("reply %+v, want a cancelled one", r)
	}
}

func TestRateHoldsQuestionsBack(t *testing.T) {
	var asked atomic.Int64
	addr := listen(t, func(_ int, q []byte) [][]byte {
		asked.Add(1)
		return [][]byte{good(t, q)}
	})
	s := serverAt(t, addr, Options{Rate: 1e-6})
	if r := ask(t, s, testName); r.Msg == nil {
		t.Fatalf("the first question: %+v", r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	if r := s.Ask(ctx, Question{"cup2.example.com.", dns.TypeA}); r.Failure().End != Cancelled || asked.Load() != 1 {
		t.Errorf("the second question: %+v, %d asked", r, asked.Load())
	}
}

func TestServerThatClosesTheConnectionAfterEachAnswer(t *testing.T) {
	conn, listener := servertest.BothTransports(t)
	addr := answerOn(t, conn, func(_ int, q []byte) [][]byte {
		m := append([]byte(nil), q[:headerSize+len(question(q))]...)
		m[2] |= 0x82 // an answer, truncated
		m[11] = 0
		return [][]byte{m}
	})
	overTCP(t, listener, func(query []byte) []byte { return good(t, query) })
	s := serverAt(t, addr, Options{})
	each(40, 8, func(i int) {
		if r := ask(t, s, fmt.Sprintf("cup%d.example.com.", i)); r.Msg == nil {
			t.Errorf("cup%d: %+v", i, r)
		}
	})
}

// overTCP answers one query of each connection that a listener takes, and closes it.
func overTCP(t *testing.T, tcp net.Listener, answer func(query []byte) []byte) {
	t.Helper()
	var server sync.WaitGroup
	server.Go(func() {
		for {
			conn, err := tcp.Accept()
			if err != nil {
				return
			}
			if query, err := readFramed(conn); err == nil {
				m := answer(query)
				_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
			}
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = tcp.Close()
		server.Wait()
	})
}

// each calls do for 0 to n-1 in so many goroutines.
func each(n, jobs int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
				do(i)
			}
		})
	}
	workers.Wait()
}

// bothWays runs a test against nsd without and with its response rate limiting.
func bothWays(t *testing.T, zones servertest.Zones, test func(t *testing.T, addr string)) {
	t.Helper()
	for _, limited := range []bool{false, true} {
		name := "without rate limit"
		if limited {
			name = "with rate limit"
		}
		t.Run(name, func(t *testing.T) {
			test(t, servertest.NSD(t, servertest.NSDConfig{Zones: zones, RateLimit: limited}).Addr)
		})
	}
}

func TestTruncatedAnswerIsAskedForOverTCP(t *testing.T) {
	bothWays(t, servertest.Zones{"example.com": servertest.BigRRSet("big", "TXT", 100)}, func(t *testing.T, addr string) {
		s := serverAt(t, addr, Options{})
		each(20, 10, func(int) {
			r := s.Ask(t.Context(), Question{"big.example.com.", dns.TypeTXT})
			if r.Msg == nil || r.Msg.Truncated || len(r.Msg.Answer) != 100 {
				t.Errorf("reply %+v, want all 100 records", r.Attempts)
				return
			}
			if r.Attempts[0].End != Truncated || r.last().Transport != TCP {
				t.Errorf("attempts %+v, want one truncated, then TCP", r.Attempts)
			}
		})
	})
}

func TestEveryRcodeIsTrueWhateverTheServerDrops(t *testing.T) {
	const names = 1200
	zone := ""
	for i := range names {
		if i%2 == 0 {
			zone += fmt.Sprintf("cup%d IN A 192.0.2.1\n", i)
		}
	}
	bothWays(t, servertest.Zones{"example.com": zone}, func(t *testing.T, addr string) {
		s := serverAt(t, addr, Options{})
		var lost atomic.Int64
		each(names, DefaultOutstanding, func(i int) {
			r := ask(t, s, fmt.Sprintf("cup%d.example.com.", i))
			want := dns.RcodeSuccess
			if i%2 == 1 {
				want = dns.RcodeNameError
			}
			if r.Msg == nil || r.Msg.Rcode != want {
				t.Errorf("cup%d: %+v, want %s", i, r, dns.RcodeToString[want])
			}
			if len(r.Attempts) > 1 {
				lost.Add(1)
			}
		})
		t.Logf("%d of %d questions took more than one attempt", lost.Load(), names)
	})
}

func TestDNSOverTLS(t *testing.T) {
	ca := servertest.CA(t)
	server := servertest.Unbound(t, servertest.UnboundConfig{
		CA: ca, LocalZones: map[string]string{"static.test": "static"}, LocalData: []string{"a.static.test. A 192.0.2.1"},
	})
	const name = "a.static.test."
	t.Run("with the right authority", func(t *testing.T) {
		s := serverAt(t, "tls://"+server.TLSAddr, Options{Roots: ca.Pool})
		each(20, 10, func(int) {
			if r := ask(t, s, name); r.Msg == nil || len(r.Msg.Answer) != 1 || r.Attempts[0].Transport != TLS {
				t.Errorf("reply %+v", r)
			}
		})
	})
	t.Run("with another name", func(t *testing.T) {
		r := ask(t, serverAt(t, "tls://"+server.TLSAddr+"#dns.example.com", Options{Roots: ca.Pool}), name)
		if r.Msg != nil || r.Failure().End != BadTLS {
			t.Errorf("reply %+v, want a TLS error", r)
		}
	})
	t.Run("without the authority", func(t *testing.T) {
		if r := ask(t, serverAt(t, "tls://"+server.TLSAddr, Options{}), name); r.Msg != nil || r.Failure().End != BadTLS {
			t.Errorf("reply %+v, want a TLS error", r)
		}
	})
}

func FuzzRead(f *testing.F) {
	query, err := pack(nil, Question{testName, dns.TypeA}, true)
	if err != nil {
		f.Fatal(err)
	}
	answer := append([]byte(nil), query...)
	answer[2] |= 0x80
	f.Add(answer)
	f.Add(answer[:headerSize])
	f.Add(good(f, query))
	for _, record := range []string{"\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01", // an address, and owners as pointers
		"\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"} {
		short := append([]byte(nil), query[:headerSize+len(question(query))]...)
		short[2], short[7], short[11] = short[2]|0x80, 1, 0
		f.Add(append(append(short, 0xc0, headerSize), record...))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		m, err := read(msg, query)
		if err != nil {
			return
		}
		if msg[2]&responseBit == 0 {
			t.Error("a query was read as an answer")
		}
		full := new(dns.Msg)
		if err := full.Unpack(msg); err != nil || m.Truncated {
			return // what is not kept is not decoded
		}
		if m.Rcode != full.Rcode || m.Authoritative != full.Authoritative || m.Truncated != full.Truncated ||
			m.RecursionAvailable != full.RecursionAvailable || len(m.Answer) != len(full.Answer) {
			t.Errorf("%+v, want %v", m, full)
		}
		if !reflect.DeepEqual(m.Answer, full.Answer) {
			t.Errorf("answer %v, want %v", m.Answer, full.Answer)
		}
		for _, rr := range full.Ns {
			if h := rr.Header(); h.Rrtype == dns.TypeSOA || h.Rrtype == dns.TypeNS {
				if m.Zone != h.Name || m.ZoneType != h.Rrtype {
					t.Errorf("zone %s %d, want that of %v", m.Zone, m.ZoneType, rr)
				}
				break
			}
		}
	})
}
