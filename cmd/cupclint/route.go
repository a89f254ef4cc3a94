package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/report"
	"cupclint/resolve"
)

func newRouteCmd(env *environment) *cobra.Command {
	var file, format, inputFormat string
	cmd := &cobra.Command{
		Use:   "route URI --config FILE",
		Short: "Say where the SIP proxy sends a request next",
		Long: `Says whether the SIP proxy keeps a request to the URI, hands it to a static route, or asks DNS, and why each way was taken or not.
Nothing is looked up.

FILE describes the proxy in any format that lint reads: Presence.Domain or SIPProxy.Domain, Presence.Primary.Address and
Cluster.Node.1.Name, SIPProxy.Alias.1, SIPProxy.StaticRoute.1.Destination and so on; see cupclint keys.`,
		Example: `  cupclint route sip:6002@acme.com --config servers.yaml
  cupclint route 'sip:bob@partner.net;transport=tls' --config servers.yaml --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
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
			u, err := resolve.ParseURI(args[0])
			if err != nil {
				return err
			}
			proxy, routes, err := readProxy(env, file, force)
			if err != nil {
				return unreadable(err)
			}
			r := resolve.NextHop(u, proxy, routes)
			if format == "json" {
				enc := json.NewEncoder(env.stdout)
				enc.SetEscapeHTML(false)
				return enc.Encode(struct {
					URI string `json:"uri"`
					resolve.Route
				}{resolve.RedactURI(args[0]), r})
			}
			return writeRoute(env.stdout, resolve.RedactURI(args[0]), r)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the file that describes the proxy")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().StringVar(&inputFormat, "input-format", "auto", "take the file for this format")
	return cmd
}

// readProxy takes from an export what the proxy knows of itself.
func readProxy(env *environment, file string, force export.Format) (resolve.Proxy, []resolve.StaticRoute, error) {
	data, err := readInput(env, file)
	if err != nil {
		return resolve.Proxy{}, nil, err
	}
	e, err := (&export.Reader{Force: force}).Parse(file, data)
	if err != nil {
		return resolve.Proxy{}, nil, err
	}
	var p resolve.Proxy
	p.SIPDomain, _ = e.Value(export.PresenceDomain)
	if d, ok := e.Value(export.SIPProxyDomain); ok {
		p.SIPDomain = d // the server's own word
	}
	for i := range e.Properties {
		switch prop := &e.Properties[i]; prop.Key {
		case export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address, export.ClusterNodeName:
			if prop.Value != "" {
				p.Nodes = append(p.Nodes, prop.Value)
			}
		case export.SIPProxyAlias:
			p.Aliases = append(p.Aliases, prop.Value)
		}
	}
	routes, err := staticRoutes(e)
	return p, routes, err
}

// staticRoutes returns the routes in the order of the file.
func staticRoutes(e *export.Export) ([]resolve.StaticRoute, error) {
	var routes []resolve.StaticRoute
	for d := range e.All(export.SIPProxyStaticRouteDestination) {
		r := resolve.StaticRoute{Destination: d.Value}
		for _, text := range []struct {
			key export.KeyID
			to  *string
		}{{export.SIPProxyStaticRouteNextHop, &r.NextHop}, {export.SIPProxyStaticRouteProtocol, &r.Protocol}} {
			for p := range e.All(text.key) {
				if p.N == d.N {
					*text.to = p.Value
				}
			}
		}
		for _, number := range []struct {
			key export.KeyID
			to  *int
		}{{export.SIPProxyStaticRoutePort, &r.Port}, {export.SIPProxyStaticRoutePriority, &r.Priority}, {export.SIPProxyStaticRouteWeight, &r.Weight}} {
			for p := range e.All(number.key) {
				if p.N != d.N || p.Value == "" {
					continue
				}
				n, err := strconv.ParseUint(p.Value, 10, 16)
				if err != nil {
					at := e.Range(p)
					return nil, &export.Error{File: e.File, Line: at.Line, Column: at.Column, Err: fmt.Errorf("%s: %q is no number from 0 to 65535", p.Canonical(), p.Value)}
				}
				*number.to = int(n)
			}
		}
		routes = append(routes, r)
	}
	return routes, nil
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
		next = "whatever the SRV records say, else the address of the host"
	default:
		next = "the address of the host"
	}
	_, err := fmt.Fprintf(w, "\nnext hop    %s\n", report.Clean(next))
	return err
}

// readInput reads a file, or standard input for "-", up to what an export may have and one byte more.
func readInput(env *environment, file string) ([]byte, error) {
	in := env.stdin
	if file != export.Stdin {
		f, err := os.Open(file)
		if err != nil {
			return nil, readError(file, err)
		}
		defer f.Close()
		in = f
	}
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
