package lab

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

// The calendar gateway: Outlook Web Access of an Exchange 2003.
var httpsMail = service{hostMail, 443}

// gatewayWrongName is what the certificate says in the broken deployment: the server's own name, not the one that was configured.
const gatewayWrongName = "exch01.acme.test"

func (l *Lab) startCalendar(ctx context.Context, ca *authority) error {
	name := hostMail.name
	if !l.options.Fixed {
		name = gatewayWrongName
	}
	secured, err := ca.server(name)
	if err != nil {
		return err
	}
	n, err := l.listen(ctx, httpsMail)
	if err != nil {
		return err
	}
	l.order = append(l.order, ordered{"calendar gateway", httpsMail})
	server := &http.Server{Handler: gateway(l.options.Fixed), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	l.work.Go(func() { _ = server.Serve(tls.NewListener(n, secured)) }) // it ends with the server
	l.closers = append(l.closers, server.Close)
	return nil
}

// gateway answers as Outlook Web Access does: with a log-in form where forms-based authentication is on, else with Basic
// authentication in front of WebDAV.
func gateway(fixed bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", "Microsoft-IIS/6.0")
		h.Set("X-OWA-Version", "6.5.7638.1")
		switch {
		case !strings.HasPrefix(r.URL.Path, "/exchange/"):
			http.NotFound(w, r)
		case !fixed:
			h.Set("Location", "https://"+r.Host+"/exchweb/bin/auth/owalogon.asp?url=https://"+r.Host+r.URL.Path)
			w.WriteHeader(http.StatusFound)
			// a client that has gone misses nothing
			_, _ = io.WriteString(w, `<form action="/exchweb/bin/auth/owaauth.dll" method="POST" name="logonForm">`)
		default:
			h.Set("WWW-Authenticate", `Basic realm="`+hostMail.name+`"`)
			h.Set("DAV", "1, 2")
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}
