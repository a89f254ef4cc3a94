package cli

import (
	"net/url"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpproxy"
)

// registerWebProxy adds the flag that has the web proxy of the environment reported.
func registerWebProxy(cmd *cobra.Command, on *bool) {
	cmd.Flags().BoolVar(on, "web-proxy", false, "report where the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) sets a web proxy for a "+
		"server of Jabber; probes connect directly in any case")
	advancedFlags.put(cmd, "web-proxy")
}

// webProxy names the proxy that the environment sets for a URL as host and port, or nothing. An account in it is left out.
func webProxy(env *environment) func(string) string {
	either := func(upper, lower string) string { return or(env.getenv(upper), env.getenv(lower)) }
	conf := httpproxy.Config{
		HTTPProxy: either("HTTP_PROXY", "http_proxy"), HTTPSProxy: either("HTTPS_PROXY", "https_proxy"), NoProxy: either("NO_PROXY", "no_proxy"),
	}
	find := conf.ProxyFunc()
	return func(target string) string {
		u, err := url.Parse(target)
		if err != nil {
			return ""
		}
		proxy, err := find(u)
		if err != nil || proxy == nil {
			return "" // what cannot be read as a proxy is none
		}
		return proxy.Host
	}
}
