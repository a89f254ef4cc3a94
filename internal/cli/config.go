package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/config"
	"cupclint/internal/report"
)

func newConfigCmd(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Show the configuration in effect",
		Long:    "Shows the configuration in effect: cupclint config show.",
		Example: "  cupclint config show",
		Args:    takesNone,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigShowCmd(env))
	return cmd
}

func newConfigShowCmd(env *environment) *cobra.Command {
	var format string
	var settings configFlags
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the configuration in effect, and where each value comes from",
		Long: `Prints each setting with its value and where the value comes from: a flag, an environment variable, the configuration file with its
line, or the default. The flags are those that other commands have for settings, except --format and --output. Of environment variables with
passwords only the names are shown.`,
		Example: `  cupclint config show
  cupclint config show --format json
  cupclint config show --fail-on info              what lint --fail-on info would use`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			cmd.Flags().Lookup("format").Changed = false // it is about this output, not about reports
			conf, err := settings.load(cmd, env)
			if err != nil {
				return err
			}
			shown := shownConfig{File: conf.File, Settings: conf.Settings(), Secrets: secretsIn(env)}
			rows := [][]string{{"SETTING", "VALUE", "FROM"}}
			for i := range shown.Settings {
				s := &shown.Settings[i]
				s.Value, s.From = hideTyped(s.Value), hideTyped(s.From)
				rows = append(rows, []string{s.Name, report.Clean(s.Value), report.Clean(s.From)})
			}
			for _, name := range shown.Secrets {
				rows = append(rows, []string{name, "(set, not shown)", "environment"})
			}
			return list(env, format, shown, rows)
		},
	}
	all := &cobra.Command{}
	settings.add(all)
	registerCertificateDays(all)
	all.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "format" && f.Name != "output" { // which are about this output
			cmd.Flags().AddFlag(f)
		}
	})
	listFormat(cmd, &format)
	return cmd
}

// shownConfig is the JSON form.
type shownConfig struct {
	File     string           `json:"file"`
	Settings []config.Setting `json:"settings"`
	// Secrets are the variables that hold passwords and are set.
	Secrets []string `json:"secrets"`
}

// secretVariables are the variables that commands take passwords from.
var secretVariables = [...]string{"CUPCLINT_CALENDAR_PASSWORD", "CUPCLINT_COLLECT_PASSWORD", "CUPCLINT_LDAP_AUDITOR_PASSWORD",
	"CUPCLINT_LDAP_PASSWORD",
	"CUPCLINT_MAIL_PASSWORD", "CUPCLINT_SIP_PASSWORD", "CUPCLINT_UDS_PASSWORD", "CUPCLINT_VOICEMAIL_PASSWORD", "CUPCLINT_XMPP_PASSWORD"}

func secretsIn(env *environment) []string {
	set := []string{}
	for _, name := range secretVariables {
		if env.getenv(name) != "" {
			set = append(set, name)
		}
	}
	return set
}
