package cluster_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cupclint/internal/lab/cluster"
)

// Two requests of AXL at the same time are a fault of the client. A request that its client gave up is not under way any more, also if
// the server has not seen that yet.
func TestRequestsAtTheSameTime(t *testing.T) {
	for name, gaveUp := range map[string]bool{"side by side": false, "one after the other": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster.New(cluster.Config{Nodes: []cluster.Node{{Name: "cucm1", Role: "cucm"}}, User: "reader", Password: "x",
				Schemas: []string{"14.0"}, Switches: []cluster.Switch{cluster.AXLSilent}})
			entered := make(chan struct{}, 2)
			see, seen := context.WithCancel(context.Background())
			web := c.Web("cucm1")
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if len(entered) == 0 { // the first one: the server sees late that its client went away
					r = r.WithContext(see)
				}
				entered <- struct{}{}
				web.ServeHTTP(w, r)
			}))
			defer server.Close()
			defer seen()
			ask := func(ctx context.Context, operation string) {
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/axl/", strings.NewReader(`<e:Envelope xmlns:e="http://`+
					`schemas.xmlsoap.org/soap/envelope/"><e:Body><n:`+operation+` xmlns:n="http://www.cisco.com/AXL/API/14.0"><searchCriteria>`+
					`<name>%</name></searchCriteria></n:`+operation+`></e:Body></e:Envelope>`))
				if err != nil {
					t.Error(err)
					return
				}
				r.SetBasicAuth("reader", "x")
				r.Header.Set("SOAPAction", "CUCM:DB ver=14.0 "+operation)
				if answer, err := http.DefaultClient.Do(r); err == nil {
					answer.Body.Close()
				}
			}
			first, giveUp := context.WithCancel(context.Background())
			defer giveUp()
			over := make(chan struct{})
			go func() { defer close(over); ask(first, "listLdapDirectory") }()
			for len(c.Requests()) == 0 {
				time.Sleep(time.Millisecond)
			}
			if gaveUp {
				giveUp()
				<-over
				time.AfterFunc(100*time.Millisecond, seen)
			}
			ask(context.Background(), "listProcessNode")
			if faults := c.Faults(); (len(faults) == 0) != gaveUp {
				t.Errorf("faults: %q", faults)
			}
		})
	}
}
