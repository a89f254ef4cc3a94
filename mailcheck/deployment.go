package mailcheck

import (
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// The ports of IMAP and of HTTPS. 7993 is Unity Connection's IMAP over TLS (an assumption, see docs/keys.md).
const (
	portIMAP      = 143
	portIMAPS     = 993
	portUnityTLS  = 7993
	portHTTPS     = 443
	portHTTP      = 80
	schemeHTTP    = "http"
	protocolSSL   = "SSL"
	rankPrimary   = "primary"
	rankBackup    = "backup"
	rankBackup1   = "backup 1"
	rankBackup2   = "backup 2"
	rankServerNum = "server "
)

// A Deployment is what one export says about mail stores and calendar gateways.
type Deployment struct {
	Stores    []IMAPRequest
	Calendars []CalendarRequest
}

// FromExport finds the mail stores and the calendar gateways of an export. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) Deployment {
	return Deployment{Stores: stores(e), Calendars: calendars(e)}
}

func stores(e *export.Export) []IMAPRequest {
	shared := IMAPRequest{Product: Product(live.Text(e, export.MailStoreServerType)), Folder: live.Text(e, export.MailStoreInboxFolderName)}
	if shared.Product == "" && strings.EqualFold(live.Text(e, export.VoiceMailServerType), string(UnityConnection)) {
		shared.Product = UnityConnection
	}
	var out []IMAPRequest
	for _, s := range []struct {
		rank                    string
		address, port, protocol export.KeyID
	}{
		{rankPrimary, export.MailStorePrimaryAddress, export.MailStorePrimaryPort, export.MailStorePrimaryProtocol},
		{rankBackup1, export.MailStoreBackup1Address, export.MailStoreBackup1Port, export.MailStoreBackup1Protocol},
		{rankBackup2, export.MailStoreBackup2Address, export.MailStoreBackup2Port, export.MailStoreBackup2Protocol},
	} {
		p := e.Get(s.address)
		if p == nil || strings.TrimSpace(p.Value) == "" {
			continue
		}
		r := shared
		r.Rank, r.Place = s.rank, live.PlaceOf(e, p)
		protocol := live.Text(e, s.protocol)
		missing := portIMAP
		if strings.EqualFold(protocol, protocolSSL) {
			missing = portIMAPS
		}
		r.Target = probe.Target{Host: live.Text(e, s.address), Port: live.Port(live.Text(e, s.port), missing)}
		r.Target.Security = live.Security(protocol, TLSPort(r.Target.Port))
		out = append(out, r)
	}
	return out
}

// TLSPort reports whether IMAP speaks TLS from the first byte on the port.
func TLSPort(port int) bool { return port == portIMAPS || port == portUnityTLS }

func calendars(e *export.Export) []CalendarRequest {
	shared := CalendarRequest{Protocol: live.Text(e, export.CalendarProtocol), Login: Login{User: live.Text(e, export.CalendarAccount)}}
	if v, ok := e.Value(export.CalendarPassword); ok && !live.Masked(v) {
		shared.Login.Password = loginbudget.NewSecret(strings.Clone(v))
	}
	shared.Target = probe.Target{Security: probe.ImplTLS}
	missing := portHTTPS
	if strings.EqualFold(live.Text(e, export.CalendarScheme), schemeHTTP) {
		shared.Target.Security, missing = probe.Plain, portHTTP
	}
	shared.Target.Port = live.Port(live.Text(e, export.CalendarPort), missing)
	var out []CalendarRequest
	add := func(rank string, p *export.Property) {
		if p == nil || strings.TrimSpace(p.Value) == "" {
			return
		}
		r := shared
		r.Rank, r.Place, r.Target.Host = rank, live.PlaceOf(e, p), strings.Clone(strings.TrimSpace(p.Value))
		out = append(out, r)
	}
	add(rankPrimary, e.Get(export.CalendarPrimary))
	add(rankBackup, e.Get(export.CalendarBackup))
	for p := range e.All(export.CalendarServerAddress) {
		add(rankServerNum+strconv.Itoa(p.N), p)
	}
	if len(out) < 2 {
		return out
	}
	return Calendars().Merge(out)
}
