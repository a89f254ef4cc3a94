package uds

import (
	"net/http"
	"strings"
	"testing"

	"cupclint/internal/probe/web"
)

// FuzzAnswer feeds answers of the service: reading ends, and what is kept is bounded and safe to show.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`<versionInformation version="1"><version>14</version></versionInformation>`))
	f.Add([]byte(`<clusterUser><result found="true"/><homeCluster serversUri="x">a</homeCluster></clusterUser>`))
	f.Add([]byte(`<user><homeCluster enableImAndPresence="true">true</homeCluster><imAndPresence><server>a</server></imAndPresence></user>`))
	f.Add([]byte("<servers><server>\x1b[31m</server><server>&#27;</server></servers>"))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b \"c\">]><servers>&b;</servers>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, root := range []string{"versionInformation", "servers", "clusterUser", "user"} {
			asked, e := read(&web.Answer{Status: http.StatusOK, Header: http.Header{}, Body: body}, root)
			if (e == nil) == asked.good() {
				t.Errorf("an element: %t, good: %t", e != nil, asked.good())
			}
			if e == nil {
				continue
			}
			v, s, c, u := new(Version), new(Servers), new(ClusterUser), new(User)
			v.read(e)
			s.read(e)
			c.read(e)
			u.read(e)
			texts := append([]string{v.Version, v.Schema, asked.Bad}, append(c.Homes, u.PresenceServers...)...)
			for _, x := range s.Servers {
				texts = append(texts, x.Name)
			}
			for _, text := range texts {
				if len(text) > 500 || strings.ContainsAny(text, "\x00\x1b\r\n") {
					t.Errorf("%q is not safe to show", text)
				}
			}
			if len(s.Servers) > maxServers || len(c.Homes) > maxHomes {
				t.Errorf("%d servers, %d homes", len(s.Servers), len(c.Homes))
			}
		}
	})
}
