package audit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/benchexport"
	"cupclint/internal/catalogue"
	"cupclint/lint"
	"cupclint/resolve"
)

// someValues are what settings can have that make a difference to a gatherer.
var someValues = []string{"", "TRUE", "FALSE", "UDS", "SSL", "TLS", "UDP", "http", "389", "5061", "****", "secret 1", "secret 2",
	"UnityConnection",
	"Unity", "cn", "dc1.acme.com", "DC1.acme.com", "cups1", "acme.com", "acme.org", "callmanager", "cups", "CTI", "Directory", "Voicemail",
	"IM and Presence", "7"}

// textWith is an export with all keys, some of them absent. vary reports whether a key has a value of the second source, else of the first.
func textWith(first, second *rand.Rand, vary func(export.KeyID) bool) string {
	var b strings.Builder
	for k := export.NoKey + 1; k < export.NumKeys; k++ {
		if strings.Contains(k.String(), "{node}") {
			continue // only in the output of servers
		}
		for n := 1; n < 3 && (n == 1 || k.Indexed()); n++ {
			value, other := first.IntN(len(someValues)*4/3), second.IntN(len(someValues)*4/3)
			if vary(k) {
				value = other
			}
			if value < len(someValues) {
				fmt.Fprintf(&b, "%s = %s\n", k.Name(n), someValues[value])
			} else {
				fmt.Fprintln(&b, "#") // an export of the same lines
			}
		}
	}
	return b.String()
}

// gathered is what one export calls for in an area.
func gathered(t *testing.T, a area.Area, text string, g resolve.Generation) ([]area.Task, area.Known) {
	t.Helper()
	reader := &export.Reader{}
	e, err := reader.Parse("hq.properties", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	in := lint.NewInput(e)
	in.Generation = g
	gatherer := a.NewGatherer()
	gatherer.Add(in)
	return gatherer.Tasks(), gatherer.Known()
}

// TestAreasSayWhatTheyRead proves that a key which an area does not name in Reads makes no difference to its targets.
func TestAreasSayWhatTheyRead(t *testing.T) {
	for _, a := range catalogue.Areas(nil) {
		s, ok := a.NewGatherer().(area.Selective)
		if !ok || s.Reads().Key == nil {
			continue
		}
		t.Run(a.Info().Name, func(t *testing.T) {
			t.Parallel()
			targets := 0
			for round := range uint64(60) {
				random := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(round, stream)) }
				none := func(export.KeyID) bool { return false }
				unread := func(k export.KeyID) bool { return !s.Reads().Key(k) }
				for _, g := range []resolve.Generation{resolve.SIP, resolve.XMPP} {
					tasks, known := gathered(t, a, textWith(random(1), random(2), none), g)
					others, also := gathered(t, a, textWith(random(1), random(2), unread), g)
					if targets += len(tasks); !reflect.DeepEqual(tasks, others) || !reflect.DeepEqual(known, also) {
						t.Fatalf("round %d: settings that the area does not name make a difference:\n%+v\n%+v", round, rowsOf(tasks), rowsOf(others))
					}
				}
			}
			if targets == 0 {
				t.Error("no target was found")
			}
		})
	}
}

func rowsOf(tasks []area.Task) []area.Row {
	var rows []area.Row
	for _, t := range tasks {
		rows = append(rows, t.Row())
	}
	return rows
}

