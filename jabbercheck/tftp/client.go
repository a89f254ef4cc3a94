package tftp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"cupclint/internal/probe"
)

const (
	// tries is how often one packet is sent.
	tries = 4
	// maxPackets bounds the packets that are read for one file in addition to its blocks: repeats, and packets of other hosts.
	maxPackets = 256
)

// A refusal is an ERROR packet of the server.
type refusal struct {
	code    int
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("TFTP error %d: %s", r.code, r.message) }

// ErrNotFound says that the server has no such file.
var ErrNotFound = errors.New("the TFTP server does not have the file")

// Fetch reads one file of at most limit bytes from the TFTP server of a target. The error is ErrNotFound if the server does not have it.
func Fetch(ctx context.Context, p *probe.Prober, t probe.Target, name string, limit int) ([]byte, error) {
	data, err := fetch(ctx, p, t, new(probe.Observation), name, limit)
	if r, ok := errors.AsType[*refusal](err); ok && r.code == codeNotFound {
		return nil, ErrNotFound
	}
	return data, err
}

// fetch reads one file of at most limit bytes by TFTP (RFC 1350, 2347, 2348) in the protocol phase. The error is a *probe.Error around a
// *refusal if the server refused.
func fetch(ctx context.Context, p *probe.Prober, t probe.Target, seen *probe.Observation, name string, limit int) ([]byte, error) {
	if strings.ContainsRune(name, 0) || name == "" || len(name) > 255 {
		return nil, probe.ErrorOf(probe.Protocol, probe.BadProtocol, nil, "a file name that cannot be requested")
	}
	t.Network = "udp"
	first, err := p.Connect(ctx, t, seen)
	if err != nil {
		return nil, err
	}
	server, err := netip.ParseAddrPort(seen.Address)
	local := first.LocalAddr()
	_ = first.Close()
	if err != nil {
		return nil, probe.AsError(probe.Connect, err)
	}
	ctx, end := p.Phase(ctx, seen, probe.Protocol)
	defer end()
	deadline, _ := ctx.Deadline()
	x := &transfer{server: server, limit: limit, wait: max(time.Until(deadline)/(2*tries), time.Millisecond), name: name}
	for _, options := range []bool{true, false} {
		var data []byte
		data, err = x.run(ctx, local, options)
		var r *refusal
		if err == nil {
			return data, nil
		}
		if !options || !errors.As(err, &r) || r.code != codeOptions {
			break
		}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, probe.ErrorOf(probe.Protocol, probe.Cancelled, err, "the run was cancelled")
	}
	return nil, probe.AsError(probe.Protocol, err)
}

// A transfer is one file under way.
type transfer struct {
	server netip.AddrPort // where the request goes; the answers come from another port
	name   string
	limit  int
	wait   time.Duration // for one packet
}

