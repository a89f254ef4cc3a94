package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/internal/catalogue"
	"cupclint/internal/report"
	"cupclint/lint"
	"cupclint/resolve"
)

// checkFlags add the verdict of DNS to `cupclint resolve`.
type checkFlags struct {
	on  bool
	ask resolverFlags
}

func (c *checkFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.on, "check", false, "ask DNS for the address, and add its verdict")
	mainFlags.put(cmd, "check")
	c.ask.add(cmd)
}

// checkAddress writes the explanation of an address with the verdict of DNS after it.
func checkAddress(cmd *cobra.Command, env *environment, c *checkFlags, a resolve.Address, format, user string) error {
	options, err := c.ask.options(cmd.Context(), env)
	if err != nil {
		return err
	}
	found, err := dnscheck.Run(cmd.Context(), dnscheck.Job{
		Rules: catalogue.All(), Pairs: []dnscheck.Pair{{Node: a.Node, Domain: a.Domain}},
	}, options)
	if found == nil {
		return unreadable(err)
	}
	defer found.Close()
	w := bufio.NewWriter(env.stdout)
	if format == "text" {
		err = errors.Join(err, folded(w, env.width, func(w io.Writer) error { return checkedText(w, found, a, user) }))
	} else {
		err = errors.Join(err, checkedJSON(w, found, a))
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		return unreadable(err)
	}
	switch {
	case found.Cancelled:
		return unreadable(errors.New("interrupted: the verdict holds what was known by then"))
	case found.Silent:
		return unreadable(errors.New("no resolver gave an answer"))
	}
	return nil
}

func checkedText(w io.Writer, found *dnscheck.Report, a resolve.Address, user string) error {
	if err := writeAddress(w, a, "text", user); err != nil {
		return err
	}
	text, usable := presenceVerdict(found, a)
	word := map[bool]string{true: "right", false: "wrong"}[usable]
	fmt.Fprintf(w, "DNS           %s: %s\n\n", word, report.Clean(text))
	if err := dnscheck.WriteTable(w, found.Observations); err != nil {
		return err
	}
	for i := range found.Findings {
		f := &found.Findings[i]
		if f.Kind != lint.LiveKind {
			continue // the explanation has said it
		}
		fmt.Fprintf(w, "%s %s %s\n  %s\n", f.Severity, f.Rule, f.Name, report.Clean(f.Message))
		for _, e := range f.Evidence {
			fmt.Fprintf(w, "  seen: %s\n", report.Clean(e))
		}
		if f.Fix != "" {
			fmt.Fprintf(w, "  fix:  %s\n", report.Clean(f.Fix))
		}
	}
	return nil
}

// presenceVerdict finds the observation of the address itself.
func presenceVerdict(found *dnscheck.Report, a resolve.Address) (text string, usable bool) {
	for i := range found.Observations {
		if o := &found.Observations[i]; o.Kind != dnscheck.Domain && o.Name == a.Value {
			return o.Verdict()
		}
	}
	return "there is no address to ask for", false
}

func checkedJSON(w io.Writer, found *dnscheck.Report, a resolve.Address) error {
	text, usable := presenceVerdict(found, a)
	observations := make([]json.RawMessage, len(found.Observations))
	for i := range found.Observations {
		observations[i] = found.Observations[i].AppendJSON(nil)
	}
	enc := json.NewEncoder(report.SafeJSON(w))
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		resolved
		DNS any `json:"dns"`
	}{newResolved(a), struct {
		Usable       bool              `json:"usable"`
		Verdict      string            `json:"verdict"`
		Resolvers    []string          `json:"resolvers"`
		Findings     any               `json:"findings"`
		Observations []json.RawMessage `json:"observations"`
	}{usable, text, found.Resolvers, found.Findings, observations}})
}
