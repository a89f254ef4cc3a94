package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cupclint/internal/servertest"
)

// eachConn runs a test with the calls of this system, and with those that every system has.
func eachConn(t *testing.T, test func(t *testing.T, at func(addr string, o Options) *Server)) {
	t.Helper()
	for name, batches := range map[string]func(*net.UDPConn) batchConn{
		"batches": newBatchConn, "one at a time": func(conn *net.UDPConn) batchConn { return newPlainConn(conn) },
	} {
		t.Run(name, func(t *testing.T) {
			test(t, func(addr string, o Options) *Server {
				s := serverAt(t, addr, o)
				s.batches = batches
				return s
			})
		})
	}
}

func TestQuestionsOfOneBatchGetEachTheirOwnAnswer(t *testing.T) {
	const questions = MaxOutstanding
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var server sync.WaitGroup
		defer server.Wait()
		server.Go(func() {
			var answers [questions][]byte
			var from [questions]netip.AddrPort
			for i := range questions {
				buf := make([]byte, 512)
				n, asker, err := conn.ReadFromUDPAddrPort(buf)
				if err != nil {
					t.Error(err)
					return
				}
				answers[i], from[i] = good(t, buf[:n]), asker
				copy(answers[i][len(answers[i])-4:], buf[headerSize+1:]) // the address is the label
			}
			for i := questions - 1; i >= 0; i-- {
				_, _ = conn.WriteToUDPAddrPort(answers[i], from[i])
			}
		})
		s := at(conn.LocalAddr().String(), Options{Outstanding: questions})
		each(questions, questions, func(i int) {
			label := fmt.Sprintf("n%03d", i)
			r := ask(t, s, label+".example.com.")
			if r.Msg == nil || len(r.Attempts) != 1 || len(r.Msg.Answer) != 1 || string(r.Msg.Answer[0].(*dns.A).A) != label {
				t.Errorf("%s: %+v", label, r)
			}
		})
	})
}

func TestRefusedIsSaidToEveryQuestionOfABatch(t *testing.T) {
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		s := at(servertest.ClosedAddr(t), Options{})
		each(suspicious, suspicious, func(i int) {
			if r := ask(t, s, fmt.Sprintf("cup%d.example.com.", i)); r.Msg != nil || r.Failure().End != Refused {
				t.Errorf("cup%d: %+v, want a refused connection", i, r)
			}
		})
	})
}

func TestCloseEndsQuestionsUnderWay(t *testing.T) {
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		sink := servertest.UDPSink(t)
		s := at(sink.Addr, Options{Timeout: time.Hour})
		var askers sync.WaitGroup
		for i := range maxSockets * 2 {
			askers.Go(func() {
				if r := ask(t, s, fmt.Sprintf("cup%d.example.com.", i)); r.Msg != nil || r.Failure().End != Failed {
					t.Errorf("cup%d: %+v, want an error", i, r)
				}
			})
		}
		for sink.Received() < maxSockets*2 {
			time.Sleep(time.Millisecond)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		askers.Wait()
	})
}

func TestAnswerLargerThanAskedFor(t *testing.T) {
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		large := func(q []byte) []byte {
			m := good(t, q)
			binary.BigEndian.PutUint16(m[6:], 1+20)
			for range 20 {
				text := append([]byte{255}, make([]byte, 255)...)
				m = append(m, 0, 0, byte(dns.TypeTXT), 0, byte(dns.ClassINET), 0, 0, 0, 60, 1, 0)
				m = append(m, text...)
			}
			return m
		}
		conn, listener := servertest.BothTransports(t)
		addr := answerOn(t, conn, func(_ int, q []byte) [][]byte { return [][]byte{large(q)} })
		overTCP(t, listener, large)
		if r := ask(t, at(addr, Options{}), testName); r.Msg == nil || len(r.Msg.Answer) != 21 {
			t.Errorf("reply %+v, want all 21 records, over TCP if the datagram does not fit", r)
		}
	})
}

// scriptedConn is a socket whose calls the test answers.
type scriptedConn struct {
	writes chan scriptedWrite
	closed chan struct{}
}

type scriptedWrite struct {
	names  []string
	result chan scriptedResult
}

type scriptedResult struct {
	n   int
	err error
}

