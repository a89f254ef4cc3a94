package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/lockouts"
	"cupclint/internal/probe"
)

func newLDAPLockoutsCmd(env *environment) *cobra.Command {
	var account, format string
	var top int
	cmd := &cobra.Command{
		Use:   "lockouts FILE...",
		Short: "Tell who locks an account, from the Windows Security log",
		Long: `Read exports of the Windows Security event log (XML or CSV) and tell which computers caused the failed log-ons and the
lock of an account, how often and since when. Events 4740, 4625, 4771, 4776, 4767, 2889 and their 2003-era ancestors.

` + lockouts.HowToExport,
		Example: `  cupclint ldap lockouts events.xml --account svc-cups
  cupclint ldap lockouts dc1.csv dc2.csv
  wevtutil qe Security /f:xml | cupclint ldap lockouts -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			c := lockouts.NewCollector(account)
			files, failed := readEvents(env, args, c)
			reports := c.Reports()
			if format == "json" {
				if err := printJSON(env.stdout, map[string]any{"files": files, "accounts": orEmpty(reports)}); err != nil {
					return err
				}
			} else {
				writeLockouts(env.stdout, account, files, reports, top)
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
	return cmd
}

// eventFile is what was read of one file.
type eventFile struct {
	File  string         `json:"file"`
	Stats lockouts.Stats `json:"stats"`
	Error string         `json:"error,omitempty"`
}

// readEvents reads all files; one that cannot be read to its end does not stop the others.
func readEvents(env *environment, args []string, c *lockouts.Collector) (files []eventFile, failed error) {
	for _, name := range args {
		st, err := readEventFile(env, name, c)
		f := eventFile{File: name, Stats: st}
		if err != nil {
			f.Error = probe.Clean(err.Error())
			err = fmt.Errorf("read %s: %w", name, err)
			if errors.Is(err, lockouts.ErrBinary) {
				err = fmt.Errorf("%w. %s", err, lockouts.HowToExport)
			}
			failed = errors.Join(failed, err)
		}
		files = append(files, f)
	}
	return files, failed
}

func readEventFile(env *environment, name string, c *lockouts.Collector) (lockouts.Stats, error) {
	if name == "-" {
		return lockouts.Read(env.stdin, c.Add)
	}
	f, err := os.Open(name)
	if err != nil {
		return lockouts.Stats{}, err
	}
	defer f.Close()
	return lockouts.Read(f, c.Add)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func writeLockouts(w io.Writer, account string, files []eventFile, reports []lockouts.Report, top int) {
	for _, f := range files {
		fmt.Fprintf(w, "%s: %d events, %d about log-on failures and locks", probe.Clean(f.File), f.Stats.Events, f.Stats.Used)
		if f.Stats.Unclear > 0 {
			fmt.Fprintf(w, ", %d unclear (no account could be read: another language, or cut text)", f.Stats.Unclear)
		}
		fmt.Fprintln(w)
	}
	if len(reports) == 0 {
		if account != "" {
			fmt.Fprintf(w, "\nNothing about %s.\n", probe.Clean(account))
		}
		return
	}
	for _, r := range reports {
		writeAccount(w, &r, top)
	}
}

func writeAccount(w io.Writer, r *lockouts.Report, top int) {
	fmt.Fprintf(w, "\n%s: %s, %s", probe.Clean(r.Account), counted(r.Failures, "failed log-on"), counted(len(r.Locks), "lock"))
	if r.Unlocks > 0 {
		fmt.Fprintf(w, ", %s", counted(r.Unlocks, "unlock"))
	}
	if !r.First.IsZero() {
		fmt.Fprintf(w, ", from %s to %s", eventTime(r.First), eventTime(r.Last))
	}
	fmt.Fprintln(w)
	for i, s := range r.Sources {
		if top > 0 && i == top {
			fmt.Fprintf(w, "  ... %d more\n", len(r.Sources)-i)
			break
		}
		writeSource(w, &s)
	}
	for i, l := range r.Locks {
		if top > 0 && i == top {
			fmt.Fprintf(w, "  ... %d more locks\n", len(r.Locks)-i)
			break
		}
		fmt.Fprintf(w, "  locked %s, caller %s\n", eventTime(l.Time), lockCaller(&l))
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

func writeSource(w io.Writer, s *lockouts.Source) {
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
	fmt.Fprintf(w, "  %-28s %s; since %s, last %s\n", name, strings.Join(facts, ", "), eventTime(s.First), eventTime(s.Last))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func eventTime(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.Format("2006-01-02 15:04:05")
}
