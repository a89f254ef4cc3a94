package rules_test

import (
	"slices"
	"strings"
	"testing"

	"cupclint/lint/rules"
	"cupclint/resolve"
)

func TestStaticRoutesAreReadWhole(t *testing.T) {
	const route = "SIPProxy.StaticRoute."
	e := parse(t, "in.properties", strings.Join([]string{
		route + "1.Destination = partner.com", route + "1.Type = domain", route + "1.NextHop = edge", route + "1.Port = 5061",
		route + "1.Protocol = TLS", route + "1.Priority = 2", route + "1.Weight = 3",
		route + "2.Destination = 6...", route + "2.Type = user", route + "2.NextHop = edge.acme.com", route + "2.Port = 0",
		route + "2.Priority =",
		route + "3.NextHop = nowhere",
	}, "\n")+"\n")
	want := []resolve.StaticRoute{
		{Destination: "partner.com", Type: "domain", NextHop: "edge", Port: 5061, Protocol: "TLS", Priority: 2, Weight: 3},
		{Destination: "6...", Type: "user", NextHop: "edge.acme.com", NextHopSRV: true},
	}
	got, places, err := rules.StaticRoutesOf(e)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	if len(places) != 2 || places[0].Value != "partner.com" || places[1].Value != "6..." {
		t.Errorf("places: %v", places)
	}
}

// The routes are read all the same, and the first number that is wrong is the error.
func TestANumberOfAStaticRouteThatIsInvalid(t *testing.T) {
	e := parse(t, "in.properties", "SIPProxy.StaticRoute.1.Destination = partner.com\nSIPProxy.StaticRoute.1.Weight = 65536\n"+
		"SIPProxy.StaticRoute.2.Destination = other.com\nSIPProxy.StaticRoute.2.Priority = high\n")
	routes, _, err := rules.StaticRoutesOf(e)
	const want = `read in.properties:2:33: SIPProxy.StaticRoute.1.Weight: "65536" is not a number from 0 to 65535`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if len(routes) != 2 || routes[1].Destination != "other.com" {
		t.Errorf("routes %+v", routes)
	}
}

func TestWhatTheProxyKnowsOfItself(t *testing.T) {
	e := parse(t, "in.properties", "Presence.Primary.Address = cup1\nPresence.Backup.Address = cup2\nPresence.Backup2.Address =\n"+
		"Cluster.Node.1.Name = cup1\nCluster.Node.2.Name = cup3\nPresence.Domain = acme.com\nSIPProxy.Domain = acme.net\n"+
		"SIPProxy.Alias.1 = a.acme.com\nSIPProxy.Alias.2 = b.acme.com\n")
	p := rules.ProxyOf(e)
	if p.SIPDomain != "acme.net" || strings.Join(p.Nodes, " ") != "cup1 cup2 cup3" || strings.Join(p.Aliases, " ") != "a.acme.com b.acme.com" {
		t.Errorf("%+v", p)
	}
	if p := rules.ProxyOf(parse(t, "in.properties", "Presence.Domain = acme.com\n")); p.SIPDomain != "acme.com" {
		t.Errorf("without a parameter of its own: %+v", p)
	}
}
