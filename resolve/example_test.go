package resolve_test

import (
	"fmt"
	"strings"

	"cupclint/resolve"
)

func ExamplePresence() {
	a := resolve.Presence("cups.cisco.com", "CISCO.COM")
	fmt.Println(a.For("alice"), a.Step, a.Verdict(), a.Rules())
	fmt.Println(strings.ReplaceAll(a.Reason(), ". ", ".\n"))
	fmt.Println(a.Fixes(resolve.CaseMismatch))
	// Output: alice@cups.cisco.com.CISCO.COM domain-appended wrong [PRES002]
	// The node name "cups.cisco.com" ends with the domain "CISCO.COM" only if upper and lower case are ignored.
	// The client does not ignore them and appends the domain again.
	// [{domain cisco.com}]
}

func ExampleAddress_Explain() {
	for _, line := range resolve.Presence("cup1", "cisco.com").Explain() {
		fmt.Println(line.Question, line.Answer)
	}
	// Output:
	// Is the node name "cup1" dotted decimal (four numbers, 0 to 255)? no
	// Does it end with the domain "cisco.com", byte for byte? no
	// Neither, so a dot and the domain are appended: the address is "cup1.cisco.com"
}

func ExampleNextHop() {
	u, err := resolve.ParseURI("sip:6002@acme.com;transport=tcp")
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy := resolve.Proxy{SIPDomain: "cisco.com", Nodes: []string{"cup1"}}
	routes := []resolve.StaticRoute{{Destination: "7...", NextHop: "cucm1"}}
	r := resolve.NextHop(u, proxy, routes)
	for _, c := range r.Candidates {
		fmt.Printf("%s %s, taken: %v, %s\n", c.Hop, c.Target, c.Taken, c.Why)
	}
	// Output:
	// local acme.com, taken: false, it is neither the SIP domain, a node name, node name and SIP domain, nor an alias
	// static-route 7..., taken: false, the destination does not match
	// srv _sip._tcp.acme.com, taken: true, no static route matches, so DNS is used
	// address acme.com, taken: false, used if there is no SRV record
}
