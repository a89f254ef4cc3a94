package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/invite"
	"cupclint/internal/report"
	"cupclint/lint/rules"
	"cupclint/resolve"
)

func newRouteCmd(env *environment) *cobra.Command {
	var file, format, inputFormat, from string
	cmd := &cobra.Command{
		Use:   "route [URI] --config FILE",
		Short: "Say where the SIP proxy sends a request next",
		Long: `Says whether the SIP proxy keeps a request to the URI, hands it to a static route, or asks DNS, and why each way was taken or not.
Nothing is looked up.

FILE describes the proxy in any format that lint reads: Presence.Domain or SIPProxy.Domain, Presence.Primary.Address and
Cluster.Node.1.Name, SIPProxy.Alias.1, SIPProxy.StaticRoute.1.Destination and so on; see cupclint keys.

With --from ocs it follows an INVITE for phone control from Office Communications Server to CTIManager, hop by hop, and
says where it stops and why. Without a URI it does so for the server URI of every OCS user in the file. The exit code is 1
when one stops.`,
		Example: `  cupclint route sip:6002@acme.com --config servers.yaml
  cupclint route 'sip:bob@partner.net;transport=tls' --config servers.yaml --format json
  cupclint route --from ocs --config deployment.yaml`,
		Args: takes(0, 1, "name one URI, or none"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			if file == "" {
				return errors.New("--config is missing: a file that describes the proxy")
			}
			force, err := export.ParseFormat(inputFormat)
			if err != nil {
				return fmt.Errorf("--input-format: %w", err)
			}
			e, err := readDescription(cmd.Context(), env, file, force)
			if err != nil {
				return unreadable(err)
			}
			switch {
			case from == "ocs":
				return followInvites(env, e, args, format)
			case from != "":
				return fmt.Errorf("--from %q: use ocs", from)
			case len(args) == 0:
				return errors.New("a URI is missing: sip:USER@DOMAIN")
			}
			u, err := resolve.ParseURI(args[0])
			if err != nil {
				return err
			}
			proxy := rules.ProxyOf(e)
			routes, _, err := rules.StaticRoutesOf(e)
			if err != nil {
				return unreadable(err)
			}
			r := resolve.NextHop(u, proxy, routes)
			if format == "json" {
				enc := json.NewEncoder(report.SafeJSON(env.stdout))
				enc.SetEscapeHTML(false)
				return enc.Encode(struct {
					URI string `json:"uri"`
					resolve.Route
				}{resolve.RedactURI(args[0]), r})
			}
			return folded(env.stdout, env.width, func(w io.Writer) error { return writeRoute(w, resolve.RedactURI(args[0]), r) })
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the file that describes the proxy")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().StringVar(&from, "from", "", "follow an INVITE for phone control from here: ocs")
	cmd.Flags().StringVar(&inputFormat, "input-format", "auto", "read the file as this format")
	mainFlags.put(cmd, "config", "from", "input-format")
	outputFlags.put(cmd, "format")
	return cmd
}

// readDescription reads the file that describes the deployment.
func readDescription(ctx context.Context, env *environment, file string, force export.Format) (*export.Export, error) {
	data, err := readInput(ctx, env, file)
	if err != nil {
		return nil, err
	}
	return (&export.Reader{Force: force}).Parse(file, data)
}

// followInvites follows the INVITE to the URI, or those to all OCS users of the description.
func followInvites(env *environment, e *export.Export, args []string, format string) error {
	uris, users := invite.URIs(e)
	if len(args) > 0 {
		of := slices.Index(uris, args[0])
		uris = args
		if of >= 0 {
			users = users[of : of+1]
		} else {
			users = []int{0}
		}
	}
	if len(uris) == 0 {
		return errors.New("a URI is missing: the file has no OCS.User.1.ServerURI")
	}
	journeys := make([]invite.Journey, len(uris))
	stopped := false
	for i, uri := range uris {
		journeys[i] = invite.Follow(e, uri, users[i])
		stopped = stopped || !journeys[i].Arrives
	}
	if format == "json" {
		if err := printJSON(env.stdout, journeys); err != nil {
			return err
		}
	} else if err := folded(env.stdout, env.width, func(w io.Writer) error { return writeJourneys(w, journeys) }); err != nil {
		return err
	}
	if stopped {
		return exitWith(exitFindings)
	}
	return nil
}

func writeJourneys(w io.Writer, journeys []invite.Journey) error {
	var b strings.Builder
	for i, j := range journeys {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "INVITE %s\n\n", report.Clean(j.URI))
		for n, h := range j.Hops {
			fmt.Fprintf(&b, "  %d. %-7s  %s: %s -> %s\n", n+1, h.Verdict, h.Name, report.Clean(h.From), report.Clean(h.To))
			why := report.Clean(h.Why)
			if h.Rule != "" {
				why += " (" + h.Rule + ")"
			}
			fmt.Fprintf(&b, "              %s\n", why)
			if h.Fix != "" {
				fmt.Fprintf(&b, "              fix: %s\n", h.Fix)
			}
		}
		switch stop := j.Stop(); {
		case stop != nil:
			fmt.Fprintf(&b, "\nstops at %q\n", stop.Name)
		case slices.ContainsFunc(j.Hops, func(h invite.Hop) bool { return h.Verdict == invite.Unknown }):
			b.WriteString("\nnothing known stops it\n")
		default:
			b.WriteString("\narrives\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRoute(w io.Writer, uri string, r resolve.Route) error {
	fmt.Fprintf(w, "request to  %s\n\n", report.Clean(uri))
	for i, c := range r.Candidates {
		taken := "no "
		if c.Taken {
			taken = "yes"
		}
		fmt.Fprintf(w, "  %d. %s  %-12s  %s: %s\n", i+1, taken, c.Hop, report.Clean(c.Target), report.Clean(c.Why))
	}
	var next string
	switch r.Hop {
	case resolve.LocalHop:
		next = "stays with the proxy"
	case resolve.StaticHop:
		next = "static route to " + r.Static.NextHop
		if r.Static.Port != 0 {
			next += ":" + strconv.Itoa(r.Static.Port)
		}
		if r.Static.Protocol != "" {
			next += " over " + r.Static.Protocol
		}
	case resolve.SRVHop:
		next = "the target of the SRV records, else the address of the host"
	default:
		next = "the address of the host"
	}
	_, err := fmt.Fprintf(w, "\nnext hop    %s\n", report.Clean(next))
	return err
}

// readInput reads a file, or standard input for "-", up to the limit for exports and one byte more.
func readInput(ctx context.Context, env *environment, file string) ([]byte, error) {
	in, err := env.open(ctx, file)
	if err != nil {
		return nil, readError(file, err)
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, export.MaxFile+1))
	if err != nil {
		return nil, readError(file, err)
	}
	return data, nil
}

// readError names the file once.
func readError(file string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &export.Error{File: file, Err: err}
}
