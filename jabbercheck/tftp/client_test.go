package tftp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
)

// An end is the server's socket of one transfer in a double.
type end struct {
	t    *testing.T
	conn net.PacketConn
	to   net.Addr
}

func (e *end) send(b []byte) { _, _ = e.conn.WriteTo(b, e.to) }

// next reads a packet of the client; nil when none comes.
func (e *end) next() []byte {
	b := make([]byte, 2000)
	_ = e.conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	n, _, err := e.conn.ReadFrom(b)
	if err != nil {
		return nil
	}
	return b[:n]
}

func data(block uint16, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, opData), block), b...)
}

// double is a TFTP server of one request: serve gets the request and the socket that answers, on a port of its own.
func double(t *testing.T, serve func(e *end, request []byte)) probe.Target {
	t.Helper()
	l, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			b := make([]byte, 2000)
			n, from, err := l.ReadFrom(b)
			if err != nil {
				return
			}
			go func() {
				conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
				if err != nil {
					return
				}
				defer conn.Close()
				serve(&end{t, conn, from}, b[:n])
			}()
		}
	}()
	addr := l.LocalAddr().(*net.UDPAddr)
	return probe.Target{Host: "127.0.0.1", Port: addr.Port, Network: "udp"}
}

func load(t *testing.T, target probe.Target, limit int) ([]byte, error) {
	t.Helper()
	p := &probe.Prober{Timeouts: probe.Timeouts{Protocol: 2 * time.Second}}
	return fetch(t.Context(), p, target, new(probe.Observation), "jabber-config.xml", limit)
}

// serveWhole sends a file block by block of the size.
func serveWhole(e *end, file []byte, size int) {
	for block := uint16(1); ; block++ {
		n := min(size, len(file))
		e.send(data(block, file[:n]))
		for {
			ack := e.next()
			if ack == nil || binary.BigEndian.Uint16(ack[2:]) == block {
				break
			}
		}
		if file = file[n:]; n < size {
			return
		}
	}
}

func TestTransfers(t *testing.T) {
	file := bytes.Repeat([]byte("0123456789"), 500)
	oack := []byte("\x00\x06blksize\x001024\x00tsize\x005000\x00")
	for _, tt := range []struct {
		name  string
		serve func(e *end, request []byte)
		want  string // part of the error; empty for the file
		class probe.Class
	}{
		{name: "options are ignored", serve: func(e *end, _ []byte) { serveWhole(e, file, 512) }},
		{name: "options are taken", serve: func(e *end, _ []byte) {
			e.send(oack)
			if ack := e.next(); !bytes.Equal(ack, acknowledge(0)) {
				t.Errorf("%x", ack)
			}
			serveWhole(e, file, 1024)
		}},
		{name: "options are refused", serve: func(e *end, request []byte) {
			if bytes.Contains(request, []byte("blksize")) {
				e.send(refuse(codeOptions, "no options"))
				return
			}
			serveWhole(e, file, 512)
		}},
		{name: "a lost block comes again", serve: func(e *end, _ []byte) {
			e.send(oack)
			e.next() // acknowledgement 0; the first block is lost
			e.next() // it is repeated
			serveWhole(e, file, 1024)
		}},
		{name: "a block comes twice", serve: func(e *end, _ []byte) {
			e.send(data(1, file[:512]))
			e.next()
			e.send(data(1, file[:512]))
			e.next()
			for i := 1; i < 10; i++ {
				e.send(data(uint16(i+1), file[i*512:min(len(file), (i+1)*512)]))
				e.next()
			}
		}},
		{name: "another host is refused", serve: func(e *end, _ []byte) {
			e.send(data(1, file[:512]))
			e.next()
			other, err := net.ListenPacket("udp4", "127.0.0.1:0")
			if err != nil {
				return
			}
			defer other.Close()
			stranger := &end{e.t, other, e.to}
			stranger.send(data(2, bytes.Repeat([]byte("x"), 512)))
			if answer := stranger.next(); len(answer) < 4 || answer[1] != opError || answer[3] != codeTID {
				t.Errorf("the other host got %x", answer)
			}
			for i := 1; i < 10; i++ {
				e.send(data(uint16(i+1), file[i*512:min(len(file), (i+1)*512)]))
				e.next()
			}
		}},
		{name: "not found", serve: func(e *end, _ []byte) { e.send(refuse(codeNotFound, "File not found\x1b[31m")) }, want: "TFTP error 1: " +
			"File not found"},
		{name: "silence", serve: func(*end, []byte) {}, want: "no answer", class: probe.Timeout},
		{name: "cut in the middle", serve: func(e *end, _ []byte) { e.send(data(1, file[:512])) }, want: "no answer", class: probe.Timeout},
		{name: "endless", serve: func(e *end, _ []byte) {
			for i := uint16(1); ; i++ {
				e.send(data(i, file[:512]))
				if ack := e.next(); ack == nil || ack[1] == opError {
					return
				}
			}
		}, want: "more than", class: probe.BadProtocol},
		{name: "announced giant", serve: func(e *end, _ []byte) { e.send([]byte("\x00\x06tsize\x009999999\x00")); e.next() }, want: "more than"},
		{name: "a block size without a request", serve: func(e *end, _ []byte) { e.send([]byte("\x00\x06blksize\x0065000\x00")) },
			want: "a block size of 65000", class: probe.BadProtocol},
		{name: "a block that is too large", serve: func(e *end, _ []byte) { e.send(data(1, bytes.Repeat([]byte("x"), 700))) },
			want: "a block of more than", class: probe.BadProtocol},
		{name: "garbage", serve: func(e *end, _ []byte) { e.send([]byte("\xff\xffgarbage")) }, want: "a packet of " +
			"kind", class: probe.BadProtocol},
		{name: "a flood of one block", serve: func(e *end, _ []byte) {
			for range 2000 {
				e.send(data(7, nil))
			}
			for e.next() != nil {
				e.send(data(7, nil))
			}
		}, want: "", class: "any"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, double(t, tt.serve), 20_000)
			var e *probe.Error
			switch {
			case tt.class == "any" && err == nil:
				t.Error("a file came")
			case tt.class == "any":
			case tt.want == "" && (err != nil || !bytes.Equal(got, file)):
				t.Errorf("%d bytes, %v", len(got), err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.ContainsRune(err.Error(), 27)):
				t.Errorf("%v, want %q", err, tt.want)
			case tt.class != "" && (!errors.As(err, &e) || e.Class != tt.class):
				t.Errorf("class of %v, want %s", err, tt.class)
			}
		})
	}
}

// FuzzPacket feeds packets of a server: reading ends, and what is kept is safe to show.
func FuzzPacket(f *testing.F) {
	f.Add(data(1, []byte("x")))
	f.Add(refuse(codeNotFound, "File not found"))
	f.Add([]byte("\x00\x06blksize\x001428\x00tsize\x0012\x00"))
	f.Add([]byte("\x00\x06\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parse(b)
		if err != nil {
			return
		}
		if strings.ContainsAny(p.message, "\x1b\r\n") || len(p.message) > 500 {
			t.Errorf("%q is not safe to show", p.message)
		}
		if n, err := p.blockSize(); err == nil && (n < 8 || n > wantedBlock) {
			t.Errorf("a block size of %d", n)
		}
		if p.op == opData && len(p.data) > len(b)-4 {
			t.Errorf("%d bytes of data in %d", len(p.data), len(b))
		}
	})
}
