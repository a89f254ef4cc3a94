package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh/knownhosts"

	"cupclint/internal/demo"
	"cupclint/internal/lab"
	"cupclint/internal/report"
)

func newLabCmd(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Simulate a small deployment on this computer, to try the commands on",
		Long: `Simulates a small deployment on this computer, to try the commands on: DNS, a domain controller with its Global Catalog, a mail
store, a calendar gateway, presence servers and a CTIManager; or, with --demo jabber, IM and Presence over XMPP, call managers with their
user data service and files, Unity Connection and an Expressway-E. See docs/lab.md.`,
		Example: `  cupclint lab up
  cupclint lab up --fixed`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLabUpCmd(env))
	return cmd
}

func newLabUpCmd(env *environment) *cobra.Command {
	o, simulated, misbehave := lab.Options{Loopback: true}, "", []string(nil)
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the deployment and keep it running until interrupted",
		Long: `Starts the servers on loopback, each host at an address of its own, 127.77.0.N, on the usual ports where they are free and
allowed and on others where not. Writes the exports that describe them into a new temporary folder, prints what is wrong, where
everything is and the commands to try, and runs until it is interrupted (Ctrl-C). The folder is removed then.

The deployment is simulated, and its password is new each time. Only this computer is contacted.

With --servers, --misbehave makes the servers differ from good ones, to see what cupclint collect makes of it:
  ` + strings.Join(lab.Misbehaviours(), " ") + `
docs/lab.md says what each does.`,
		Example: `  cupclint lab up             broken in ways that the checks find
  cupclint lab up --fixed     the repaired deployment, which has no findings
  cupclint lab up --servers   with AXL, the command line, UDS and TFTP files, to try cupclint collect on
  cupclint lab up --servers --misbehave axl-503,ssh-colour
  cupclint lab up --demo jabber`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Demo, err = lab.ParseDemo(simulated); err != nil {
				return fmt.Errorf("--demo: %w", err)
			}
			if o.Servers && o.Demo != lab.CUPC {
				return errors.New("--servers is for the deployment cupc only")
			}
			if len(misbehave) > 0 && !o.Servers {
				return errors.New("--misbehave is for the servers of --servers only")
			}
			if err := o.Misbehave(misbehave); err != nil {
				return fmt.Errorf("--misbehave: %w", err)
			}
			if err := labUp(cmd.Context(), env, o); err != nil {
				return unreadable(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&simulated, "demo", string(lab.CUPC), "which deployment: cupc (clients of the SIP generation) or jabber")
	cmd.Flags().BoolVar(&o.Fixed, "fixed", false, "the repaired deployment")
	cmd.Flags().BoolVar(&o.Servers, "servers", false, "also play the administration of the servers, for cupclint collect")
	cmd.Flags().StringSliceVar(&misbehave, "misbehave", nil, "how those servers differ from good ones: `NAME[,NAME]`")
	mainFlags.put(cmd, "demo", "fixed", "servers", "misbehave")
	return cmd
}

// labUp runs a lab until the context ends. A reader that closes its end early must not end it before it has put its folder away.
func labUp(ctx context.Context, env *environment, o lab.Options) (err error) {
	signal.Ignore(syscall.SIGPIPE)
	l, err := lab.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	dir, err := os.MkdirTemp("", "cupclint-lab-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := writeLabSettings(l, dir); err != nil {
		return fmt.Errorf("write the lab's settings: %w", err)
	}
	if err := printLab(env.stdout, l, dir, o, env.width); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// The files of a lab in addition to its exports.
const (
	labExports     = "exports"
	labCA          = "ca.pem"
	labCredentials = "credentials"
	// labAdministration and labKnownHosts are for cupclint collect.
	labAdministration = "administration"
	labKnownHosts     = "known_hosts"
)

func writeLabSettings(l *lab.Lab, dir string) error {
	var credentials strings.Builder
	for _, account := range lab.Accounts() {
		fmt.Fprintf(&credentials, "%s\t%s\n", account, l.Password)
	}
	if l.Cluster != nil {
		var administration, hosts strings.Builder
		for _, account := range []string{"axl:" + lab.ReadUser, "cli:" + lab.ReadUser, "soap:" + lab.SOAPUser} {
			fmt.Fprintf(&administration, "%s\t%s\n", account, l.Password)
		}
		for name, s := range l.SSH {
			fmt.Fprintln(&hosts, knownhosts.Line([]string{knownhosts.Normalize(net.JoinHostPort(name, l.SSHPort()))}, s.HostKey()))
		}
		if err := errors.Join(
			os.WriteFile(filepath.Join(dir, labAdministration), []byte(administration.String()), 0o600),
			os.WriteFile(filepath.Join(dir, labKnownHosts), []byte(hosts.String()), 0o644),
		); err != nil {
			return err
		}
	}
	return errors.Join(
		demo.WriteExports(l, filepath.Join(dir, labExports)),
		os.WriteFile(filepath.Join(dir, labCA), l.CA, 0o644),
		os.WriteFile(filepath.Join(dir, labCredentials), []byte(credentials.String()), 0o600),
	)
}

// printLab says what runs where, what is wrong with it, and what to try.
func printLab(w io.Writer, l *lab.Lab, dir string, o lab.Options, width int) error {
	rows := [][]string{{"WHAT", "IN THE DEPLOYMENT", "LISTENS ON"}, {"DNS", "ns.acme.test:53", l.Resolver.String()}}
	if l.Outside.IsValid() {
		rows = append(rows, []string{"DNS outside", "ns.acme.test:53", l.Outside.String()})
	}
	for _, s := range l.Services() {
		rows = append(rows, []string{s.What, s.Name, s.Address.String()})
	}
	if _, err := io.WriteString(w, report.Table(width, rows)); err != nil {
		return err
	}
	if !o.Fixed {
		fmt.Fprint(w, "\nWhat is wrong:\n")
		for _, f := range lab.Faults(o.Demo) {
			report.Wrap(w, "  - ", fmt.Sprintf("%s (%s)", f.Sentence, strings.Join(f.Rules, ", ")), width)
		}
	}
	exports := quoteAll([]string{filepath.Join(dir, labExports)})
	credentials := quoteAll([]string{filepath.Join(dir, labCredentials)})
	// The lab is on loopback, and DNS115 says that no other machine can use such an address.
	reach := fmt.Sprintf("--skip DNS115 --resolver %s --ca-file %s", l.Resolver, quoteAll([]string{filepath.Join(dir, labCA)}))
	fmt.Fprintf(w, "\nTo try in another terminal:\n  cupclint lint %s\n  cupclint dns --skip DNS115 --resolver %s %[1]s\n", exports,
		l.Resolver)
	if o.Demo == lab.Jabber {
		outside := "--outside " + l.Outside.String()
		fmt.Fprintf(w, `  cupclint audit %[2]s %[3]s --credentials %[4]s %[1]s
  cupclint audit %[2]s --no-login %[1]s
  cupclint xmpp %[2]s --no-login %[1]s
  cupclint uds %[2]s %[1]s
  cupclint tftp %[2]s %[1]s
  cupclint edge %[2]s %[3]s %[1]s
  cupclint ldap %[2]s --no-login %[1]s
  cupclint sip %[2]s --no-login %[1]s
  cupclint diagnose --symptom desk-phone --live --no-login %[2]s %[1]s
`, exports, reach, outside, credentials)
	} else {
		fmt.Fprintf(w, `  cupclint audit %[2]s --credentials %[3]s --voicemail-user %[4]s %[1]s
  cupclint ldap %[2]s --no-login %[1]s
  cupclint mail %[2]s %[1]s
  cupclint mail --calendar %[2]s %[1]s
  cupclint sip %[2]s %[1]s
  cupclint diagnose --symptom presence --live --no-login %[2]s %[1]s
`, exports, reach, credentials, lab.MailUser)
	}
	if l.Cluster != nil {
		fmt.Fprintf(w, "  cupclint collect %s\n  cupclint audit %s --credentials %s %s\n", quoteAll(labCollect(l, dir)), reach, credentials,
			quoteAll([]string{filepath.Join(dir, "hq")}))
	}
	_, err := fmt.Fprintf(w, "\nCtrl-C ends it and removes %s\n", dir)
	return err
}

// labCollect are the arguments of cupclint collect that read the lab's servers.
func labCollect(l *lab.Lab, dir string) []string {
	args := []string{"--resolver", l.Resolver.String(), "--ca-file", filepath.Join(dir, labCA), "--credentials", filepath.Join(dir,
		labAdministration),
		"--known-hosts", filepath.Join(dir, labKnownHosts), "--soap-for", "bob", "--yes"}
	for _, shifted := range l.Ports() {
		args = append(args, "--port", shifted)
	}
	return append(args, "--out", filepath.Join(dir, "hq"), "cucm1.acme.test")
}
