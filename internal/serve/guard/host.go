package guard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hostSet are the names as hostOf gives them. Those of loopback are always in it: no foreign name resolves to them in a browser that
// believes them to be its own.
func hostSet(names []string) map[string]bool {
	set := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	for _, n := range names {
		if h := hostOf(n); h != "" {
			set[h] = true
		}
	}
	return set
}

// hostOf is the name in a Host header, without port, in small letters.
func hostOf(header string) string {
	host := header
	if h, port, err := net.SplitHostPort(header); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return ""
		}
		host = h
	} else {
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// checkHost refuses a request that names another server. A name of an attacker that suddenly resolves to this address (DNS rebinding)
// makes a browser send that name. The address that the connection came in at is not a name that can be made to resolve to another.
func (g *Guard) checkHost(r *http.Request) *refusal {
	host := hostOf(r.Host)
	if g.hosts[host] {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if local != nil {
			at, err := netip.ParseAddrPort(local.String())
			if err == nil && at.Addr().Unmap().WithZone("") == ip.Unmap().WithZone("") {
				return nil
			}
		}
	}
	return &refusal{status: http.StatusMisdirectedRequest,
		text: "This server does not serve the host name of the request. Its names are given with --host."}
}

// clientOf is the address that a request comes from, without port.
func clientOf(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "-"
	}
	return at.Addr().Unmap().String()
}
