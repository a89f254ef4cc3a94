// Package cli is the command line of cupclint: one file per command, with the environment, the outputs and the exit codes.
// It gets arguments, files and streams and returns reports and an exit code. Code that is not about flags, files or terminals is in the
// package of its subject.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/internal/platform"
)

// version is set by the linker (see the Makefile); empty in a plain go build.
var version string

// Exit codes.
const (
	exitClean    = 0 // nothing at or above --fail-on
	exitFindings = 1
	exitUsage    = 2 // wrong usage or configuration
	exitInput    = 3 // an input could not be read, an output not be written, or a probe not be carried out; everything else is in the report
)

// Main runs the command line of the process and returns its exit code.
func Main() int { return runProcess(systemEnvironment()) }

func runProcess(env *environment) int {
	ctx := context.Background()
	args := os.Args[1:]
	listens := never
	for _, c := range commandsFor(args) {
		listens = max(listens, c.listens)
	}
	if len(args) > 0 && listens != never {
		env.workDir, _ = os.Getwd() // it is asked for several times; without one, dir tries again
		var stop func()
		ctx, stop = env.catch(ctx)
		defer stop()
		if listens == atOnce {
			env.listen()
		}
	}
	return execute(ctx, env, args)
}

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, env *environment, args []string) int {
	own := *env
	out := &checkedWriter{w: env.stdout}
	own.stdout = out
	if ctx.Done() != nil { // the command catches interrupts, so they must end a wait for input
		own.stdin = env.input(ctx)
	}
	env = &own
	root := newRootCmd(env, commandsFor(args))
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	lost := out.err != nil && !platform.ReaderGone(out.err)
	if len(args) > 0 && args[0] == checkName {
		return checkExit(env, err, lost)
	}
	var exit *exitError
	switch {
	case lost && (err == nil || errors.As(err, &exit) && exit.err == nil):
		env.complain(fmt.Errorf("the output is not complete: %w", out.err))
		return exitInput
	case err == nil:
		return exitClean
	case platform.ReaderGone(out.err) && platform.ReaderGone(err):
		return exitClean // the reader has seen enough
	case errors.As(err, &exit):
		if exit.err != nil {
			env.complain(exit.err)
		}
		return exit.code
	}
	env.complain(err)
	var file *fs.PathError
	if errors.As(err, &file) && file.Op == "write" {
		return exitInput // a full disk is not wrong usage
	}
	return exitUsage
}

// An exitError ends the program with a code other than exitUsage. Without an error in it everything was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exitWith(code int) error {
	if code == exitClean {
		return nil
	}
	return &exitError{code: code}
}

// unreadable is an error about an input: exit code 3. Wrong usage that shows only when inputs are looked for stays wrong usage.
func unreadable(err error) error {
	var usage *usageError
	if errors.As(err, &usage) {
		return usage
	}
	return &exitError{code: exitInput, err: err}
}

// A command makes one subcommand.
type command struct {
	name    string
	make    func(*environment) *cobra.Command
	listens listening
}

// commands lists the subcommands in the order of the help.
func commands() []command {
	return []command{
		{"collect", newCollectCmd, atOnce},
		{"lint", newLintCmd, whenLong},
		{"merge", newMergeCmd, atOnce},
		{"resolve", newResolveCmd, never},
		{"route", newRouteCmd, never},
		{"dns", newDNSCmd, atOnce},
		{"ldap", newLDAPCmd, atOnce},
		{"mail", newMailCmd, atOnce},
		{"sip", newSIPCmd, atOnce},
		{"xmpp", newXMPPCmd, atOnce},
		{"ntp", newNTPCmd, atOnce},
		{"edge", newEdgeCmd, atOnce},
		{"uds", newUDSCmd, atOnce},
		{"tftp", newTFTPCmd, atOnce},
		{"audit", newAuditCmd, atOnce},
		{checkName, newCheckCmd, atOnce},
		{"compare", newCompareCmd, atOnce},
		{"trend", newTrendCmd, never},
		{"diagnose", newDiagnoseCmd, atOnce},
		{"serve", newServeCmd, atOnce},
		{"lab", newLabCmd, atOnce},
		{"rules", newRulesCmd, never},
		{"explain", newExplainCmd, never},
		{"keys", newKeysCmd, never},
		{"releases", newReleasesCmd, never},
		{"redact", newRedactCmd, never},
		{"init", newInitCmd, never},
		{"config", newConfigCmd, never},
		{"version", newVersionCmd, never},
	}
}

