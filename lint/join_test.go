package lint

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
)

// everyFact finds each member of a deployment, with the deployment's name.
var everyFact = &Rule{
	ID: "T009", Name: "every-fact", Area: "test", Severity: Info, Kind: JoinedKind,
	Joined: func(d *Deployment) []Finding {
		var found []Finding
		for m, f := range d.Facts(export.PresencePrimaryAddress, export.ClusterNodeName) {
			fd := d.At(f, "%s has %s", d.Name, f.Value)
			fd.Related = []Related{m.facts[0].Related("first")}
			found = append(found, fd)
		}
		return found
	},
}

func joined(t *testing.T, files map[string]string, policy *Policy, jobs int) (deployments []string, findings []string) {
	t.Helper()
	result, err := Run(context.Background(), Options{
		Sources: folder(t, files), Rules: []*Rule{everyFact}, Policy: policy, Jobs: jobs, Deployments: true, NewReader: newTestReader,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for _, d := range result.Deployments {
		text := fmt.Sprintf("%v", d.Joined)
		for i, members := range [][]*Member{d.Members, d.Apart} {
			for _, m := range members {
				text += " " + []string{"", "-"}[i] + base(m.File)
				if m.Exports > 1 {
					text += fmt.Sprint("*", m.Exports)
				}
			}
		}
		for _, n := range d.Shared {
			text += " " + n.Name
		}
		deployments = append(deployments, text)
	}
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, base(f.File)+": "+f.Message)
	}
	return deployments, findings
}

func base(file string) string { return file[strings.LastIndexByte(file, '/')+1:] }

const (
	clusterOne = "Cluster.Node.1.Name = cup1.acme.com\nCluster.Node.2.Name = cup2.acme.com\n"
	clusterTwo = "Cluster.Node.1.Name = cup1.acme.net\n"
	directory  = "CUCM.LDAPAuthentication.Server.1.Address = dc1.acme.com\n"
)

func client(node string) string {
	return "Presence.Primary.Address = " + node + "\nPresence.Domain = acme.com\n"
}

func TestWhatBelongsTogether(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"clients alone", map[string]string{"a.txt": client("cup1"), "b.txt": client("cup2")}, nil},
		{"a server alone", map[string]string{"s.txt": clusterOne}, nil},
		{"the same node", map[string]string{"a.txt": client("cup1.acme.com"), "s.txt": clusterOne}, []string{"true a.txt s.txt cup1.acme.com"}},
		{"as a bare name, in another case, with blanks", map[string]string{"a.txt": client("CUP1 "), "s.txt": clusterOne},
			[]string{"true a.txt s.txt cup1.acme.com"}},
		{"no node in common", map[string]string{"a.txt": client("cup9"), "s.txt": clusterOne}, []string{"false -a.txt -s.txt"}},
		{"clients that say the same are one", map[string]string{"a.txt": client("cup1"), "b.txt": client("cup1"), "s.txt": clusterOne},
			[]string{"true a.txt*2 s.txt cup1.acme.com"}},
		{"what names no node belongs to the only cluster",
			map[string]string{"a.txt": client("cup1"), "d.txt": directory, "s.txt": clusterOne, "w.txt": client("cup9")},
			[]string{"true a.txt d.txt s.txt w.txt cup1.acme.com"}},
		{"two clusters", map[string]string{"a.txt": client("cup1.acme.com"), "b.txt": client("cup1.acme.net"), "d.txt": directory,
			"s.txt": clusterOne, "t.txt": clusterTwo},
			[]string{"true a.txt s.txt cup1.acme.com", "true b.txt t.txt -d.txt cup1.acme.net"}},
		{"a bare name that fits two belongs to neither", map[string]string{"a.txt": client("cup1"), "s.txt": clusterOne, "t.txt": clusterTwo},
			[]string{"false -a.txt -s.txt -t.txt"}},
		{"a wrong full name of a client does not hide the right one",
			map[string]string{"a.txt": client("cup1"), "b.txt": client("cup1.lab"), "s.txt": clusterOne},
			[]string{"true a.txt b.txt s.txt cup1.acme.com"}},
		{"folders are apart", map[string]string{"x/a.txt": client("cup1"), "y/s.txt": clusterOne}, nil},
		{"folders are judged one by one",
			map[string]string{"x/a.txt": client("cup1"), "x/s.txt": clusterOne, "y/a.txt": client("cup2"), "y/s.txt": clusterOne},
			[]string{"true a.txt s.txt cup1.acme.com", "true a.txt s.txt cup2.acme.com"}},
	} {
		for _, jobs := range []int{1, 4} {
			got, _ := joined(t, tt.files, nil, jobs)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s, %d jobs: %q, want %q", tt.name, jobs, got, tt.want)
			}
		}
	}
}

