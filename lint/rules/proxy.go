package rules

import (
	"fmt"
	"slices"
	"strconv"

	"cupclint/export"
	"cupclint/resolve"
)

// ProxyOf takes from an export what the SIP proxy knows of itself. The proxy's own domain parameter counts before the client's.
func ProxyOf(e *export.Export) resolve.Proxy {
	var p resolve.Proxy
	p.SIPDomain, _ = e.Value(export.PresenceDomain)
	if d, ok := e.Value(export.SIPProxyDomain); ok {
		p.SIPDomain = d
	}
	for node := range e.AllOf(export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address,
		export.ClusterNodeName) {
		if node.Value != "" && !slices.Contains(p.Nodes, node.Value) {
			p.Nodes = append(p.Nodes, node.Value)
		}
	}
	for alias := range e.All(export.SIPProxyAlias) {
		p.Aliases = append(p.Aliases, alias.Value)
	}
	return p
}

// StaticRoutesOf returns the proxy's static routes in the order of the export, each with the property that is its destination. An
// invalid number is an *export.Error; the other routes are returned with it.
func StaticRoutesOf(e *export.Export) (routes []resolve.StaticRoute, places []*export.Property, err error) {
	for d := range e.All(export.SIPProxyStaticRouteDestination) {
		r := resolve.StaticRoute{Destination: d.Value}
		for p := range all(e, d.N, export.SIPProxyStaticRouteType, export.SIPProxyStaticRouteNextHop, export.SIPProxyStaticRouteProtocol) {
			switch p.Key {
			case export.SIPProxyStaticRouteType:
				r.Type = resolve.RouteType(p.Value)
			case export.SIPProxyStaticRouteNextHop:
				r.NextHop = p.Value
			default:
				r.Protocol = p.Value
			}
		}
		for p := range all(e, d.N, export.SIPProxyStaticRoutePort, export.SIPProxyStaticRoutePriority, export.SIPProxyStaticRouteWeight) {
			if p.Value == "" {
				continue
			}
			n, wrong := strconv.ParseUint(p.Value, 10, 16)
			if wrong != nil && err == nil {
				at := e.Range(p)
				err = &export.Error{File: e.File, Line: at.Line, Column: at.Column,
					Err: fmt.Errorf("%s: %q is not a number from 0 to 65535", written(p), p.Value)}
			}
			switch p.Key {
			case export.SIPProxyStaticRoutePort:
				r.Port, r.NextHopSRV = int(n), p.Value == "0"
			case export.SIPProxyStaticRoutePriority:
				r.Priority = int(n)
			default:
				r.Weight = int(n)
			}
		}
		routes, places = append(routes, r), append(places, d)
	}
	return routes, places, err
}

// all yields the members with the number n of several indexed keys.
func all(e *export.Export, n int, keys ...export.KeyID) func(yield func(*export.Property) bool) {
	return func(yield func(*export.Property) bool) {
		for _, k := range keys {
			for p := range e.All(k) {
				if p.N == n && !yield(p) {
					return
				}
			}
		}
	}
}
