package probe

import (
	"fmt"
	"strings"
	"time"
)

// A TLSVerdict is one problem with TLS in words that the certificate rules of all areas use.
type TLSVerdict struct {
	Problem TLSProblem
	Message string
	Fix     string
	// DaysLeft is how many whole days are left, of a certificate that expires soon.
	DaysLeft *int
}

// DefaultSoon is the time before the expiry of a certificate in which it is reported.
const DefaultSoon = 30 * 24 * time.Hour

// JudgeCertificate turns what the handshake showed into verdicts, one a problem, in a fixed order. The service is
// what the reader calls the other side: "LDAP server dc1:636". A certificate that expires within soon is reported; zero means DefaultSoon,
// and a negative time never. All dates are judged against the time of the handshake. Handshakes that failed give nothing here: they are
// the area's "unreachable" rule, through TLSFailure.
func (f *TLSFacts) JudgeCertificate(service string, soon time.Duration) []TLSVerdict {
	if f == nil || f.Version == "" {
		return nil
	}
	var leaf Certificate
	if len(f.Chain) > 0 {
		leaf = f.Chain[0]
	}
	var out []TLSVerdict
	say := func(p TLSProblem, message, fix string) {
		if f.Has(p) {
			out = append(out, TLSVerdict{Problem: p, Message: service + " " + message, Fix: fix})
		}
	}
	day := "2006-01-02 15:04 UTC"
	names := strings.Join(leaf.Names, ", ")
	say(CertExpired, fmt.Sprintf("shows a certificate that expired on %s. Clients that check certificates disconnect",
		leaf.NotAfter.Format(day)),
		"Renew the certificate on the server and restart the service.")
	say(CertNotYetValid, fmt.Sprintf("shows a certificate that is valid only from %s. Clients that check certificates disconnect",
		leaf.NotBefore.Format(day)),
		"Check the clocks (NTP) of this computer, of the server and of its authority. Then check the certificate's dates.")
	say(CertWrongName, fmt.Sprintf("shows a certificate for %s, not for the configured name %s. Clients that check names disconnect", names,
		Clean(f.ServerName)),
		"Configure one of the names in the certificate, or have a certificate issued that contains the configured name.")
	say(CertNoNames, fmt.Sprintf("shows a certificate without any subject alternative name (subject %s). Current clients do not look at the "+
		"subject and disconnect", leaf.Subject),
		fmt.Sprintf("Have a certificate issued with %s as a subject alternative name.", Clean(f.ServerName)))
	say(CertSelfSigned, "shows a certificate that it signed itself. Clients that check the chain disconnect",
		"Have the certificate issued by an authority that the clients trust, or install this certificate as trusted on every client.")
	say(CertUnknownCA, fmt.Sprintf("shows a certificate signed by %s, which is not trusted here. Clients without that authority disconnect",
		leaf.Issuer),
		"Install the authority on the clients and servers that connect, make the server send its intermediate certificates, or name the "+
			"authority with --ca-file.")
	say(CertChainBroken, fmt.Sprintf("shows a certificate with an invalid chain (%s)", f.detailOf(CertChainBroken)),
		"Renew the authority's certificate, or have the certificate issued by one that may sign.")
	say(CertWrongUsage, "shows a certificate that is not meant for servers. Clients that check the usage disconnect",
		"Have a certificate issued with the extended key usage \"server authentication\".")
	say(TLSTooOld, fmt.Sprintf("speaks %s, which RFC 8996 retired. Current clients disconnect", f.Version),
		"Enable TLS 1.2 or later on the server. As long as old clients are in use, they may also need TLS 1.0.")
	return append(out, f.expiresSoon(service, leaf, soon)...)
}