// commandsFor returns the one command that the arguments name, and all of them for anything else: help, completion,
// a mistyped word. Making every command with its flags takes as long as the rest of the start.
func commandsFor(args []string) []command {
	all := commands()
	if len(args) > 0 {
		for i := range all {
			if all[i].name == args[0] {
				return all[i : i+1]
			}
		}
	}
	return all
}

func newRootCmd(env *environment, subcommands []command) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   "cupclint",
		Short: "Prove that a CUPC or Jabber deployment is configured correctly, before anyone calls the help-desk",
		Long: `cupclint reads configuration exports of Cisco Unified Personal Communicator (CUPC) and Jabber, computes the presence address
that each client will register to, and says what is wrong, where, and how to fix it.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or configuration, 3 an input could not be read or a
probe could not be carried out (everything else is in the report). Only check differs: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.`,
		Example: `  cupclint audit --demo                          a broken deployment, simulated on this computer
  cupclint lint exports/                         every export below a folder
  cupclint resolve cups1.acme.com --domain ACME.COM
  cupclint explain PRES002                       the page of a rule`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: len(subcommands) == 1}, // another command was named
		Args:              takesNone,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			env.startLog(cmd)
			if err := checkAccounts(cmd); err != nil {
				return err
			}
			return env.keepFiles(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if showVersion {
				return printVersion(env)
			}
			return cmd.Help()
		},
	}
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		text := err.Error()
		if flag, _, ok := strings.Cut(text, " in -"); ok { // unknown shorthand flag: 'p' in -pSECRET
			text = flag
		}
		return fmt.Errorf("%s; see %s --help", text, cmd.CommandPath())
	})
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "print the version")
	mainFlags.put(root, "version")
	for _, c := range subcommands {
		root.AddCommand(c.make(env))
	}
	if len(subcommands) > 1 { // else a command was named
		root.InitDefaultHelpCmd()
		root.InitDefaultCompletionCmd()
		for _, c := range root.Commands() {
			for _, shell := range c.Commands() {
				if shell.Flags().Lookup("no-descriptions") != nil { // of the completion scripts
					advancedFlags.put(shell, "no-descriptions")
				}
			}
		}
	}
	setHelp(root, env)
	addCommonFlags(root)
	if len(subcommands) > 1 {
		addCompletions(root, env)
	}
	return root
}

// checkAccounts refuses a password after the name of an account, which other programs accept. The name would be sent, shown and saved.
func checkAccounts(cmd *cobra.Command) error {
	for _, name := range [...]string{"user", "bind-dn", "auditor-dn", "voicemail-user"} {
		f := cmd.Flags().Lookup(name)
		if f == nil || !f.Changed {
			continue
		}
		if v := f.Value.String(); strings.Contains(v, ":") && !strings.Contains(v, "=") {
			return fmt.Errorf("--%s: the name of an account has no colon. A password comes from a file, an environment variable or a prompt; see "+
				"%s --help", name, cmd.CommandPath())
		}
	}
	return nil
}

func newVersionCmd(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  cupclint version",
		Args:    takesNone,
		RunE:    func(*cobra.Command, []string) error { return printVersion(env) },
	}
}

func printVersion(env *environment) error {
	_, err := fmt.Fprintln(env.stdout, "cupclint", buildVersion())
	return err
}

// buildVersion falls back to the version that the Go tool wrote into the binary.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
