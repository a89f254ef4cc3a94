package live

import (
	"cupclint/internal/probe"
	"cupclint/lint"
)

// RuleWebProxy is UDS110, which judges every server that is asked over HTTP.
const RuleWebProxy lint.Live = "UDS110"

// WebProxy is UDS110 where the environment of this computer sets a web proxy for the server. server names it in a sentence.
func WebProxy(server string, o *probe.Observation) []lint.Finding {
	if o.Proxy == "" {
		return nil
	}
	f := RuleWebProxy.New(probe.Clean(o.Target.String())+" proxy",
		"the environment of this computer sets the web proxy %s for %s. Jabber uses the proxy settings of the PC. If the proxy cannot reach "+
			"internal servers, the log-in fails", o.Proxy, server)
	f.Evidence = []string{"HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment; this probe connected directly"}
	f.Fix = "Add the servers, or the internal domain, to the proxy exceptions (NO_PROXY here; Internet Options > Connections > LAN " +
		"settings, or the PAC file, on a PC with Windows)."
	return []lint.Finding{f}
}
