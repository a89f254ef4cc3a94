package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/loginbudget"
	"cupclint/internal/nearest"
	"cupclint/internal/plugin"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/internal/serve/metrics"
	"cupclint/resolve"
)

// checkName is the command with exit codes of its own.
const checkName = "check"

// Words that can be checked in addition to the areas.
const (
	checkFolder = "folder"
	checkLint   = "lint"
)

// pluginFlags are the flags of `cupclint check`.
type pluginFlags struct {
	settings          configFlags
	host              string
	module            metrics.Module
	modules, name     string
	set               []string
	family            string
	generation        string
	warning, critical []string
	timeout           string
	verbose           bool
	threshold         int
	window            time.Duration
	password, auditor passwordFlags
}

func newCheckCmd(env *environment) *cobra.Command {
	f := &pluginFlags{}
	cmd := &cobra.Command{
		Use:   "check AREA (-H HOST | PATH...)",
		Short: "Check a server or a folder as a monitoring plugin (Nagios, Icinga)",
		Long: `Prints one line with performance data, and exits as monitoring plugins do: this is the only command with these exit codes.

AREA is an area or the command that probes it (dns, ldap, mail, sip, xmpp, ntp, edge, uds, tftp, voicemail, calendar, cti): the server of
-H is probed, or all servers of the area that the exports at PATH name. With folder, PATH is what cupclint collect wrote: the findings in
it, replication, NTP, and its age. With lint, PATH is any exports: the findings in them.

The state is that of the worst finding: an error is CRITICAL, a warning is WARNING. A check that could not be carried out is UNKNOWN. -w and -c
set thresholds for the numbers of the performance data, each as NAME=RANGE; a RANGE alone is for the time in seconds. RANGE is 10 (alert
below 0 and above 10), 10: (below 10), ~:10 (above 10), 10:20 (outside) or @10:20 (inside). certificate is the days that are left,
attempts the failed log-ins that are left until the account is locked; the defaults are -w certificate=30: -w attempts=3: -c attempts=1:.

No log-in is made unless --user or --auditor-dn names an account. Then the log-in budget counts over all runs, so checks every minute never
lock an account. See docs/operations.md.

Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (wrong usage, no result within the time, not carried out).`,
		Example: `  cupclint check ldap -H dc1.example.com --security tls -c time=5
  cupclint check dns -H cups1 --set Presence.Domain=example.com
  cupclint check ntp -H ntp1.example.com -w ntp_offset_seconds=-0.5:0.5
  cupclint check sip exports/
  cupclint check folder /var/lib/cupclint/site1 -w age=93600`,
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd, env, f, args) },
	}
	fl, m := cmd.Flags(), &f.module
	fl.StringVarP(&f.host, "hostname", "H", "", "probe this `HOST` or HOST:PORT")
	fl.IntVarP(&m.Port, "port", "p", 0, "port; default: that of the area")
	fl.StringVar(&m.Security, "security", "", "plain, starttls, tls or udp, as the area has it; default: by the port")
	fl.StringVar(&m.ServerName, "server-name", "", "name that the certificate must have; default: the host")
	fl.StringArrayVar(&f.set, "set", nil,
		"setting of an export, `KEY=VALUE`, such as Presence.Domain=example.com; {host} is the host; repeatable")
	fl.StringVar(&f.generation, "generation", "", "client generation: sip or xmpp; default: that of the area")
	fl.StringVar(&f.modules, "modules", "", "with --module and -H: read the modules in this `FILE`, as cupclint serve does")
	fl.StringVar(&f.name, "module", "", "probe as this module says; AREA is left out")
	fl.StringArrayVarP(&f.warning, "warning", "w", nil, "WARNING outside of this `NAME=RANGE`; repeatable")
	fl.StringArrayVarP(&f.critical, "critical", "c", nil, "CRITICAL outside of this `NAME=RANGE`; repeatable")
	fl.StringVarP(&f.timeout, "timeout", "t", "10", "seconds, or a duration, for the whole check")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "add lines with the findings and the phases")
	mainFlags.put(cmd, "hostname", "port", "security", "server-name", "set", "generation", "modules", "module", "warning", "critical",
		"timeout")
	outputFlags.put(cmd, "verbose")
	fl.StringVar(&m.LogIn.User, "user", "", "log in as this account; with --auditor-dn and without a password it is only looked at")
	f.password.register(cmd, "", "that account")
	registerAuditor(cmd, &m.Auditor.User, &f.auditor)
	fl.IntVar(&f.threshold, "lockout-threshold", -1, "failures that lock an account (0: never), where the server does not show it")
	fl.DurationVar(&f.window, "lockout-window", loginbudget.AssumedWindow,
		"time after which a failure no longer counts, with --lockout-threshold")
	fl.BoolVar(&m.TrustAnyCertificate, "trust-any-certificate", false, "send the password even where the certificate does not verify")
	fl.BoolVar(&m.OldTLS, "old-tls", false, "send the password also to a server that supports only TLS 1.1 or older")
	loginFlags.put(cmd, "user", "lockout-threshold", "lockout-window", "trust-any-certificate", "old-tls")
	fl.StringVar(&m.CAFile, "ca-file", "", "PEM file of trusted authorities; default: the system's")
	fl.StringArrayVar(&m.Resolvers, "resolver", nil, "ask this one for names: `IP[:PORT]` or tls://IP[:PORT][#NAME]; may be repeated")
	fl.StringArrayVar(&m.Outside, "outside", nil, "ask this one as clients outside the network do; may be repeated")
	fl.StringVar(&m.View, "view", "", "where the resolvers answer: inside, outside or auto")
	fl.StringVar(&f.family, "family", "prefer-ipv4", "addresses: prefer-ipv4, prefer-ipv6, ipv4, ipv6")
	advancedFlags.put(cmd, "ca-file", "resolver", "outside", "view", "family")
	f.settings.addPath(cmd)
	return cmd
}

