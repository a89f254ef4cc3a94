// Package live is what the live areas have in common on both sides of a probe: where an export names a server, and how an
// observation of it becomes a finding. Properties of an export go in and targets with their places come out; an
// observation and a rule go in and findings come out that have the same words for LDAP, IMAP, HTTPS, SIP and CTI.
//
// The package never opens a socket and never logs in: internal/probe and internal/loginbudget do.
package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"cupclint/export"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/secret"
	"cupclint/lint"
)

// A Place is where in an export a server is configured; its zero value is "on the command line".
type Place struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	Key       string `json:"key,omitempty"`
	// Source, in which secrets are masked, and SourceColumn are those of lint.Finding.
	Source       string `json:"source,omitempty"`
	SourceColumn int    `json:"sourceColumn,omitempty"`
}

// PlaceOf copies the place of a property; the export may be dropped afterwards.
func PlaceOf(e *export.Export, p *export.Property) Place {
	at := (&lint.Input{Export: e}).Place(p)
	return Place{
		File: at.File, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn, Key: at.Key,
		Source: at.Source, SourceColumn: at.SourceColumn,
	}
}

// Put gives a finding the place.
func (p Place) Put(f lint.Finding) lint.Finding {
	f.File, f.Line, f.Column, f.EndLine, f.EndColumn, f.Key = p.File, p.Line, p.Column, p.EndLine, p.EndColumn, p.Key
	f.Source, f.SourceColumn = p.Source, p.SourceColumn
	return f
}

// Text is a copy of a value without the blanks that some exports pad values with; lint reports those.
func Text(e *export.Export, k export.KeyID) string {
	v, _ := e.Value(k)
	return strings.Clone(strings.TrimSpace(v))
}

// Numbered is the value of one member of an indexed key, without the blanks around it.
func Numbered(e *export.Export, k export.KeyID, n int) string {
	for p := range e.All(k) {
		if p.N == n {
			return strings.Clone(strings.TrimSpace(p.Value))
		}
	}
	return ""
}

// Port reads a port, or gives what holds when it is missing; a value that is none becomes 0, which the probe reports
// as what it is.
func Port(s string, missing int) int {
	if s == "" {
		return missing
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// Security reads a protocol as the client would: SSL is TLS from the first byte; TLS is that on the service's TLS ports and
// StartTLS on the others (an assumption: no vendor document says what the client does with TLS on 389 or 143).
func Security(protocol string, tlsPort bool) probe.Security {
	switch {
	case strings.EqualFold(protocol, "SSL"):
		return probe.ImplTLS
	case strings.EqualFold(protocol, "TLS") && !tlsPort:
		return probe.StartTLS
	case strings.EqualFold(protocol, "TLS"), protocol == "" && tlsPort:
		return probe.ImplTLS
	default:
		return probe.Plain
	}
}

// Masked reports whether a password in an export is only a replacement for one: empty, stars or dots, or the word that
// redaction leaves. Trying such a value would be a wrong password.
func Masked(v string) bool { return secret.Masked(v) }

// All makes one probe for each request, side by side, at most jobs at a time, and returns what they saw in the order of the
// requests. done, when not nil, is called for each as it ends; it is never called twice at once.
func All[Request, Observation any](ctx context.Context, requests []Request, jobs int, one func(context.Context, Request) Observation,
	done func(Observation)) []Observation {
	out := make([]Observation, len(requests))
	slots := make(chan struct{}, max(jobs, 1))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, r := range requests {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out[i] = one(ctx, r)
			if done != nil {
				mu.Lock()
				defer mu.Unlock()
				done(out[i])
			}
		})
	}
	wg.Wait()
	return out
}

// Server names the other side in a sentence: "IMAP server mail.example.com:993 (primary)".
func Server(what string, o *probe.Observation, rank string) string {
	s := what + " " + probe.Clean(o.Target.String())
	if rank != "" {
		s += " (" + rank + ")"
	}
	return s
}

// Timing says how long each phase took, as a line of evidence.
func Timing(o *probe.Observation) string {
	p := o.Phases
	return fmt.Sprintf("phases: dns %s, connect %s, tls %s, protocol %s, auth %s; reached: %s", p.DNS, p.Connect, p.TLS, p.Protocol, p.Auth,
		o.Reached)
}

// Unreachable makes the finding of an observation that ended with an error: refused, silent, unknown name, TLS and protocol are
// distinguished in the same words for every service. server names the other side: "IMAP server mail:143 (primary)". A
// probe that was cancelled gives none: the server is not the cause.
func Unreachable(rule lint.Live, server string, o *probe.Observation) (f lint.Finding, found bool) {
	if o.Error == nil || o.Error.Class == probe.Cancelled {
		return f, false
	}
	plain, fix := o.Error.Plain(), o.Error.Fix(o.Target)
	if o.Error.Phase == probe.TLS {
		if m, how := o.TLS.TLSFailure(); m != "" {
			plain, fix = m, how
		}
	}
	f = rule.New(probe.Clean(o.Target.String())+" "+string(o.Error.Class), "%s %s", server, plain)
	f.Evidence = append(f.Evidence, o.Error.Error())
	for _, t := range o.Tried[:max(len(o.Tried)-1, 0)] { // the last one is the error itself
		if t.Error != nil { // a case may come from elsewhere
			f.Evidence = append(f.Evidence, t.Address+": "+t.Error.Error())
		}
	}
	f.Evidence = append(f.Evidence, Timing(o))
	f.Evidence = append(f.Evidence, o.Evidence...)
	f.Fix = fix
	return f, true
}

// Certificate makes one finding for each problem with the server's certificate or TLS version. soon is as in probe.JudgeCertificate; a
// certificate that expires soon is a warning.
func Certificate(rule lint.Live, server string, o *probe.Observation, soon time.Duration) []lint.Finding {
	var out []lint.Finding
	for _, v := range o.TLS.JudgeCertificate(server, soon) {
		f := rule.New(probe.Clean(o.Target.String())+" "+string(v.Problem), "%s", v.Message)
		f.Fix = v.Fix
		if f.DaysLeft = v.DaysLeft; v.DaysLeft != nil {
			f.Severity = lint.Warning
		}
		f.Evidence = o.TLS.Evidence()
		out = append(out, f)
	}
	return out
}

// Remembered is the finding where the budget knows the password as wrong and nothing was sent. whose names the password in the sentence,
// what calls it in the fix: "password", "credential".
func Remembered(rule lint.Live, subject, whose, what string, refusal *loginbudget.Refusal) lint.Finding {
	f := rule.New(subject+" remembered", "%s is remembered as refused: %s", whose, refusal)
	f.Evidence = []string{"no packet was sent for this log-in"}
	f.Fix = "Set the correct " + what + ". If it was changed on the server and is correct now, use --allow-lockout-risk once."
	return f
}

// IsRemembered reports whether the budget refused because of an earlier failure.
func IsRemembered(refusal *loginbudget.Refusal) bool {
	return refusal != nil && refusal.Reason == loginbudget.Remembered
}

// Defaults gives what a checker uses whose prober or budget is missing: the system's resolver and authorities, and a budget that grants no
// log-in.
func Defaults(p *probe.Prober, b *loginbudget.Budget) (*probe.Prober, *loginbudget.Budget) {
	if p == nil {
		p = new(probe.Prober)
	}
	if b == nil {
		b = loginbudget.Open(loginbudget.Options{NoDir: errors.New("no log-in budget was given")})
	}
	return p, b
}
