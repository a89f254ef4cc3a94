package sipcheck

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// CTIManagers come from settings of every generation, from UC services and, if there are none, from lists of nodes.
func TestWhereManagersComeFrom(t *testing.T) {
	const text = "CallControl.Primary.Address = a.acme.net\nCallControl.Primary.Port = 2749\nJabber.Phone.CtiServer1 = b.acme.net\n" +
		"Jabber.Bootstrap.CTI = c.acme.net\nUCService.1.Type = CTI\nUCService.1.Address = d.acme.net\nUCService.2.Type = Voicemail\n" +
		"UCService.2.Address = no.acme.net\nCluster.Node.1.Name = e.acme.net\nCluster.Node.1.Role = callmanager\n" +
		"Cluster.Node.2.Name = imp.acme.net\nCluster.Node.2.Role = cups\nCluster.Node.3.Name = unsaid.acme.net\n"
	path := filepath.Join(t.TempDir(), "a.properties")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range new(export.Reader).Read(t.Context(), export.Source{Name: path}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range FromExport(e).CTI {
			got = append(got, fmt.Sprintf("%s %s %v", r.Target, r.Target.Security, r.Listed))
		}
	}
	want := "a.acme.net:2749 tls false; b.acme.net:2748 plain false; c.acme.net:2748 plain false; d.acme.net:2748 plain false; " +
		"e.acme.net:2748 plain true"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// A node that only a list names need not run CTIManager.
func TestListedManagers(t *testing.T) {
	manager := func(listed, works bool) *CTIObservation {
		o := &CTIObservation{Listed: listed, Held: works}
		o.Target = probe.Target{Host: "cucm", Port: 2748}
		if !works {
			o.Error = &probe.Error{Class: probe.Refused, Phase: probe.Connect}
		}
		return o
	}
	for _, c := range []struct {
		name string
		seen []*CTIObservation
		want []lint.Severity
	}{
		{"set", []*CTIObservation{manager(false, false)}, []lint.Severity{lint.Error}},
		{"set, and a node", []*CTIObservation{manager(false, true), manager(true, false)}, []lint.Severity{lint.Info}},
		{"one of two nodes", []*CTIObservation{manager(true, true), manager(true, false)}, []lint.Severity{lint.Info}},
		{"none of two nodes", []*CTIObservation{manager(true, false), manager(true, false)}, []lint.Severity{lint.Warning, lint.Warning}},
	} {
		var got []lint.Severity
		for _, f := range Judge(nil, c.seen, JudgeOptions{}) {
			got = append(got, f.Severity)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
