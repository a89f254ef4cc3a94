package collect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"cupclint/internal/probe"
)

// discovery asks DNS for the records by which clients find their servers.
func (r *run) discovery(ctx context.Context) {
	if !r.Request.uses(DNS) {
		return
	}
	n := Node{Name: r.Request.Domain}
	for _, s := range stepsOf(DNS) {
		j := r.job(s, n, "")
		r.do(ctx, j, func(ctx context.Context) ([]byte, error) {
			name := strings.TrimPrefix(j.what, "SRV ")
			records, err := r.srv(ctx, name)
			if err != nil {
				return nil, absent(err, name)
			}
			if len(records) == 0 {
				return nil, nothing("nodata", "%s has no such record", name)
			}
			return []byte(strings.Join(records, "\n") + "\n"), nil
		})
	}
}

func (r *run) srv(ctx context.Context, name string) (records []string, err error) {
	if r.SRV != nil {
		return r.SRV(ctx, name)
	}
	_, found, err := (&net.Resolver{PreferGo: true}).LookupSRV(ctx, "", "", name+".")
	for _, s := range found {
		records = append(records, fmt.Sprintf("%s. IN SRV %d %d %d %s", name, s.Priority, s.Weight, s.Port, probe.Clean(s.Target)))
	}
	return records, err
}

// absent makes an answer of a name that does not exist.
func absent(err error, name string) error {
	var dns *net.DNSError
	var phase *probe.Error
	if errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &phase) && (phase.Class == probe.NXDomain || phase.Class == probe.NoData) {
		return nothing("nxdomain", "%s has no such record", name)
	}
	return err
}
