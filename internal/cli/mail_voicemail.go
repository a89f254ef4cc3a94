package cli

import (
	"context"
	"errors"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/mailcheck"
)

// runVoicemail asks Unity Connection as Jabber does: `cupclint mail --voicemail`.
func (f *mailFlags) runVoicemail(ctx context.Context, env *environment, run *liveRun, args []string) error {
	var requests []mailcheck.VoicemailRequest
	switch {
	case f.calendar:
		return errors.New("--voicemail and --calendar: choose one")
	case f.user != "" || f.password.given():
		return errors.New("--voicemail makes no log-in: give no --user and no password with it")
	case len(f.servers) > 0 && len(args) > 0:
		return errors.New("give exports or --server, not both")
	case len(f.servers) == 0 && len(args) == 0:
		return errors.New("nothing to probe: give exports, or --server HOST:PORT")
	}
	security := or(f.security, "tls")
	for _, s := range f.servers {
		t, err := typedServer("server", s, security, servicePorts{plain: 80, tls: 443, alsoTLS: []int{8443}})
		if err == nil && t.Security == probe.StartTLS {
			err = errors.New("--security: HTTP has no StartTLS: use tls or plain")
		}
		if err != nil {
			return err
		}
		requests = append(requests, mailcheck.VoicemailRequest{Target: t})
	}
	if len(args) > 0 {
		run.read(ctx, func(e *export.Export) { requests = append(requests, mailcheck.VoicemailOf(e)...) })
	}
	requests = mailcheck.Voicemail().Merge(requests)
	for i := range requests {
		requests[i].Target.ServerName = f.serverName
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	seen := probeAll(ctx, run, mailcheck.Voicemail(), tools, requests, f.quiet)
	if err := f.saveObservations(env, orEmpty(seen)); err != nil {
		return err
	}
	return run.report(mailcheck.JudgeVoicemail(seen, mailcheck.JudgeOptions{CertificateSoon: run.conf.CertificateSoon()}))
}
