package sipcheck

import (
	"context"
	"errors"
	"os"
	"time"

	"cupclint/internal/probe"
)

// ProbeCTI connects to a CTIManager and checks whether the connection stays open: a service that is starting, or that
// refuses this host, accepts and closes. Nothing is sent: CTIQBE has no greeting, and the log-in of CTI is CUCM's LDAP authentication,
// which ldapcheck tests.
func (c *Checker) ProbeCTI(ctx context.Context, r CTIRequest) *CTIObservation {
	c = c.ready()
	o := &CTIObservation{Rank: r.Rank, Listed: r.Listed, Place: r.Place, At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	if err := c.hold(ctx, r, o); err != nil {
		o.Fail(o.Reached, err)
	}
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		o.Incomplete = "the run was cancelled"
	}
	return o
}

// maxUnasked bounds what is kept of what a server sends before it is asked, in bytes.
const maxUnasked = 256

func (c *Checker) hold(ctx context.Context, r CTIRequest, o *CTIObservation) error {
	raw, err := c.Prober.Connect(ctx, r.Target, &o.Observation)
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := raw
	if r.Target.Security == probe.ImplTLS {
		if conn, err = c.Prober.Handshake(ctx, raw, r.Target, &o.Observation); err != nil {
			return err
		}
	}
	hold := r.Hold
	if hold == 0 {
		hold = time.Second
	}
	phase, end := c.Prober.Phase(ctx, &o.Observation, probe.Protocol)
	defer end()
	wait, cancel := context.WithTimeout(phase, hold)
	defer cancel()
	defer probe.Guard(wait, raw)()
	var sent []byte
	buf := make([]byte, 4096)
	for { // to the end of the hold: a service that sends first may also close the connection
		n, err := conn.Read(buf)
		sent = append(sent, buf[:min(n, maxUnasked-len(sent))]...)
		switch {
		case err == nil:
			continue
		case len(sent) > 0:
			o.Unasked = probe.Clean(string(sent))
			o.Note("the server sent without being asked: %s", o.Unasked)
		}
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return probe.ErrorOf(probe.Protocol, probe.Cancelled, err, "the run was cancelled")
		case errors.Is(err, os.ErrDeadlineExceeded):
			o.Held = true
			return nil
		}
		return err
	}
}
