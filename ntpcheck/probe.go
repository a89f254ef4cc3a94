package ntpcheck

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"strings"
	"time"

	"github.com/beevik/ntp"

	"cupclint/internal/probe"
)

// A Checker asks time servers. The zero value works.
type Checker struct {
	Prober *probe.Prober
}

// questions is how many packets are sent to a server that does not answer: packets get lost.
const questions = 3

// packetSize is the size of an NTP packet without extensions (RFC 5905, section 7.3).
const packetSize = 48

// Probe asks one time server. The observation is complete even if something failed.
func (c *Checker) Probe(ctx context.Context, r Request) *Observation {
	p := c.Prober
	if p == nil {
		p = new(probe.Prober)
	}
	t := r.Target
	t.Network = "udp"
	if t.Port == 0 {
		t.Port = Port
	}
	o := &Observation{Place: r.Place, At: p.Clock().UTC()}
	o.Target = t
	if err := ask(ctx, p, o); err != nil {
		o.Fail(o.Reached, err)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// ask sends questions until one is answered. The last error counts.
func ask(ctx context.Context, p *probe.Prober, o *Observation) error {
	for {
		conn, err := p.Connect(ctx, o.Target, &o.Observation)
		if err != nil {
			return err
		}
		again, err := question(ctx, p, o, conn)
		if !again || o.Asked == questions {
			return err
		}
		o.Addresses, o.Tried = nil, nil // the next question looks the name up again and may get another address
	}
}

// question sends one packet over a connection, and closes it. again says that another one may be answered.
func question(ctx context.Context, p *probe.Prober, o *Observation, conn net.Conn) (again bool, err error) {
	phase, end := p.Phase(ctx, &o.Observation, probe.Protocol)
	defer end()
	deadline, _ := phase.Deadline()
	wait := time.Until(deadline) / questions
	phase, cancel := context.WithTimeout(phase, wait)
	defer cancel()
	defer conn.Close()
	defer context.AfterFunc(phase, func() { _ = conn.Close() })() // the library sets deadlines of its own
	o.Asked++
	raw := new(packet)
	answer, err := ntp.QueryWithOptions(o.Target.String(), ntp.QueryOptions{
		Version: 4, Timeout: wait, GetSystemTime: p.Clock, Extensions: []ntp.Extension{raw},
		Dialer: func(string, string) (net.Conn, error) { return conn, nil },
	})
	switch {
	case err == nil:
		o.Answer = answerOf(answer)
	case raw.isServer() && raw.stratum() == 0:
		// Refusals often have no times, which the library does not accept.
		o.Answer = &Answer{Version: raw.version(), Leap: raw.leap(), Kiss: raw.kiss()}
	case errors.Is(ctx.Err(), context.Canceled):
		return false, probe.ErrorOf(probe.Protocol, probe.Cancelled, err, "the run was cancelled")
	default:
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err // the addresses are known, and this computer's port says nothing
		}
		e := probe.AsError(probe.Protocol, err)
		if phase.Err() != nil && e.Class != probe.Refused {
			e = probe.ErrorOf(probe.Protocol, probe.Timeout, err, "no answer to an NTP question in %s", wait.Round(time.Millisecond))
		}
		if e.Class == probe.BadProtocol && len(raw.bytes) > 0 {
			e = probe.ErrorOf(probe.Protocol, probe.BadProtocol, err, "%v (%d bytes)", err, raw.size)
		}
		return e.Class == probe.Timeout, e
	}
	if o.Answer.refused() {
		o.Note("kiss-of-death: %s", o.Answer.Kiss)
	}
	return false, nil
}

func answerOf(r *ntp.Response) *Answer {
	a := &Answer{
		Version: r.Version, Leap: int(r.Leap), Stratum: int(r.Stratum), Reference: probe.Clean(strings.Trim(r.ReferenceString(), "\x00 ")),
		RootDelay: probe.Duration(r.RootDelay), RootDispersion: probe.Duration(r.RootDispersion),
		Offset: probe.Duration(r.ClockOffset.Round(time.Microsecond)), Delay: probe.Duration(r.RTT.Round(time.Microsecond)), Timed: true,
	}
	if r.Stratum == 0 {
		a.Kiss, a.Reference = cleanKiss(r.KissCode), ""
	}
	if r.ReferenceTime.Year() > 1970 {
		a.Updated = r.ReferenceTime.UTC()
	}
	return a
}

// cleanKiss returns a code of letters and digits only; an empty code stays empty.
func cleanKiss(s string) string {
	s = strings.Trim(s, "\x00 ")
	for _, c := range s {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return s
}

// A packet keeps the beginning of an answer as it came. It implements ntp.Extension.
type packet struct {
	bytes []byte
	size  int
}

// ProcessQuery implements ntp.Extension.
func (p *packet) ProcessQuery(*bytes.Buffer) error { return nil }

// ProcessResponse implements ntp.Extension.
func (p *packet) ProcessResponse(b []byte) error {
	p.bytes, p.size = bytes.Clone(b[:min(len(b), packetSize)]), len(b)
	// The poll interval and the precision are powers of two, and not looked at here. The library (v1.6.0) shifts by their negative, and
	// panics where that is negative, too.
	for _, i := range [...]int{2, 3} {
		if i < len(b) && int8(b[i]) == math.MinInt8 {
			b[i]++
		}
	}
	return nil
}

const serverMode = 4

func (p *packet) isServer() bool { return len(p.bytes) == packetSize && p.bytes[0]&7 == serverMode }
func (p *packet) version() int   { return int(p.bytes[0] >> 3 & 7) }
func (p *packet) leap() int      { return int(p.bytes[0] >> 6) }
func (p *packet) stratum() int   { return int(p.bytes[1]) }

// kiss is the code in the field of the reference.
func (p *packet) kiss() string {
	if binary.BigEndian.Uint32(p.bytes[12:16]) == 0 {
		return ""
	}
	return cleanKiss(string(p.bytes[12:16]))
}
