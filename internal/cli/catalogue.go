package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/docs"
	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/report"
	"cupclint/lint"
)

// listFormat is the --format flag of commands that list.
func listFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "text", "text or json")
	outputFlags.put(cmd, "format")
}

// list writes rows as an aligned table, or values as JSON.
func list(env *environment, format string, value any, rows [][]string) error {
	switch format {
	case "json":
		enc := json.NewEncoder(report.SafeJSON(env.stdout))
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	case "text":
		_, err := io.WriteString(env.stdout, report.Table(env.width, rows))
		return err
	}
	return fmt.Errorf("unknown format %q: use text or json", format)
}

func newRulesCmd(env *environment) *cobra.Command {
	var format string
	var settings configFlags
	cmd := &cobra.Command{
		Use:   "rules [RULE|AREA...]",
		Short: "List the rules",
		Long: "Lists the rules with their default severity and what they look at. IDs, names and areas choose some of them. Rules of your own " +
			"in .cupclint.yaml have the area own; see docs/own-rules.md.",
		Example: `  cupclint rules
  cupclint rules presence
  cupclint rules own                                the rules of your own
  cupclint rules test                               try the examples of the rules of your own
  cupclint rules --format json`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, begun string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
			for _, w := range rulesAndAreas(cmd, env) {
				if len(w) >= len(begun) && strings.EqualFold(w[:len(begun)], begun) {
					out = append(out, w)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			conf, err := settings.read(cmd, env)
			if err != nil {
				return err
			}
			selected := conf.Rules
			if len(args) > 0 {
				selected = nil
				words, _, _ := catalogue.Select(catalogue.Areas(nil), args, true)
				for _, a := range words {
					some, err := lint.Select(conf.Rules, a)
					if err != nil {
						return err
					}
					selected = append(selected, some...)
				}
			}
			type row struct {
				ID       string        `json:"id"`
				Name     string        `json:"name"`
				Area     string        `json:"area"`
				Severity lint.Severity `json:"severity"`
				Kind     lint.Kind     `json:"kind"`
				Off      bool          `json:"off"`
				Unless   string        `json:"unless,omitempty"`
				Fixable  bool          `json:"fixable"`
				Since    string        `json:"since"`
				Summary  string        `json:"summary"`
				Source   string        `json:"source"`
				Page     string        `json:"page"`
			}
			values := make([]row, len(selected))
			rows := [][]string{{"ID", "NAME", "AREA", "SEVERITY", "KIND", "FINDS"}}
			for i, r := range selected {
				values[i] = row{r.ID, r.Name, r.Area, r.Severity, r.Kind, r.Off, r.Unless, r.Fixable, r.Since, r.Summary, r.Source, r.Page()}
				severity := r.Severity.String()
				if r.Off {
					severity = "off"
				}
				rows = append(rows, []string{r.ID, r.Name, r.Area, severity, string(r.Kind), r.Summary})
			}
			return list(env, format, values, rows)
		},
	}
	listFormat(cmd, &format)
	settings.addPath(cmd)
	cmd.AddCommand(newRulesTestCmd(env))
	return cmd
}

func newExplainCmd(env *environment) *cobra.Command {
	var settings configFlags
	cmd := &cobra.Command{
		Use:   "explain RULE|TERM",
		Short: "Print the page of a rule, or what a term means",
		Long: "Prints what a rule finds, why it matters and from which source that is known, an example each way, the fix, and when to switch " +
			"it off; or what a term of this field means, in one sentence. Rules of your own in .cupclint.yaml have pages, too.",
		Example: `  cupclint explain PRES002
  cupclint explain presence-case-mismatch
  cupclint explain referral
  cupclint explain incoming ACL`,
		Args: takes(1, -1, "name a rule or a term"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			rules, directive := completeRules(env)(cmd, args, begun)
			return append(rules, terms(begun)...), directive
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.Join(args, " ")
			rules := catalogue.All()
			rule, err := lint.Find(rules, name)
			if err != nil {
				if term, ok := docs.Explain(name); ok {
					return explainTerm(env, term)
				}
				conf, wrong := settings.read(cmd, env)
				if wrong != nil {
					return wrong
				}
				rules = conf.Rules
				rule, err = lint.Find(rules, name)
			}
			if err != nil {
				return fmt.Errorf("%w, and %q is not a term of the glossary", err, name)
			}
			page, err := catalogue.Page(rules)(rule.ID)
			if err != nil {
				return fmt.Errorf("the page of %s: %w", rule.ID, err)
			}
			if env.width > 0 {
				return term.Page(env.stdout, page, env.width, env.colored("auto"))
			}
			_, err = io.WriteString(env.stdout, page)
			return err
		},
	}
	settings.addPath(cmd)
	return cmd
}

// explainTerm writes one row of the glossary.
func explainTerm(env *environment, term docs.Term) error {
	var b strings.Builder
	report.Wrap(&b, term.Names[0]+": ", term.Meaning, env.width)
	if others := term.Names[1:]; len(others) > 0 {
		report.Wrap(&b, "Also called: ", strings.Join(others, ", "), env.width)
	}
	_, err := io.WriteString(env.stdout, b.String())
	return err
}

// completeRules offers the IDs and names of rules to the shell.
func completeRules(env *environment) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return completionsOf(append(catalogue.All(), ownRules(cmd, env)...), begun), cobra.ShellCompDirectiveNoFileComp
	}
}

