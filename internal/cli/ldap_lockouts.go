package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/lockouts"
	"cupclint/internal/probe"
	"cupclint/internal/report"
)

func newLDAPLockoutsCmd(env *environment) *cobra.Command {
	var account, format, zone, order string
	var top int
	cmd := &cobra.Command{
		Use:   "lockouts FILE...",
		Short: "Show which computer locks an account, from the Windows Security log",
		Long: `Read exports of the Windows Security event log and show which computers caused the failed log-ins and the lock of an
account, how often and since when. Events 4740, 4625, 4771, 4776, 4768, 4767 and 2889, and the older numbers of Windows Server 2003.

Formats: ` + lockouts.CanRead + `.

` + lockouts.HowToExport + `

Times without a time zone, as in CSV and text, are read in the zone of --timezone. The order of day and month is concluded from
the whole file; --date-order sets it. One record that cannot be read is counted and skipped. A file in which nothing could be read
is exit code 3.`,
		Example: `  cupclint ldap lockouts events.xml --account svc-cups
  cupclint ldap lockouts dc1.csv dc2.csv --timezone Europe/Berlin
  wevtutil qe Security /f:xml | cupclint ldap lockouts -`,
		Args: takes(1, -1, "name files of events, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			opts, err := lockoutOptions(zone, order)
			if err != nil {
				return err
			}
			c := lockouts.NewCollector(account)
			files, failed := readEvents(cmd.Context(), env, args, c, opts)
			reports := c.Reports()
			if format == "json" {
				out := map[string]any{"files": files, "accounts": orEmpty(reports)}
				if dcs := c.Controllers(); len(dcs) > 0 {
					out["controllers"] = dcs
				}
				if err := printJSON(env.stdout, out); err != nil {
					return err
				}
			} else if err := folded(env.stdout, env.width, func(w io.Writer) error {
				writeLockouts(w, account, files, reports, c.Controllers(), top, opts.Zone)
				return nil
			}); err != nil {
				return err
			}
			if failed != nil {
				return unreadable(failed)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "only this account: user, DOMAIN\\user, user@domain or DN")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().IntVar(&top, "top", 20, "sources and locks shown for each account; 0 for all")
	cmd.Flags().StringVar(&zone, "timezone", "",
		"zone of times without one: a name like Europe/Berlin, an offset like +02:00, or local (default UTC)")
	cmd.Flags().StringVar(&order, "date-order", "",
		"order of day and month in dates like 3/4/2011: mdy or dmy (default: concluded from the file)")
	mainFlags.put(cmd, "account", "timezone", "date-order")
	outputFlags.put(cmd, "format", "top")
	return cmd
}

// lockoutOptions reads the flags about times.
func lockoutOptions(zone, order string) (lockouts.Options, error) {
	opts := lockouts.Options{Order: lockouts.DateOrder(strings.ToLower(order))}
	switch opts.Order {
	case "", lockouts.MonthFirst, lockouts.DayFirst:
	default:
		return opts, fmt.Errorf("unknown date order %q: use mdy or dmy", order)
	}
	switch {
	case zone == "":
	case strings.EqualFold(zone, "local"):
		opts.Zone = time.Local
	case strings.EqualFold(zone, "utc"), zone == "Z":
		opts.Zone = time.UTC
	default:
		t, err := time.Parse("-07:00", zone)
		if err == nil {
			_, offset := t.Zone()
			opts.Zone = time.FixedZone("UTC"+zone, offset)
			break
		}
		if opts.Zone, err = time.LoadLocation(zone); err != nil {
			return opts, fmt.Errorf("unknown time zone %q: use a name like Europe/Berlin, an offset like +02:00, local or UTC", zone)
		}
	}
	return opts, nil
}

// eventFile is what was read of one file.
type eventFile struct {
	File  string         `json:"file"`
	Stats lockouts.Stats `json:"stats"`
	Error string         `json:"error,omitempty"`
}

// readEvents reads all files; one that cannot be read to its end does not stop the others.
func readEvents(ctx context.Context, env *environment, args []string, c *lockouts.Collector, opts lockouts.Options) (files []eventFile,
	failed error) {
	for _, name := range args {
		st, err := readEventFile(ctx, env, name, c, opts)
		f := eventFile{File: name, Stats: st}
		if err != nil {
			if errors.Is(err, lockouts.ErrBinary) {
				err = fmt.Errorf("%w. %s", err, lockouts.HowToConvert)
			}
			f.Error = probe.Clean(err.Error())
			err = fmt.Errorf("read %s: %w", name, err)
			failed = errors.Join(failed, err)
		}
		files = append(files, f)
	}
	return files, failed
}

func readEventFile(ctx context.Context, env *environment, name string, c *lockouts.Collector, opts lockouts.Options) (lockouts.Stats,
	error) {
	f, err := env.open(ctx, name)
	if err != nil {
		return lockouts.Stats{}, err
	}
	defer f.Close()
	return c.Read(f, opts)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(report.SafeJSON(w))
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func writeLockouts(w io.Writer, account string, files []eventFile, reports []lockouts.Report, controllers []string, top int,
	zone *time.Location) {
	for _, f := range files {
		fmt.Fprintf(w, "%s: %s, %d about failed log-ins and locks", probe.Clean(f.File), counted(f.Stats.Events, "event"), f.Stats.Used)
		if f.Stats.Unclear > 0 {
			fmt.Fprintf(w, ", %d unclear (no account could be read: another language, or cut text)", f.Stats.Unclear)
		}
		fmt.Fprintln(w)
		if f.Stats.Bad > 0 {
			fmt.Fprintf(w, "  %s could not be read and %s skipped: %s\n", counted(f.Stats.Bad, "record"), wasWere(f.Stats.Bad),
				probe.Clean(f.Stats.FirstBad))
		}
		for _, n := range f.Stats.Notes {
			fmt.Fprintf(w, "  note: %s\n", probe.Clean(n))
		}
	}
	if len(controllers) > 0 {
		fmt.Fprintf(w, "domain controllers, by the events they wrote: %s\n", probe.Clean(strings.Join(controllers, ", ")))
	}
	if len(reports) == 0 {
		if account != "" {
			fmt.Fprintf(w, "\nNothing about %s.\n", probe.Clean(account))
		}
		return
	}
	p := lockoutPrinter{w, zone}
	for _, r := range reports {
		p.account(&r, top)
	}
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// lockoutPrinter writes accounts as text, with times in one zone.
type lockoutPrinter struct {
	w    io.Writer
	zone *time.Location
}

func (p *lockoutPrinter) account(r *lockouts.Report, top int) {
	w, name := p.w, r.Account
	if r.Domain != "" {
		name = r.Domain + `\` + r.Account
	}
	fmt.Fprintf(w, "\n%s", probe.Clean(name))
	if r.Local {
		fmt.Fprintf(w, " (an account of the computer %s itself, not of the domain)", probe.Clean(r.Domain))
	}
	fmt.Fprintf(w, ": %s, %s", counted(r.Failures, "failed log-in"), counted(len(r.Locks), "lock"))
	if r.Unlocks > 0 {
		fmt.Fprintf(w, ", %s", counted(r.Unlocks, "unlock"))
	}
	if r.Binds > 0 {
		fmt.Fprintf(w, ", %s", counted(r.Binds, "LDAP bind"))
	}
	if !r.First.IsZero() {
		fmt.Fprintf(w, ", from %s to %s", p.time(r.First), p.time(r.Last))
	}
	fmt.Fprintln(w)
	for i, s := range r.Sources {
		if top > 0 && i == top {
			fmt.Fprintf(w, "  ... %d more\n", len(r.Sources)-i)
			break
		}
		p.source(&s)
	}
	for i, l := range r.Locks {
		if top > 0 && i == top {
			fmt.Fprintf(w, "  ... %d more locks\n", len(r.Locks)-i)
			break
		}
		fmt.Fprintf(w, "  locked %s, caller %s\n", p.time(l.Time), lockCaller(&l))
	}
	if r.Cut {
		fmt.Fprintln(w, "  there was more than is kept; the counts are lower bounds")
	}
}

func lockCaller(l *lockouts.Lock) string {
	switch {
	case l.Caller == "":
		return "not named"
	case l.Hidden:
		return probe.Clean(l.Caller) + ", a domain controller: an LDAP bind came through it, the client is in 4625 or 2889"
	default:
		return probe.Clean(l.Caller)
	}
}

func (p *lockoutPrinter) source(s *lockouts.Source) {
	name := probe.Clean(s.Name)
	switch {
	case s.Behind != "":
		name = "hidden behind " + probe.Clean(s.Behind)
	case name == "":
		name = "not named"
	}
	if s.Address != "" {
		name += " (" + probe.Clean(s.Address) + ")"
	}
	var facts []string
	if s.Failures > 0 {
		facts = append(facts, counted(s.Failures, "failure"))
	}
	if s.Locks > 0 {
		facts = append(facts, counted(s.Locks, "lock"))
	}
	if s.Binds > 0 {
		facts = append(facts, counted(s.Binds, "LDAP bind"))
	}
	for _, r := range slices.Sorted(maps.Keys(s.Reasons)) {
		facts = append(facts, fmt.Sprintf("%s %d", probe.Clean(r), s.Reasons[r]))
	}
	for _, t := range slices.Sorted(maps.Keys(s.LogonTypes)) {
		facts = append(facts, fmt.Sprintf("on the computer itself (%s) %d", t, s.LogonTypes[t]))
	}
	for _, exe := range slices.Sorted(maps.Keys(s.Programs)) {
		facts = append(facts, fmt.Sprintf("by %s %d", probe.Clean(exe), s.Programs[exe]))
	}
	fmt.Fprintf(p.w, "  %-28s %s; since %s, last %s\n", name, strings.Join(facts, ", "), p.time(s.First), p.time(s.Last))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *lockoutPrinter) time(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	if p.zone != nil {
		t = t.In(p.zone)
	}
	return t.Format("2006-01-02 15:04:05")
}