// TestRepeatsChangeNothing proves that a collection that skips what it has gives the same plan as gatherers that get every export.
func TestRepeatsChangeNothing(t *testing.T) {
	sources, _ := export.Find([]string{"../../fixtures"})
	for i := range 400 {
		made := benchexport.New(7, i)
		sources = append(sources, export.Memory(fmt.Sprintf("site%d/%d.xml", i%3, i), made.SOAP()),
			export.Memory(fmt.Sprintf("site%d/jabber-config%d.xml", i%3, i), made.Jabber()))
	}
	for i := range uint64(40) { // with passwords, each of them several times
		random := rand.New(rand.NewPCG(1, i%13))
		text := textWith(random, random, func(export.KeyID) bool { return false })
		sources = append(sources, export.Memory(fmt.Sprintf("all%d/%d.properties", i%2, i), []byte(text)))
	}
	areas := catalogue.Areas(nil)
	c := newCollection(areas)
	c.collector()
	var every []area.Gatherer
	for _, a := range areas {
		every = append(every, a.NewGatherer())
	}
	reader := &export.Reader{Reuse: true}
	for index, src := range append(sources, sources...) {
		for e, err := range reader.Read(context.Background(), src) {
			if err != nil {
				continue
			}
			for _, generation := range []resolve.Generation{resolve.SIP, resolve.XMPP} {
				in := lint.NewInput(e)
				in.Index, in.Generation = index, generation
				c.Add(in)
				for _, g := range every {
					g.Add(in)
				}
			}
		}
	}
	for i, g := range every {
		name := areas[i].Info().Name
		got, want := c.gatherers[i].Tasks(), g.Tasks()
		if len(want) == 0 {
			t.Errorf("%s: no targets", name)
		}
		// The names of DNS have the places of both generations at one index, in any order.
		if !reflect.DeepEqual(rowsOf(got), rowsOf(want)) || name != "dns" && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the plan has %+v\nwant %+v", name, rowsOf(got), rowsOf(want))
		}
		if !reflect.DeepEqual(c.gatherers[i].Known(), g.Known()) {
			t.Errorf("%s: known is %+v, want %+v", name, c.gatherers[i].Known(), g.Known())
		}
	}
}

// TestGatherersCopyWhatTheyKeep proves that a plan has nothing of the buffers of a reader, which uses them again for the next export.
func TestGatherersCopyWhatTheyKeep(t *testing.T) {
	sources, _ := export.Find([]string{"../../fixtures"})
	for i := range uint64(40) {
		random := rand.New(rand.NewPCG(2, i))
		text := textWith(random, random, func(export.KeyID) bool { return false })
		sources = append(sources, export.Memory(fmt.Sprintf("all%d/%d.properties", i%20, i), []byte(text)))
	}
	areas := catalogue.Areas(nil)
	plan := func(readers func() *export.Reader) []area.Gatherer {
		workers, by := []*collection{newCollection(areas), newCollection(areas)}, []*export.Reader{readers(), readers()}
		workers[0].collector()
		workers[1].repeats.table = workers[0].repeats.table
		for index, src := range sources {
			if !by[0].Reuse {
				by[index%2] = readers()
			}
			for e, err := range by[index%2].Read(context.Background(), src) {
				if err != nil {
					continue
				}
				in := lint.NewInput(e)
				if in.Index = index; strings.HasPrefix(e.File, "all") {
					in.Generation = resolve.XMPP
				}
				workers[index%2].Add(in)
			}
		}
		workers[0].Merge(workers[1])
		return workers[0].gatherers
	}
	again := plan(func() *export.Reader { return &export.Reader{Reuse: true} })
	fresh := plan(func() *export.Reader { return new(export.Reader) })
	for i, a := range areas {
		got, want := again[i].Tasks(), fresh[i].Tasks()
		if len(want) == 0 || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(again[i].Known(), fresh[i].Known()) {
			t.Errorf("%s: the plan has %+v\nwant %+v", a.Info().Name, rowsOf(got), rowsOf(want))
		}
	}
}

// TestRepeatedExportsAreSkipped counts how often an area is asked for the targets of an export.
func TestRepeatedExportsArePassedOver(t *testing.T) {
	asked := ""
	service := area.New(area.Service[string, toyAnswer]{
		Reads: area.KeysOf("Directory."),
		Requests: func(in *lint.Input) ([]string, area.Known) {
			asked += string(rune('a' + in.Index))
			return nil, area.Known{}
		},
	})
	c := newCollection([]area.Area{service})
	c.collector()
	for i, text := range []string{
		"Directory.DN = cn", "Directory.DN = cn", "Directory.DN = cn\nIM.enable = TRUE", // the first one of a run is not remembered
		"Directory.DN = other", "Directory.DN = cn", "Directory.DN = other", "Directory.Password = cn", "Directory.DN = cn\nDirectory.DN = cn",
		"Directory.SearchBase = cn\nDirectory.DN = cn",
	} {
		e, err := new(export.Reader).Parse("hq.properties", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		in := lint.NewInput(e)
		in.Index = i
		c.Add(in)
		if i == 4 { // other clients read the same settings in another way
			in.Generation, in.Index = resolve.XMPP, 25
			c.Add(in)
		}
	}
	if want := "abdzghi"; asked != want {
		t.Errorf("the area is asked for %q, want %q", asked, want)
	}
}

type toyAnswer struct{}

func (*toyAnswer) Seen() []area.Seen { return nil }
