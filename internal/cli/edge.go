package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/jabbercheck/edge"
	"cupclint/lint"
	"cupclint/resolve"
)

// edgeFlags are the flags of `cupclint edge`.
type edgeFlags struct {
	probeFlags
	views viewFlags
	ask   resolverFlags
	names dnscheck.Options
}

// viewFlags say who answers for clients outside.
type viewFlags struct {
	outside []string
	view    string
}

func (f *viewFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.outside, "outside", nil,
		"ask this one as clients outside the network do: `IP[:PORT]` or tls://IP[:PORT][#NAME]; may be repeated")
	fl.StringVar(&f.view, "view", "auto", "where the resolvers of --resolver answer: inside, outside, or auto: concluded from the records")
	mainFlags.put(cmd, "outside", "view")
}

// fill puts the flags into the options of names.
func (f *viewFlags) fill(o *dnscheck.Options) (err error) {
	if o.View, err = dnscheck.ParseView(f.view); err != nil {
		return fmt.Errorf("--view: %w", err)
	}
	if len(f.outside) > 0 && o.View == dnscheck.ViewOutside {
		return errors.New("--outside and --view outside: with both, no resolver answers for clients inside. Give only one of the two")
	}
	if o.Outside, err = parseResolvers("outside", f.outside); err != nil {
		return err
	}
	for _, r := range o.Outside {
		if slices.ContainsFunc(o.Resolvers, func(in wire.Resolver) bool { return in.String() == r.String() }) {
			return fmt.Errorf("--outside %s: clients inside ask the same resolver. Name one of another network, or use --view outside", r)
		}
	}
	return nil
}

func newEdgeCmd(env *environment) *cobra.Command {
	f := &edgeFlags{}
	cmd := &cobra.Command{
		Use:   "edge DOMAIN... | PATH...",
		Short: "Check Mobile and Remote Access: the Expressway-E and its DNS records, inside and outside",
		Long: `Checks Mobile and Remote Access (MRA) as a Jabber client outside the network uses it. Asks for the records of service
discovery, _cisco-uds._tcp, _cuplogin._tcp and _collab-edge._tls, in the view of clients inside (--resolver) and in that of clients
outside (--outside). Contacts every target of the record _collab-edge that is visible outside: HTTPS on the port of the record (8443)
with its certificate, XMPP on port 5222 and SIP over TLS on port 5061. Findings EDGE101 to EDGE107, and those of cupclint dns about
the domain (DNS107, DNS108, DNS113).

With one view only, --view says whether its resolvers answer as inside or outside. With --view auto this is concluded from the
records, and the output says so: the record _collab-edge without the other two is what clients outside see.

An argument that is a file or folder is an export: the domains are VoiceServicesDomain, else the services domain, else the presence
domain of clients of the XMPP generation.

No log-in is made. Behind the three ports nothing is checked: see docs/edge.md.`,
		Example: `  cupclint edge --outside 9.9.9.9 example.com           both views: this computer's resolvers and a public one
  cupclint edge --view outside example.com              this computer is outside the network
  cupclint edge --resolver 10.1.1.53 --outside 9.9.9.9 exports/`,
		RunE: func(cmd *cobra.Command, args []string) error { return runEdge(cmd, env, f, args) },
	}
	f.views.register(cmd)
	f.ask.addSystem(cmd.Flags(), "")
	advancedFlags.put(cmd, "resolv-conf")
	f.registerCA(cmd)
	f.registerNetwork(cmd, "as clients inside the network do")
	registerCertificateDays(cmd)
	f.registerReport(cmd, "domain")
	return cmd
}

// edgeDomains divides the arguments into domains and exports.
func edgeDomains(args []string) (requests []edge.Request, paths []string, err error) {
	for _, arg := range args {
		switch {
		case isPath(arg):
			paths = append(paths, arg)
		case !edge.Usable(arg): // not repeated: an account and a password may be a part of it
			return nil, nil, errors.New("an argument is neither a file nor a domain such as example.com")
		default:
			requests = append(requests, edge.Request{Domain: arg})
		}
	}
	return requests, paths, nil
}

func runEdge(cmd *cobra.Command, env *environment, f *edgeFlags, args []string) error {
	if len(args) == 0 {
		return errors.New("nothing to ask: give domains, or exports that name some")
	}
	requests, paths, err := edgeDomains(args)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, paths, f.observations)
	if err != nil {
		return err
	}
	if len(paths) > 0 {
		run.read(ctx, func(e *export.Export) {
			in := lint.NewInput(e)
			in.Generation = resolve.XMPP // who asks for the edge has such clients
			requests = append(requests, edge.FromInput(in)...)
		})
	}
	tools, err := f.prepare(ctx, env)
	if err != nil {
		return err
	}
	domains := edge.Domains(&f.names)
	seen := probeAll(ctx, run, domains, tools, domains.Merge(requests), f.quiet)
	names, err := f.dns(ctx, seen)
	if err != nil {
		run.failed("DNS", err)
	}
	if err := f.saveObservations(env, map[string]any{"edge": orEmpty(seen)}); err != nil {
		return err
	}
	return run.report(append(edge.Judge(seen, run.conf.CertificateSoon()), names...))
}

// prepare makes the tools of a probe that never logs in, and fills f.names.
func (f *edgeFlags) prepare(ctx context.Context, env *environment) (area.Tools, error) {
	f.ask.types, f.ask.concurrency, f.ask.timeout = []string{"srv", "a", "aaaa"}, wire.DefaultOutstanding, wire.DefaultTimeout
	f.ask.resolvers, f.ask.caFile = f.resolvers, f.caFile
	names, err := f.ask.options(ctx, env)
	if err != nil {
		return area.Tools{}, err
	}
	if err := f.views.fill(&names); err != nil {
		return area.Tools{}, err
	}
	f.names = names
	p, _, err := f.tools(ctx, env)
	if err != nil {
		return area.Tools{}, err
	}
	f.close() // hosts are looked up in the view that names them
	return area.Tools{Prober: p}, nil
}

// dns judges by the rules of DNS what the resolvers inside say about the domains.
func (f *edgeFlags) dns(ctx context.Context, seen []*edge.Observation) ([]lint.Finding, error) {
	var out []lint.Finding
	for _, o := range seen {
		subject := &dnscheck.Subject{Name: o.Domain, Kind: dnscheck.Domain, Generation: resolve.XMPP, Uses: []dnscheck.Use{{
			Role: dnscheck.RoleServices, Place: dnscheck.Place{
				File: o.Place.File, Key: o.Place.Key, Line: o.Place.Line, Column: o.Place.Column, EndLine: o.Place.EndLine,
				EndColumn: o.Place.EndColumn,
				Source:    o.Place.Source, SourceColumn: o.Place.SourceColumn,
			},
		}}}
		names := f.names
		if len(o.Views) > 0 {
			names.View = o.Views[0].View
		}
		result, err := dnscheck.Check(ctx, []*dnscheck.Subject{subject}, names)
		if err != nil {
			return out, err
		}
		out = append(out, result.Findings...)
	}
	return out, nil
}
