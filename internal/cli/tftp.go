package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/tftp"
	"cupclint/lint"
)

// tftpFlags are the flags of `cupclint tftp`.
type tftpFlags struct {
	files, groups []string
	secure        bool
	webProxy      bool
	probeFlags
}

func newTFTPCmd(env *environment) *cobra.Command {
	f := &tftpFlags{}
	cmd := &cobra.Command{
		Use:   "tftp HOST[:PORT]... | PATH...",
		Short: "Load Jabber's configuration from the TFTP servers, lint it and compare it",
		Long: `Loads jabber-config.xml from every TFTP server of the call manager as Jabber does: over HTTP on port 6970, else over HTTPS on 6972, else
by TFTP on UDP port 69. Judges whether the file is there, can be read and is the same on all servers, lints what was loaded with the
address as the name of the file, and compares it with the files that are given. Findings TFTP101 to TFTP109, and those of cupclint lint.

An argument that is a file or folder is an export: the servers that it names are asked (TFTP.Primary and its backups, TftpServer1 and 2,
TFTP of the installer, and the call manager's nodes of a cluster list). A jabber-config.xml among the exports is compared with what the
servers give. HOST:PORT asks one port only: 69 by TFTP, 6971 and 6972 over HTTPS, every other one over HTTP.

Files are only read. SPDefault.cnf.xml is loaded as well, because it has given directory passwords to everyone (CVE-2013-7030); secrets are
removed before anything is kept. No log-in is made. See docs/tftp.md.`,
		Example: `  cupclint tftp exports/
  cupclint tftp cucm1.example.com cucm2.example.com jabber-config.xml      do both servers and the repository have the same file?
  cupclint tftp --group groupa-config.xml cucm1.example.com`,
		RunE: func(cmd *cobra.Command, args []string) error { return runTFTP(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.files, "file", nil, "load this `NAME` instead of jabber-config.xml; repeatable")
	fl.StringArrayVar(&f.groups, "group", nil, "load the group file `NAME` as well; repeatable")
	fl.BoolVar(&f.secure, "secure", false, "ask HTTPS 6972 and nothing else")
	registerWebProxy(cmd, &f.webProxy)
	f.registerCA(cmd)
	f.registerNetwork(cmd, "for names")
	registerCertificateDays(cmd)
	f.registerReport(cmd, "server")
	mainFlags.put(cmd, "file", "group", "secure")
	return cmd
}

// ways are the ways to a server of the command line: all three for a host, one for a host with a port.
func (f *tftpFlags) ways(arg probe.Target) []probe.Target {
	switch {
	case arg.Port == 0 && f.secure:
		return tftp.WaysOf(arg.Host)[1:2]
	case arg.Port == 0:
		return tftp.WaysOf(arg.Host)
	case arg.Port == tftp.PortTFTP:
		arg.Network, arg.Security = "udp", ""
	case f.secure:
		arg.Security = probe.ImplTLS
	}
	return []probe.Target{arg}
}

func runTFTP(cmd *cobra.Command, env *environment, f *tftpFlags, args []string) error {
	if len(args) == 0 {
		return errors.New("nothing to ask: give TFTP servers (HOST or HOST:PORT), or exports that name some")
	}
	targets, paths, err := hostsAndPaths(args, "", "a TFTP server", servicePorts{tls: tftp.PortHTTPS, alsoTLS: []int{6971}})
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, paths, f.observations)
	if err != nil {
		return err
	}
	var requests []tftp.Request
	for _, t := range targets {
		requests = append(requests, tftp.Request{Ways: f.ways(t)})
	}
	exports := tftp.NewCollection()
	if len(paths) > 0 {
		run.read(ctx, func(e *export.Export) { exports.Add(lint.NewInput(e)) })
	}
	var groups []string
	for _, t := range exports.Tasks() {
		if r, ok := area.Request[tftp.Request](t); ok {
			if groups = r.Groups; f.secure {
				r.Ways = r.Ways[1:2]
			}
			requests = append(requests, *r)
		}
	}
	for i := range requests {
		r := &requests[i]
		if r.Groups = append(groups[:len(groups):len(groups)], f.groups...); len(f.files) > 0 {
			r.Names = f.files
		}
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	if f.webProxy {
		tools.WebProxy = webProxy(env)
	}
	seen := probeAll(ctx, run, tftp.Service(), tools, tftp.Service().Merge(requests), f.quiet)
	if err := f.saveObservations(env, map[string]any{"tftp": orEmpty(seen)}); err != nil {
		return err
	}
	return run.report(tftp.Judge(seen, tftp.JudgeOptions{CertificateSoon: run.conf.CertificateSoon(), Local: exports.Known().Local}))
}
