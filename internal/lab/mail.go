package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// The mail store of Exchange 2007: log-ins need TLS, as its default LoginType SecureLogin has it.
var (
	imapMail  = service{hostMail, 143}
	imapsMail = service{hostMail, 993}
)

// MailUser is whose mailbox there is, and who registers at the branch office.
const MailUser = "alice"

func (l *Lab) startMail(ctx context.Context, ca *authority) error {
	return l.serveIMAP(ctx, ca, hostMail.name, []imapPort{{"IMAP", imapMail, false}, {"IMAP over TLS", imapsMail, true}})
}

// An imapPort is one port of a mail store.
type imapPort struct {
	what    string
	service service
	tls     bool
}

// serveIMAP runs a mail store with the mailbox of MailUser.
func (l *Lab) serveIMAP(ctx context.Context, ca *authority, name string, ports []imapPort) error {
	secured, err := ca.server(name)
	if err != nil {
		return err
	}
	user := imapmemserver.NewUser(MailUser, l.Password)
	if err := user.Create("INBOX", nil); err != nil {
		return fmt.Errorf("make the mailbox: %w", err)
	}
	store := imapmemserver.New()
	store.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return store.NewSession(), &imapserver.GreetingData{}, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, TLSConfig: secured, Logger: log.New(io.Discard, "", 0),
	})
	for _, s := range ports {
		n, err := l.listen(ctx, s.service)
		if err != nil {
			return err
		}
		l.order = append(l.order, ordered{s.what, s.service})
		if s.tls {
			n = tls.NewListener(n, secured)
		}
		l.work.Go(func() { _ = server.Serve(n) }) // it ends with the server
	}
	l.closers = append(l.closers, server.Close)
	return nil
}