func (c *scriptedConn) send(datagrams [][]byte) (int, error) {
	w := scriptedWrite{result: make(chan scriptedResult)}
	for _, d := range datagrams {
		w.names = append(w.names, string(d[headerSize+1:headerSize+3]))
	}
	select {
	case c.writes <- w:
		r := <-w.result
		return r.n, r.err
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *scriptedConn) receive() ([][]byte, error) {
	<-c.closed
	return nil, net.ErrClosed
}

func (c *scriptedConn) Close() error {
	close(c.closed)
	return nil
}

// scripted starts a socket, and returns a function that asks for names of two letters.
func scripted(t *testing.T) (*scriptedConn, func(name string) *waiter) {
	t.Helper()
	conn := &scriptedConn{writes: make(chan scriptedWrite), closed: make(chan struct{})}
	s := newSocket(conn)
	var running sync.WaitGroup
	running.Go(s.write)
	running.Go(s.receive)
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
		running.Wait()
	})
	return conn, func(name string) *waiter {
		w := newWaiter()
		if !w.ask(Question{name + ".example.com.", dns.TypeA}, true, new(Reply)) {
			t.Fatal("no query")
		}
		if err := s.send(w); err != nil {
			t.Fatal(err)
		}
		return w
	}
}

func (c *scriptedConn) expect(t *testing.T, n int, err error, names ...string) {
	t.Helper()
	w := <-c.writes
	if fmt.Sprint(w.names) != fmt.Sprint(names) {
		t.Errorf("written %v, want %v", w.names, names)
	}
	w.result <- scriptedResult{n, err}
}

func TestWhatWaitsIsWrittenTogether(t *testing.T) {
	conn, ask := scripted(t)
	ask("aa")
	first := <-conn.writes
	ask("bb")
	ask("cc")
	ask("dd")
	first.result <- scriptedResult{1, nil}
	conn.expect(t, 2, nil, "bb", "cc", "dd")
	conn.expect(t, 1, nil, "dd") // the system took two only
	ask("ee")
	conn.expect(t, 1, nil, "ee")
}

func TestErrorOfAWriteReachesItsQuestionOnly(t *testing.T) {
	conn, ask := scripted(t)
	ask("aa")
	first := <-conn.writes
	before, wrong, after := ask("bb"), ask("cc"), ask("dd")
	first.result <- scriptedResult{1, nil}
	conn.expect(t, 1, nil, "bb", "cc", "dd")
	conn.expect(t, 0, io.ErrShortWrite, "cc", "dd")
	conn.expect(t, 0, syscall.ECONNREFUSED, "dd") // belongs to an earlier datagram
	conn.expect(t, 1, nil, "dd")
	if r := <-wrong.result; !errors.Is(r.err, io.ErrShortWrite) {
		t.Errorf("result %+v, want the error", r)
	}
	for _, w := range []*waiter{before, after} {
		if len(w.result) > 0 {
			t.Errorf("a result for another question: %+v", <-w.result)
		}
	}
}

func TestQueriesOfOneLengthAreWrittenSideBySide(t *testing.T) {
	conn, ask := scripted(t)
	ask("aa")
	first := <-conn.writes
	wrong := ask("bb-presence")
	others := []*waiter{ask("cc"), ask("dd-presence"), ask("ee")}
	first.result <- scriptedResult{1, nil}
	conn.expect(t, 2, nil, "cc", "ee", "bb", "dd")
	conn.expect(t, 0, io.ErrShortWrite, "bb", "dd")
	conn.expect(t, 1, nil, "dd")
	if r := <-wrong.result; !errors.Is(r.err, io.ErrShortWrite) {
		t.Errorf("result %+v, want the error", r)
	}
	for _, w := range others {
		if len(w.result) > 0 {
			t.Errorf("a result for another question: %+v", <-w.result)
		}
	}
}

func TestWaiterIsUsedAgainWithoutWhatCameLate(t *testing.T) {
	conn, ask := scripted(t)
	w := ask("aa")
	conn.expect(t, 1, nil, "aa")
	w.deliver(result{msg: new(Message)})
	w.stray(wrongID)
	w.leave()
	if len(w.result) > 0 || len(w.places) > 0 || w.takeStrays() != (Strays{}) {
		t.Errorf("waiter %+v, want an empty one", w)
	}
}

func TestAnswersOverIPv6(t *testing.T) {
	conn, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("[::1]:0")))
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	var server sync.WaitGroup
	server.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDPAddrPort(good(t, buf[:n]), from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		server.Wait()
	})
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		if r := ask(t, at(conn.LocalAddr().String(), Options{}), testName); r.Msg == nil {
			t.Errorf("reply %+v", r)
		}
	})
}
