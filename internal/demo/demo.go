// Package demo leads an audit into the lab: it writes the lab's exports and makes tools that reach its servers and nothing else.
package demo

//go:generate go run ../../scripts/gendemo

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// Dir is the folder of the demos, below the working directory.
const Dir = "cupclint-demo"

// Files are those that a demo leaves. The exports have a folder of their own, so that it can be linted.
type Files struct{ Exports, Page, Case string }

// FilesOf are the files of a deployment: those of two deployments do not mix.
func FilesOf(d lab.Demo) Files {
	dir := Dir
	if d == lab.Jabber {
		dir += "/jabber"
	}
	return Files{dir + "/exports", dir + "/report.html", dir + "/case.json"}
}

// maxCauses is how many causes the demo ends with.
const maxCauses = 4

// An Ending is what a demo writes below its report.
type Ending struct {
	Files  Files
	Saved  string // the file of the case
	Causes []diagnose.Diagnosis
	Found  lint.Counts
	Width  int // of the terminal; 0 for none
}

// Write writes the likely causes for the help-desk, what was found and where the files are, what to do with a deployment of one's own, and
// why the exit code is 0.
func (e *Ending) Write(w io.Writer) error {
	var b strings.Builder
	if len(e.Causes) > 0 {
		b.WriteString("\nLikely causes, for the help-desk:\n\n")
		if err := diagnose.Write(&b, e.Causes[:min(len(e.Causes), maxCauses)], diagnose.Style{Width: e.Width}); err != nil {
			return err
		}
	}
	report.Wrap(&b, "", "This was a demonstration. The deployment is simulated, and only this computer was contacted. Found: "+
		report.CountsText(e.Found)+".", e.Width)
	fmt.Fprintf(&b, `Files you can open now:
  %-27s  the exports
  %-27s  this report for a browser
  %-27s  for cupclint audit --replay and diagnose --case

Next, with your own deployment:
  cupclint collect --user ACCOUNT --out hq/ HOST   read from your call manager
  cupclint audit hq/                               check it and probe its servers
  cupclint lint exports/                           check exports that you have
  cupclint serve                                   open the help-desk's page
`, e.Files.Exports+"/", e.Files.Page, e.Saved)
	if e.Found.Error > 0 {
		b.WriteByte('\n')
		report.Wrap(&b, "", "The exit code is 0 because this is a demonstration. An audit of yours exits with 1 when it finds errors.", e.Width)
	}
	_, err := io.WriteString(w, b.String())
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

// Prepare gives the accounts of the plan their password, and makes tools that lead into the lab; names gets how names are asked for. Failed
// log-ins are remembered for this run only: the next one has another password. done releases what the tools hold.
func Prepare(l *lab.Lab, plan *audit.Plan, names *dnscheck.Options) (t area.Tools, done func(), err error) {
	LogIn(plan, loginbudget.NewSecret(l.Password))
	memory, err := os.MkdirTemp("", "cupclint-demo-")
	if err != nil {
		return t, nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.CA)
	resolvers := []wire.Resolver{{Addr: l.Resolver}}
	client := dnscheck.NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{} })
	*names = dnscheck.Options{Resolvers: resolvers}
	if l.Outside.IsValid() {
		names.Outside = []wire.Resolver{{Addr: l.Outside}}
	}
	t = area.Tools{
		Prober: &probe.Prober{Roots: roots, Resolve: client.Resolve, Dial: l.Dial}, Budget: loginbudget.Open(loginbudget.Options{Dir: memory}),
		AssumePolicy: loginbudget.Policy{Threshold: loginbudget.Never}, // whatever locks here is the demo's own
	}
	return t, func() {
		_ = client.Close() // its sockets end with the program in any case
		_ = os.RemoveAll(memory)
	}, nil
}

// LogIn gives every account of the plan that has no password this one, and logs the lab's user in to the mail stores: the accounts of a lab
// share one password.
func LogIn(plan *audit.Plan, password loginbudget.Secret) {
	for _, r := range audit.Requests[mailcheck.IMAPRequest](plan) {
		r.Login = mailcheck.Login{User: lab.MailUser, Password: password}
	}
	noDigest := make(map[*loginbudget.Secret]bool)
	for _, r := range audit.Requests[sipcheck.SIPRequest](plan) {
		noDigest[&r.Login.Credential] = r.Facts.Credential != "set"
	}
	for _, t := range plan.Tasks() {
		if l := t.Login(); l.Secret != nil && *l.User != "" && !l.Secret.Set() && !noDigest[l.Secret] {
			*l.Secret = password
		}
	}
}
