package collect

import (
	"strings"
	"sync"
	"testing"
)

// Several nodes are asked at the same time, and the command line of each lists all of them. The race detector sees a role that is read
// and written without a lock.
func TestNodesAreNamedByManyAtOnce(t *testing.T) {
	r := &run{manifest: new(Manifest), nodes: []Node{{Name: "cucm1.acme.com"}, {Name: "cups1.acme.com", Role: IMPPublisher, Assumed: true}}}
	var all sync.WaitGroup
	for _, n := range []string{"cucm1.acme.com", "cups1.acme.com", "cups2.acme.com"} {
		all.Go(func() {
			s := &cliSession{run: r, node: Node{Name: n}}
			r.discovered(CUCMPublisher, "cucm1.acme.com")
			r.discovered(IMPSubscriber, "cups1.acme.com")
			r.discovered(IMPPublisher, "cups2.acme.com", "192.0.2.7")
			s.node.Role = r.role(s.node)
			_ = s.publisher()
		})
	}
	all.Wait()
	if r.nodes[0].Role != CUCMPublisher || r.nodes[1].Role != IMPSubscriber || r.nodes[1].Assumed {
		t.Errorf("nodes: %+v", r.nodes)
	}
	found := 0
	for _, n := range r.manifest.Nodes {
		if n.Name == "cups2.acme.com" && n.Role == IMPPublisher {
			found++
		}
	}
	if found != 1 || len(r.manifest.Nodes) != 3 {
		t.Errorf("in the manifest: %+v", r.manifest.Nodes)
	}
}

func TestNodesThatARequestIsFor(t *testing.T) {
	asked := func(request string) string {
		var roles []string
		for _, s := range Steps() {
			if s.Text != request {
				continue
			}
			for _, r := range []Role{Unknown, CUCMPublisher, CUCMSubscriber, IMPPublisher, IMPSubscriber} {
				switch yes, maybe := s.asks(r); {
				case yes:
					roles = append(roles, string(r))
				case maybe:
					roles = append(roles, "maybe")
				}
			}
		}
		return strings.Join(roles, " ")
	}
	for request, want := range map[string]string{
		"show tech notify":     "maybe cucm-publisher",
		"show status":          " cucm-publisher cucm-subscriber imp-publisher imp-subscriber",
		"utils ha status":      "maybe imp-publisher imp-subscriber",
		"show tech params all": "",
	} {
		if got := asked(request); got != want {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
	}
}