// A stateExit ends the program with the state of a check.
type stateExit struct{ state plugin.State }

func (e *stateExit) Error() string { return e.state.String() }

// checkExit is the exit code of the command check. Every error is in the line, too: monitoring systems show the line and
// not standard error.
func checkExit(env *environment, err error, lost bool) int {
	var state *stateExit
	switch {
	case errors.As(err, &state) && !lost:
		return int(state.state)
	case err == nil && !lost:
		return int(plugin.OK) // the help
	}
	text := "the output could not be written"
	if err != nil {
		text = hideTyped(report.Clean(err.Error()))
		var exit *exitError
		if errors.As(err, &exit) && exit.err == nil {
			text = "the check was not carried out"
		}
	}
	out := plugin.Output{Service: "cupclint", State: plugin.Unknown, Text: text}
	fmt.Fprint(env.stdout, out.String())
	return int(plugin.Unknown)
}

// thresholds are the ranges, by the name of a value.
type thresholds map[string][2]plugin.Range

// set reads one flag. level is 0 for WARNING and 1 for CRITICAL.
func (t thresholds) set(list []string, level int) error {
	for _, text := range list {
		name, text, named := strings.Cut(text, "=")
		if !named {
			name, text = "time", name
		}
		r, err := plugin.ParseRange(text)
		if err != nil {
			return fmt.Errorf("-%c %s: %w", "wc"[level], name, err)
		}
		name = strings.TrimPrefix(name, metricPrefix)
		if name == "attempts" {
			name = leftAttempts
		}
		both := t[name]
		both[level] = r
		t[name] = both
	}
	return nil
}

// metricPrefix is left out in performance data.
const metricPrefix = "cupclint_"

const leftAttempts = "lockout_left_attempts"

// readThresholds reads the flags over what is preset. known are the names that the check has.
func (f *pluginFlags) readThresholds(certificateDays int, known []string) (thresholds, error) {
	t := thresholds{}
	preset := []string{"attempts=3:"}
	if certificateDays > 0 {
		preset = append(preset, "certificate="+strconv.Itoa(certificateDays)+":")
	}
	if err := errors.Join(t.set(preset, 0), t.set([]string{"attempts=1:"}, 1)); err != nil {
		return nil, err
	}
	given := thresholds{}
	for level, list := range [...][]string{f.warning, f.critical} {
		if err := errors.Join(t.set(list, level), given.set(list, level)); err != nil {
			return nil, err
		}
	}
	for name := range given {
		if slices.Contains(known, name) {
			continue
		}
		if near := nearest.Word(name, known); near != "" {
			return nil, fmt.Errorf("there is no number %q to compare: did you mean %q?", name, near)
		}
		return nil, fmt.Errorf("there is no number %q to compare: use %s", name, strings.Join(known, ", "))
	}
	return t, nil
}

// value makes a value of the performance data with its thresholds.
func (t thresholds) value(name, labels, unit string, v float64) plugin.Value {
	text := name
	if labels != "" {
		text += " " + labels
	}
	return plugin.Value{Label: text, Value: v, Unit: unit, Warning: t[name][0], Crit: t[name][1]}
}

// parseTimeout reads -t: seconds, as plugins have it, or a duration.
func parseTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if n, e := strconv.Atoi(s); e == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || d <= 0 || d > time.Hour {
		return 0, fmt.Errorf("--timeout %q: use seconds from 1 to 3600, or a duration such as 10s", s)
	}
	return d, nil
}

// fill puts the flags into the module.
func (f *pluginFlags) fill() error {
	m := &f.module
	m.Settings = make(map[string]string)
	for _, text := range f.set {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("--set: the value is not KEY=VALUE")
		}
		if err := metrics.CheckSetting(key, value); err != nil {
			return fmt.Errorf("--set: %w", err)
		}
		m.Settings[key] = value
	}
	var err error
	if m.Family, err = probe.ParseFamily(f.family); err != nil {
		return fmt.Errorf("--family: %w", err)
	}
	if f.generation != "" {
		if m.Generation, err = resolve.ParseGeneration(f.generation); err != nil {
			return fmt.Errorf("--generation: %w", err)
		}
	}
	m.LogIn.PasswordFile, m.LogIn.PasswordEnv = f.password.file, f.password.env
	m.Auditor.PasswordFile, m.Auditor.PasswordEnv = f.auditor.file, f.auditor.env
	switch {
	case m.LogIn.User == "" && f.password.given():
		return errors.New("a password and no account for it: give --user")
	case m.Auditor.User == "" && f.auditor.given():
		return errors.New("a password of the auditor and no account for it: give --auditor-dn")
	case m.Auditor.User != "" && !f.auditor.given():
		return errors.New("--auditor-dn needs a password: --auditor-password-file or --auditor-password-env")
	case m.LogIn.User != "" && !f.password.given() && m.Auditor.User == "":
		return errors.New("--user needs a password: --password-file or --password-env. A check never asks")
	case f.password.file != "" && f.password.env != "", f.auditor.file != "" && f.auditor.env != "":
		return errors.New("two sources for one password: a file and an environment variable")
	}
	if f.threshold >= 0 {
		m.Policy = loginbudget.Policy{Threshold: loginbudget.LocksAt(f.threshold), Window: f.window}
		if f.window <= 0 {
			m.Policy.Window = loginbudget.Forever
		}
	}
	return nil
}
