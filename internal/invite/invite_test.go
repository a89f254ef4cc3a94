package invite_test

import (
	"os"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/invite"
)

func read(t *testing.T, text string) *export.Export {
	t.Helper()
	e, err := new(export.Reader).Parse("deployment.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// verdicts are those of all hops, one letter each: p, s, u.
func verdicts(j invite.Journey) string {
	var b strings.Builder
	for _, h := range j.Hops {
		b.WriteByte(h.Verdict[0])
	}
	return b.String()
}

const whole = `Presence.Primary.Address = cup1
Presence.Domain = acme.com
Cluster.Node.1.Address = 10.10.1.5
SIPProxy.IncomingACL.1 = 10.10.9.21
OCS.FrontEnd.1.Address = 10.10.9.21
OCS.StaticRoute.1.Domain = acme.com
OCS.StaticRoute.1.NextHop = 10.10.1.5
OCS.HostAuthorization.1 = 10.10.1.5
OCS.Pool.Address = 10.10.9.21
CTIGateway.ApplicationUser = ctigw
CTIGateway.ApplicationUserGroup.1 = Standard CTI Enabled
CTIGateway.ApplicationUserGroup.2 = Standard CTI Allow Control of All Devices
`

func TestEachFaultStopsTheInviteAtItsHop(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string // what is replaced in the description
		uri, want      string
	}{
		{"as it should be", "", "", "sip:6002@acme.com", "ppppppp"},
		{"another domain", "", "", "sip:6002@acme.net", "pspsppp"},
		{"a route to somewhere else", "NextHop = 10.10.1.5", "NextHop = 10.10.1.6", "sip:6002@acme.com", "psppppp"},
		{"a node name in the route", "NextHop = 10.10.1.5", "NextHop = CUP1.acme.com", "sip:6002@acme.com", "ppppppp"},
		{"no entry for the front end", "IncomingACL.1 = 10.10.9.21", "IncomingACL.1 = 10.10.9.22", "sip:6002@acme.com", "ppspppp"},
		{"groups in another order", "CTIGateway.ApplicationUserGroup.1", "CTIGateway.ApplicationUserGroup.9", "sip:6002@acme.com", "ppppppp"},
		{"no group", "Standard CTI Enabled", "Standard CCM End Users", "sip:6002@acme.com", "ppppspp"},
		{"the name in host authorization", "HostAuthorization.1 = 10.10.1.5", "HostAuthorization.1 = cup1", "sip:6002@acme.com", "pppppsp"},
		{"a balancer", "Pool.Address = 10.10.9.21", "Pool.Address = 10.10.9.100", "sip:6002@acme.com", "pppppps"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := invite.Follow(read(t, strings.Replace(whole, tt.from, tt.to, 1)), tt.uri, 0)
			if got := verdicts(j); got != tt.want {
				t.Errorf("verdicts %s, want %s: %+v", got, tt.want, j.Stop())
			}
			if j.Arrives != !strings.Contains(tt.want, "s") {
				t.Errorf("arrives %v", j.Arrives)
			}
		})
	}
}

func TestAURIThatCannotBeReadStopsAtOnce(t *testing.T) {
	j := invite.Follow(read(t, whole), "6002", 0)
	if stop := j.Stop(); stop == nil || stop.Name != "addresses" || stop.Fix == "" {
		t.Errorf("%+v", stop)
	}
}

func TestWhatIsNotDescribedIsUnknown(t *testing.T) {
	j := invite.Follow(read(t, "CallControl.Primary.Address = cucm1\n"), "sip:6002@acme.com", 0)
	if got := verdicts(j); got != "puuuuuu" {
		t.Errorf("verdicts %s", got)
	}
}

// A finding about one OCS user does not stop the INVITE of another.
func TestUsersAreToldApart(t *testing.T) {
	text := whole + "OCS.User.1.ServerURI = sip:6002@acme.com\nOCS.User.1.LineURI = tel:6003\nOCS.User.2.ServerURI = " +
		"sip:6004@acme.com\nOCS.User.2.LineURI = tel:6004\n"
	e := read(t, text)
	uris, users := invite.URIs(e)
	if len(uris) != 2 {
		t.Fatalf("%v", uris)
	}
	for i, want := range []string{"spppppp", "ppppppp"} {
		if got := verdicts(invite.Follow(e, uris[i], users[i])); got != want {
			t.Errorf("user %d: %s, want %s", users[i], got, want)
		}
	}
}

func TestFixturesGoBothWays(t *testing.T) {
	for path, arrives := range map[string]bool{"right": true, "broken": false} {
		data, err := os.ReadFile("../../fixtures/" + path + "/services/deployment.yaml")
		if err != nil {
			t.Fatal(err)
		}
		e, err := new(export.Reader).Parse("deployment.yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		uris, users := invite.URIs(e)
		if j := invite.Follow(e, uris[0], users[0]); j.Arrives != arrives {
			t.Errorf("%s: %+v", path, j.Stop())
		}
	}
}
