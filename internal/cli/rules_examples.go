package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cupclint/internal/report"
	"cupclint/lint"
	"cupclint/lint/ownrules"
)

// newRulesTestCmd makes the command that tries the examples of own rules.
func newRulesTestCmd(env *environment) *cobra.Command {
	var settings configFlags
	cmd := &cobra.Command{
		Use:   "test [RULE...]",
		Short: "Try the examples of the rules of your own",
		Long: `Runs each rule of your own in .cupclint.yaml over the examples in the same file, and says where a rule has other findings than
the example expects. docs/own-rules.md has the form of rules and examples.

Exit codes: 0 all examples are as expected, 1 some are not, 2 wrong usage or configuration.`,
		Example: `  cupclint rules test
  cupclint rules test ACME-001
  cupclint rules test --config other.yaml`,
		ValidArgsFunction: completeOwnRules(env),
		RunE: func(cmd *cobra.Command, args []string) error {
			conf, err := settings.read(cmd, env)
			if err != nil {
				return err
			}
			own := conf.Own.Rules()
			if len(own) == 0 {
				return errors.New("there are no rules of your own: own-rules is missing in the configuration")
			}
			wanted := own
			if len(args) > 0 {
				wanted = nil
				for _, a := range args {
					some, err := lint.Select(own, a)
					if err != nil {
						return err
					}
					wanted = append(wanted, some...)
				}
			}
			tried, err := conf.Own.Test(cmd.Context(), func(r *lint.Rule) bool { return slices.Contains(wanted, r) })
			if err != nil {
				return unreadable(err)
			}
			return printExamples(env, tried)
		},
	}
	settings.addPath(cmd)
	return cmd
}

// printExamples writes the failures, then what was tried.
func printExamples(env *environment, r *ownrules.Report) error {
	for i := range r.Failures {
		if _, err := fmt.Fprintln(env.stdout, report.Clean(r.Failures[i].String())); err != nil {
			return err
		}
	}
	sum := fmt.Sprintf("%s of %s", count(r.Examples, "example"), count(r.Rules, "rule"))
	if n := len(r.Failures); n > 0 {
		sum += fmt.Sprintf(": %d not as expected", n)
	} else {
		sum += ": all as expected"
	}
	if n := len(r.Without); n > 0 {
		sum += fmt.Sprintf("; %s without an example:", count(n, "rule"))
		for _, rule := range r.Without {
			sum += " " + rule.ID
		}
	}
	if _, err := fmt.Fprintln(env.stdout, sum); err != nil {
		return err
	}
	if len(r.Failures) > 0 {
		return exitWith(exitFindings)
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// completeOwnRules offers the IDs and names of own rules.
func completeOwnRules(env *environment) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return completionsOf(ownRules(cmd, env), begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// ownRules are the own rules of the configuration; none if it is wrong: the command that runs reports that.
func ownRules(cmd *cobra.Command, env *environment) []*lint.Rule {
	settings := configFlags{}
	if f := cmd.Flags().Lookup("config"); f != nil {
		settings.path = f.Value.String()
	}
	conf, err := settings.read(cmd, env)
	if err != nil {
		return nil
	}
	return conf.Own.Rules()
}