// expiresSoon gives the certificates that end within soon: the server's own, and an authority that ends before it.
func (f *TLSFacts) expiresSoon(service string, leaf Certificate, soon time.Duration) []TLSVerdict {
	if soon == 0 {
		soon = DefaultSoon
	}
	var out []TLSVerdict
	say := func(p TLSProblem, c *Certificate, what, fix string) {
		left := c.NotAfter.Sub(f.At)
		if c.NotAfter.IsZero() || left < 0 || left > soon {
			return
		}
		days := int(left / (24 * time.Hour))
		in := fmt.Sprintf("in %d days", days)
		switch days {
		case 0:
			in = "in less than a day"
		case 1:
			in = "in 1 day"
		}
		out = append(out, TLSVerdict{Problem: p, DaysLeft: &days, Fix: fix,
			Message: fmt.Sprintf("%s shows a certificate %s expires on %s, %s. From then on, clients that check certificates disconnect",
				service, what, c.NotAfter.Format("2006-01-02 15:04 UTC"), in)})
	}
	if f.Has(CertNotYetValid) {
		return nil
	}
	say(CertExpiresSoon, &leaf, "that", "Renew the certificate on the server before that day and restart the service.")
	if a := f.EndsFirst; a != nil {
		say(ChainExpiresSoon, a, "whose authority "+a.Subject,
			"Renew the authority's certificate before that day, or have the server's certificate issued by one that lasts longer; then make the "+
				"server send the new chain.")
	}
	return out
}

// TLSFailure says in words why the handshake failed, and what to do. It gives empty strings when it did not.
func (f *TLSFacts) TLSFailure() (message, fix string) {
	if f == nil || f.Version != "" {
		return "", ""
	}
	switch {
	case f.Has(TLSTooOld):
		return "accepts the connection, but supports none of the offered TLS versions (TLS 1.0 to 1.3)",
			"Enable TLS 1.2 or later on the server."
	case f.Has(TLSNotSpoken):
		return "accepts the connection, but its answer is not TLS",
			"Use the service's TLS port, or set the protocol to plain or StartTLS for this port."
	case f.Has(TLSSilent):
		return "accepts the connection, but does not answer the TLS hello: a plain-text service waits in this way",
			"Check that the port expects TLS from the first byte."
	case f.Has(TLSHandshakeAlert):
		return alertAdvice(f.detailOf(TLSHandshakeAlert))
	case f.Has(TLSClosed):
		return "closes the connection during the TLS handshake",
			"Check that the server has a certificate at all (a domain controller without one does this), and that the port expects TLS."
	}
	return "", ""
}

// alertAdvice explains the alert with which a server ended a handshake (RFC 8446, section 6.2).
func alertAdvice(alert string) (message, fix string) {
	const ends = "ends the TLS handshake with an alert"
	switch {
	case strings.Contains(alert, "unrecognized name"):
		return ends + ": it does not know the name that the client asks for",
			"Use a name that the server has a certificate for, or have this name added on the server."
	case strings.Contains(alert, "certificate required"):
		return ends + ": it requires a client certificate", "Switch the request for client certificates off on this port, or use another port."
	case strings.Contains(alert, "internal error"):
		return ends + ": it reports an error of its own", "Look at the server's log. The server may have no certificate or key that it can use."
	case strings.Contains(alert, "access denied"):
		return ends + ": it denies access", "Check which clients the server, or a device in between, lets connect."
	}
	return ends, "Check the server's certificate and the ciphers that it allows. The server may also require a client certificate."
}

func (f *TLSFacts) detailOf(p TLSProblem) string {
	n := 0
	for _, q := range f.Problems {
		if q == p && n < len(f.Detail) {
			return f.Detail[n]
		}
		n++
	}
	return ""
}

// Evidence lists the facts of the handshake, one a line.
func (f *TLSFacts) Evidence() []string {
	if f == nil || f.Version == "" {
		return nil
	}
	out := []string{fmt.Sprintf("%s, %s, name expected: %s", f.Version, f.Cipher, Clean(f.ServerName))}
	for i, c := range f.Chain {
		line := fmt.Sprintf("certificate %d: subject %s; issuer %s; valid %s to %s", i, c.Subject, c.Issuer,
			c.NotBefore.Format("2006-01-02"), c.NotAfter.Format("2006-01-02"))
		if len(c.Names) > 0 {
			line += "; names " + strings.Join(c.Names, ", ")
		}
		out = append(out, line, fmt.Sprintf("certificate %d: SHA-256 %s", i, c.SHA256))
	}
	return append(out, f.Detail...)
}
