package live

import (
	"strings"

	"cupclint/export"
)

// A UCService is a service that Unified CM lists for its service profiles (User Management > User Settings > UC Service).
type UCService struct {
	Host  string
	Port  int // 0 where none is given
	Place Place
}

// UCServices yields the services of a type, as AXL and the database call it: CTI, Directory, MailStore, Voicemail. Case does not count.
// Everything is copied.
func UCServices(e *export.Export, kind string) func(yield func(UCService) bool) {
	return func(yield func(UCService) bool) {
		addresses, ports := numbered(e, export.UCServiceAddress), numbered(e, export.UCServicePort)
		for t := range e.All(export.UCServiceType) {
			if !strings.EqualFold(strings.TrimSpace(t.Value), kind) {
				continue
			}
			p := addresses[t.N]
			if p == nil {
				continue
			}
			s := UCService{Host: strings.Clone(strings.TrimSpace(p.Value)), Place: PlaceOf(e, p)}
			if port := ports[t.N]; port != nil {
				s.Port = Port(strings.TrimSpace(port.Value), 0)
			}
			if !yield(s) {
				return
			}
		}
	}
}