func TestTheConfigurationNamesDeployments(t *testing.T) {
	named := func(paths ...string) DeploymentPaths {
		d := DeploymentPaths{Name: "hq", Origin: Origin{"c.yaml", 3, 5}}
		for _, p := range paths {
			d.Paths = append(d.Paths, Glob{Pattern: p})
		}
		return d
	}
	files := map[string]string{"x/a.txt": client("cup9"), "x/b.txt": client("cup1"), "y/s.txt": clusterOne}
	policy, err := NewPolicy(nil, Settings{Deployments: []DeploymentPaths{named("**/x/a.txt", "**/y")}})
	if err != nil {
		t.Fatal(err)
	}
	got, findings := joined(t, files, policy, 2)
	if want := []string{"true a.txt s.txt"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if want := []string{"a.txt: hq has cup9", "s.txt: hq has cup1.acme.com", "s.txt: hq has cup2.acme.com"}; !slices.Equal(findings, want) {
		t.Errorf("%q, want %q", findings, want)
	}
	for _, wrong := range []DeploymentPaths{{Name: "hq"}, {Paths: []Glob{{Pattern: "a"}}}, named("/a"), named("[")} {
		if _, err := NewPolicy(nil, Settings{Deployments: []DeploymentPaths{wrong}}); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}

// However many different exports there are, and in whatever order they are read, a run keeps the same bounded number.
func TestFactsAreBounded(t *testing.T) {
	inputs := make([]*Input, 3*maxMembers)
	for i := range inputs {
		inputs[i] = read(t, fmt.Sprintf("Presence.Primary.Address = cup%d\n", i))
		inputs[i].File, inputs[i].Index = fmt.Sprintf("x/%04d.txt", i), i
	}
	gather := func(order []int, parts int) *group {
		whole := newGatherer(new(Policy))
		gatherers := make([]*gatherer, parts)
		for i := range gatherers {
			gatherers[i] = newGatherer(new(Policy))
		}
		for n, i := range order {
			gatherers[n%parts].add(inputs[i], inputs[i].File)
		}
		for _, g := range gatherers {
			whole.merge(g)
		}
		return whole.groups["fx"]
	}
	order := make([]int, len(inputs))
	for i := range order {
		order[i] = i
	}
	want := gather(order, 1)
	if len(want.members) != maxMembers || want.exports != len(order) {
		t.Fatalf("%d members of %d exports", len(want.members), want.exports)
	}
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	got := gather(order, 3)
	for signature, m := range want.members {
		if have := got.members[signature]; have == nil || have.File != m.File {
			t.Fatalf("%s depends on the order", m.File)
		}
	}
}

func TestSameNode(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"cup1", "cup1", true},
		{"cup1", "CUP1.acme.com.", true},
		{"cup1.acme.com", " cup1 ", true},
		{"cup1", "cup10.acme.com", false},
		{"cup1.acme.com", "cup1.acme.net", false},
		{"cup1.acme", "cup1.acme.com", false},
		{"10", "10.1.1.1", false},
		{"10.1.1.1", "10.1.1.1", true},
		{"", ".acme.com", false},
	} {
		if got := SameNode(tt.a, tt.b); got != tt.want {
			t.Errorf("SameNode(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

// Whatever two exports say, they can be joined, and the order in which they are read changes nothing.
func FuzzDeployments(f *testing.F) {
	f.Add(client("cup1"), clusterOne+directory)
	f.Add(client("cup1.acme.com"), "Cluster.Node.1.Name = .\nCluster.Node.2.Name = 10.1.1.1\n")
	f.Add("Presence.Primary.Address = ..\n", "10.1.1.1 cup1 cup1 Publisher cups DBPub\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		var inputs []*Input
		for i, text := range []string{a, b, a + b} {
			e, err := new(export.Reader).Parse(fmt.Sprintf("x/%d.txt", i), []byte(text))
			if err != nil {
				return
			}
			in := NewInput(e)
			in.Index = i
			inputs = append(inputs, in)
		}
		explain := func(order ...int) string {
			whole := newGatherer(new(Policy))
			for _, i := range order {
				g := newGatherer(new(Policy))
				g.add(inputs[i], inputs[i].File)
				whole.merge(g)
			}
			text, err := json.Marshal(whole.deployments())
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		if one, other := explain(0, 1, 2), explain(2, 1, 0); one != other {
			t.Errorf("the order counts:\n%s\n%s", one, other)
		}
	})
}

// Nothing is kept of exports in folders without exports of servers. The facts of a stream are taken at once: it cannot be read again.
func TestNothingIsKeptOfClientsAlone(t *testing.T) {
	g := newGatherer(new(Policy))
	in := read(t, client("cup1"))
	g.note(in, in.File, false)
	if len(g.groups) > 0 || len(g.joins) > 0 {
		t.Errorf("kept %v, %v", g.groups, g.joins)
	}
	in = read(t, clusterOne)
	in.File = "x/s.txt"
	g.note(in, in.File, false)
	if len(g.groups) > 0 || !g.concerns(g.joins, "x/a.txt") || g.concerns(g.joins, "y/a.txt") || g.concerns(g.joins, "x/y/a.txt") {
		t.Errorf("kept %v, %v", g.groups, g.joins)
	}
	in.File = "a.zip!x/s.txt"
	g.note(in, "a.zip", false)
	if !g.concerns(g.joins, "a.zip") || g.concerns(g.joins, "b.zip") {
		t.Errorf("joins %v", g.joins)
	}
	in.File = export.Stdin
	g.note(in, in.File, false)
	if len(g.groups) != 1 || g.concerns(g.joins, export.Stdin) {
		t.Errorf("kept %v", g.groups)
	}
}
