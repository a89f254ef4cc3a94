package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/ntpcheck"
)

// ntpFlags are the flags of `cupclint ntp`.
type ntpFlags struct {
	probeFlags
}

func newNTPCmd(env *environment) *cobra.Command {
	f := &ntpFlags{}
	cmd := &cobra.Command{
		Use:   "ntp HOST[:PORT]... | PATH...",
		Short: "Ask time servers as the appliances do",
		Long: `Asks time servers as Unified CM does: one NTPv4 packet over UDP port 123. Shows the version of the answer, the stratum, the root dispersion
and the offset to the clock of this computer, and judges them: a server that does not answer, that has no time itself, whose stratum is
above 4, that answers with NTPv3 as Windows Time does, that refuses (kiss-of-death), that announces too much uncertainty, or whose time
differs from that of the others. Findings NTP101 to NTP108.

An argument that is a file or folder is an export: the time servers that it names are asked. They are the sources in the output of
utils ntp status and utils ntp server list, and the keys Network.TimeServer.1.Address and so on.

No clock is set. A server gets at most three packets, and only one where it answers. Run the command in the network of the call
manager's publisher: firewalls and access lists can treat this computer in another way. See docs/ntp.md.`,
		Example: `  cupclint ntp ntp1.example.com ntp2.example.com
  cupclint ntp 192.0.2.10:1123
  cupclint ntp pub.txt                    the sources that utils ntp status of the publisher shows`,
		RunE: func(cmd *cobra.Command, args []string) error { return runNTP(cmd, env, f, args) },
	}
	f.registerNetwork(cmd, "for names")
	f.registerReport(cmd, "server")
	return cmd
}

func runNTP(cmd *cobra.Command, env *environment, f *ntpFlags, args []string) error {
	if len(args) == 0 {
		return errors.New("nothing to ask: give time servers (HOST or HOST:PORT), or exports that name some")
	}
	targets, paths, err := hostsAndPaths(args, "plain", "a time server", servicePorts{plain: ntpcheck.Port})
	if err != nil {
		return err
	}
	requests := make([]ntpcheck.Request, len(targets))
	for i, t := range targets {
		requests[i].Target = ntpcheck.TargetOf(t.Host, t.Port)
	}
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, paths, f.observations)
	if err != nil {
		return err
	}
	if len(paths) > 0 {
		run.read(ctx, func(e *export.Export) { requests = append(requests, ntpcheck.FromExport(e)...) })
	}
	tools, err := f.timeTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	seen := probeAll(ctx, run, ntpcheck.Servers(), tools, ntpcheck.Servers().Merge(requests), f.quiet)
	if err := f.saveObservations(env, map[string]any{"ntp": orEmpty(seen)}); err != nil {
		return err
	}
	return run.report(ntpcheck.Judge(seen))
}

// timeTools are the tools of a probe that never logs in.
func (f *ntpFlags) timeTools(ctx context.Context, env *environment) (area.Tools, error) {
	p, _, err := f.tools(ctx, env)
	if err != nil {
		return area.Tools{}, err
	}
	return area.Tools{Prober: p}, nil
}
