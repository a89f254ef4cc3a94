package tftp

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
	"cupclint/lint"
)

// JudgeOptions are what a judgement needs in addition to the observations. The zero value is the default.
type JudgeOptions struct {
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means 30 days, negative never.
	CertificateSoon time.Duration
	// Local are the files of the repository.
	Local []area.LocalFile
}

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(seen []*Observation, opt JudgeOptions) []lint.Finding {
	out := judgeReach(seen)
	for _, o := range seen {
		for _, judge := range [...]func(*Observation) []lint.Finding{opt.certificate, judgeAnswers, judgeDamage, judgeSecrets, judgeProxy} {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	out = append(out, judgeFiles(seen, opt.Local)...)
	out = append(out, lintDownloads(seen, opt.Local)...)
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

func (o *Observation) server() string { return live.Server("TFTP server", &o.Observation, o.Rank) }

// answer says in a few words what the server sent for a file.
func (f *File) answer() string {
	switch {
	case f.Error != nil:
		return f.Error.Error()
	case f.Bad != "":
		return f.Bad
	case f.Status != 0:
		return web.StatusText(f.Status)
	case f.Missing:
		return "not found"
	}
	return "loaded"
}

// judgeReach is TFTP101. A node of a cluster need not serve files, as long as another server does.
func judgeReach(seen []*Observation) []lint.Finding {
	served := slices.ContainsFunc(seen, func(o *Observation) bool { _, ok := o.reached(); return ok })
	var out []lint.Finding
	for _, o := range seen {
		way, ok := o.reached()
		if o.Error == nil || o.Node && (served || ok) {
			continue
		}
		f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
		if !found {
			continue
		}
		for _, w := range o.Others {
			line := fmt.Sprintf("%s %d: answers", protocol(w.Target), w.Target.Port)
			if w.Error != nil {
				line = fmt.Sprintf("%s %d: %s", protocol(w.Target), w.Target.Port, w.Error)
			}
			f.Evidence = append(f.Evidence, line)
		}
		if ok {
			w := o.Others[way-1].Target
			f.Severity = lint.Warning
			f.Message += fmt.Sprintf(". The server gives the files over %s, port %d. Clients that ask only port %d run without their configuration",
				protocol(w), w.Port, o.Target.Port)
		} else {
			f.Message += ". Clients run without their configuration, unless another server gives it"
		}
		f.Fix = fmt.Sprintf("Check that Cisco Tftp is activated and started on the node (utils service list), and that TCP %d and %d and UDP "+
			"%d are open between "+
			"the clients and the server.", PortHTTP, PortHTTPS, PortTFTP)
		out = append(out, o.Place.Put(f))
	}
	return out
}

// certificate is TFTP109.
func (opt JudgeOptions) certificate(o *Observation) []lint.Finding {
	shown := o.Observation
	for _, w := range o.Others {
		if protocol(w.Target) == "HTTPS" {
			shown.Target = w.Target
		}
	}
	return live.Certificate(ruleCertificate, "TFTP server "+shown.Target.String(), &shown, opt.CertificateSoon)
}

// judgeAnswers is TFTP108: an answer that is neither the file nor "not found".
func judgeAnswers(o *Observation) []lint.Finding {
	for i := range o.Files {
		f := &o.Files[i]
		if f.Role == Profile || f.Loaded || f.Missing {
			continue
		}
		if f.Error != nil && f.Error.Class == probe.Cancelled {
			continue
		}
		out := ruleAnswer.New(o.ServerName()+" "+f.Name, "%s does not give %s (%s). Clients run without it", o.server(), f.Name, f.answer())
		out.Evidence = []string{f.URL + ": " + f.answer()}
		out.Fix = "Check which program answers: Cisco Tftp of the call manager, or a device in between. If Cisco Tftp fails, restart it on the " +
			"node."
		if f.Location != "" {
			out.Evidence = append(out.Evidence, "Location: "+f.Location)
		}
		if f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden || f.Status == http.StatusProxyAuthRequired {
			out.Fix = "The TFTP service does not require a log-in. Check whether a proxy or another service answers on this port."
		}
		return []lint.Finding{out}
	}
	return nil
}

// judgeDamage is TFTP103.
func judgeDamage(o *Observation) []lint.Finding {
	var out []lint.Finding
	for i := range o.Files {
		f := &o.Files[i]
		if f.Role == Profile || !f.Loaded || f.Bad == "" {
			continue
		}
		d := ruleDamaged.New(o.ServerName()+" "+f.Name, "%s gives a file %s that clients cannot read (%s). They ignore the whole file",
			o.server(), f.Name, f.Bad)
		d.Evidence = []string{f.URL + ": " + f.Bad}
		d.Fix = "Correct the file, check it with cupclint lint, upload it to every TFTP node and restart Cisco Tftp there."
		out = append(out, d)
	}
	return out
}

// judgeSecrets is TFTP107.
func judgeSecrets(o *Observation) []lint.Finding {
	var out []lint.Finding
	for i := range o.Files {
		f := &o.Files[i]
		if len(f.Secrets) == 0 {
			continue
		}
		s := ruleSecrets.New(o.ServerName()+" "+f.Name, "%s gives %s, which contains secrets (%s), to everyone without a log-in", o.server(),
			f.Name, strings.Join(f.Secrets, ", "))
		s.Evidence = []string{f.URL + " was loaded without a log-in; values are not kept"}
		s.Fix = "Remove the secret from the file, and change the password of the account. Let clients log in to the directory as their users " +
			"(LDAP_UseCredentialsFrom)."
		if f.Role == Profile {
			s.Fix = "Use the credentials of the logged-in user in the directory profile of the service profile. Change the password of the " +
				"account, and install a release without CVE-2013-7030."
		}
		out = append(out, s)
	}
	return out
}

// judgeProxy is UDS110.
func judgeProxy(o *Observation) []lint.Finding { return live.WebProxy(o.server(), &o.Observation) }