func completionsOf(rules []*lint.Rule, begun string) []cobra.Completion {
	var all []cobra.Completion
	for _, r := range rules {
		for _, word := range []string{r.ID, r.Name} {
			if len(word) >= len(begun) && strings.EqualFold(word[:len(begun)], begun) {
				all = append(all, cobra.CompletionWithDesc(word, r.Summary))
			}
		}
	}
	return all
}

func newKeysCmd(env *environment) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "keys [PART]",
		Short: "List the keys that exports are read into",
		Long: "Lists the key space: every key with its type, values and meaning. {n} stands for a number from 1. PART chooses the keys that " +
			"have it in their name. With --format xsd the output is an XML Schema of jabber-config.xml, for editors that complete and check the " +
			"file (docs/editors.md).",
		Example: `  cupclint keys
  cupclint keys directory
  cupclint keys --format json
  cupclint keys --format xsd > jabber-config.xsd`,
		Args: takes(0, 1, "name one part of a key, or nothing"),
		RunE: func(_ *cobra.Command, args []string) error {
			type row struct {
				Key     string   `json:"key"`
				Type    string   `json:"type"`
				Values  []string `json:"values,omitempty"`
				Default string   `json:"default,omitempty"`
				Formats string   `json:"formats"`
				Aliases []string `json:"aliases,omitempty"`
				Meaning string   `json:"meaning"`
				Source  string   `json:"source"`
			}
			if format == "xsd" {
				if len(args) > 0 {
					return errors.New("--format xsd writes all keys of jabber-config.xml: leave PART out")
				}
				return writeSchema(env.stdout, export.Keys())
			}
			var values []row
			rows := [][]string{{"KEY", "TYPE", "VALUES", "MEANING"}}
			keys := export.Keys()
			if len(args) > 0 {
				keys = keysNamed(keys, args[0])
			}
			for _, k := range keys {
				rows = append(rows, []string{k.Name, k.Type.String(), strings.Join(k.Values, " "), k.Meaning})
				values = append(values, row{k.Name, k.Type.String(), k.Values, k.Default, k.Formats.String(), k.Aliases, k.Meaning, k.Source})
			}
			if values == nil {
				return fmt.Errorf("no key has %q in its name", args[0])
			}
			return list(env, format, values, rows)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, or xsd: an XML Schema of jabber-config.xml")
	outputFlags.put(cmd, "format")
	return cmd
}

// keysNamed are the keys that have a part in their name; where there is none, in another name of theirs, as SERVICES_DOMAIN of the
// installer.
func keysNamed(keys []export.Key, part string) []export.Key {
	has := func(name string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(part)) }
	var named, other []export.Key
	for _, k := range keys {
		switch {
		case has(k.Name):
			named = append(named, k)
		case slices.ContainsFunc(k.Aliases, has):
			other = append(other, k)
		}
	}
	if named != nil {
		return named
	}
	return other
}