// run asks once. The server answers from another port (RFC 1350, section 4), so the socket is not bound to one port: packets from another
// host are ignored, and packets from another port of the server are refused.
func (x *transfer) run(ctx context.Context, local net.Addr, options bool) ([]byte, error) {
	at := ":0"
	if u, ok := local.(*net.UDPAddr); ok {
		at = net.JoinHostPort(u.IP.String(), "0")
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", at)
	if err != nil {
		return nil, probe.ErrorOf(probe.Connect, probe.Unreachable, err, "%v", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s := &state{transfer: x, conn: conn, to: x.server, last: readRequest(x.name, options), size: defaultBlock, asked: options}
	buffer := make([]byte, 4+wantedBlock+1)
	repeats, strangers := 0, 0
	if err := s.send(); err != nil {
		return nil, err
	}
	for {
		if err := conn.SetReadDeadline(time.Now().Add(x.wait)); err != nil {
			return nil, cause(ctx, err)
		}
		n, from, err := conn.ReadFrom(buffer)
		var late net.Error
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, cause(ctx, err)
		case errors.As(err, &late) && late.Timeout():
			if repeats++; repeats >= tries {
				return nil, probe.ErrorOf(probe.Protocol, probe.Timeout, err, "no answer to %d packets", tries)
			}
			if err := s.send(); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if !s.isMine(from) {
			if strangers++; strangers > maxPackets {
				return nil, probe.ErrTooMuch
			}
			continue
		}
		done, progress, err := s.take(buffer[:n])
		switch {
		case err != nil:
			return nil, err
		case done:
			return s.data, nil
		case progress:
			repeats = 0
		default:
			if strangers++; strangers > maxPackets {
				return nil, probe.ErrTooMuch
			}
		}
	}
}

// cause says why the time is over.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// state is the state of a transfer.
type state struct {
	*transfer
	conn  net.PacketConn
	to    netip.AddrPort // the server's port; that of the request until its first answer
	known bool           // the server's port is known
	last  []byte         // the packet that was sent last
	block uint16         // the last block that came
	size  int
	asked bool // options were
	data  []byte
}

func (s *state) send() error {
	if _, err := s.conn.WriteTo(s.last, net.UDPAddrFromAddrPort(s.to)); err != nil {
		return fmt.Errorf("send a packet: %w", err)
	}
	return nil
}

// isMine reports whether a packet comes from the server's end of this transfer.
func (s *state) isMine(from net.Addr) bool {
	u, ok := from.(*net.UDPAddr)
	if !ok {
		return false
	}
	addr := netip.AddrPortFrom(u.AddrPort().Addr().Unmap(), u.AddrPort().Port())
	switch {
	case addr.Addr() != s.server.Addr().Unmap():
		return false
	case !s.known:
		s.to, s.known = addr, true
	case addr != s.to:
		_, _ = s.conn.WriteTo(refuse(codeTID, "Unknown transfer ID"), from)
		return false
	}
	return true
}

// take handles one packet of the server. progress says that it was the expected one.
func (s *state) take(b []byte) (done, progress bool, err error) {
	p, err := parse(b)
	switch {
	case err != nil:
		return false, false, probe.ErrorOf(probe.Protocol, probe.BadProtocol, err, "%v", err)
	case p.op == opError:
		return false, false, &refusal{p.code, p.message}
	case p.op == opOACK:
		return s.agree(&p)
	case p.block == s.block && s.block > 0:
		return false, false, s.send() // the acknowledgement was lost
	case p.block != s.block+1:
		return false, false, nil
	case len(p.data) > s.size:
		return false, false, probe.ErrorOf(probe.Protocol, probe.BadProtocol, nil, "a block of more than %d bytes", s.size)
	case len(s.data)+len(p.data) > s.limit:
		return false, false, s.tooMuch()
	}
	s.block = p.block
	s.data = append(s.data, p.data...)
	s.last = acknowledge(s.block)
	if err := s.send(); err != nil {
		return false, false, err
	}
	return len(p.data) < s.size, true, nil
}

// agree reads what the server says about options.
func (s *state) agree(p *packet) (done, progress bool, err error) {
	if s.block > 0 {
		return false, false, nil
	}
	size, err := p.blockSize()
	if err == nil && !s.asked {
		err = errors.New("an option acknowledgement although no option was requested")
	}
	if err != nil {
		s.last = refuse(codeOptions, "option not requested")
		_ = s.send()
		return false, false, probe.ErrorOf(probe.Protocol, probe.BadProtocol, err, "%v", err)
	}
	if p.size() > int64(s.limit) {
		return false, false, s.tooMuch()
	}
	repeated := s.size == size && len(s.last) == 4
	s.size, s.last = size, acknowledge(0)
	return false, !repeated, s.send()
}

func (s *state) tooMuch() error {
	s.last = refuse(codeTooMuch, "more than the limit")
	_ = s.send()
	return fmt.Errorf("%w: a file of more than %d bytes", probe.ErrTooMuch, s.limit)
}
