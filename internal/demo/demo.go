// Package demo leads an audit into the lab: it writes the lab's exports and makes tools that reach its servers and nothing else.
package demo

//go:generate go run ../../scripts/gendemo

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// The files of a demo, below the working directory. The exports have a folder of their own, so that it can be linted.
const (
	Dir     = "cupclint-demo"
	Exports = Dir + "/exports"
	Page    = Dir + "/report.html"
	Case    = Dir + "/case.json"
)

// maxCauses is how many causes the demo ends with.
const maxCauses = 4

// End writes what stands below the report: what a help-desk would be told, and what was left where. width is that of the terminal, 0 for
// none; saved is the file of the case.
func End(w io.Writer, causes []diagnose.Diagnosis, width int, saved string) error {
	if len(causes) > 0 {
		fmt.Fprint(w, "\nWhat the help-desk would be told:\n\n")
		if err := diagnose.Write(w, causes[:min(len(causes), maxCauses)], diagnose.Style{Width: width, Short: true}); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, `The deployment is made up, and nothing beyond this machine was contacted. Left for you to look at:
  %-28s the exports
  %-28s this report for a browser
  %-28s for cupclint audit --replay and cupclint diagnose --case
`, Exports+"/", Page, saved)
	return err
}

// WriteExports writes the exports of a lab into a folder, which is made where it is missing.
func WriteExports(l *lab.Lab, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, file.Name), []byte(file.Text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Prepare gives the accounts of the plan their password, and makes tools that lead into the lab. Failed log-ins are remembered for this
// run only: the next one has another password. done gives back what the tools hold.
func Prepare(l *lab.Lab, plan *audit.Plan) (t audit.Tools, done func(), err error) {
	plan.LogIn(loginbudget.NewSecret(l.Password), lab.MailUser)
	memory, err := os.MkdirTemp("", "cupclint-demo-")
	if err != nil {
		return t, nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.CA)
	resolvers := []wire.Resolver{{Addr: l.Resolver}}
	client := dnscheck.NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{} })
	t = audit.Tools{
		Prober: &probe.Prober{Roots: roots, Resolve: client.Resolve, Dial: l.Dial}, Budget: loginbudget.Open(loginbudget.Options{Dir: memory}), DNS: dnscheck.Options{Resolvers: resolvers},
	}
	ours := loginbudget.Policy{Threshold: loginbudget.Never} // whatever locks here is the demo's own
	t.Directory.AssumePolicy, t.Mail.AssumePolicy, t.SIP.AssumePolicy = ours, ours, ours
	return t, func() {
		_ = client.Close() // its sockets end with the program in any case
		_ = os.RemoveAll(memory)
	}, nil
}
