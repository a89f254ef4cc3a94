package rules_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cupclint/export"
	"cupclint/internal/benchexport"
	"cupclint/lint"
	"cupclint/lint/rules"
	"cupclint/resolve"
)

// oddValues are values that rules speak about, of any key.
var oddValues = []string{"acme.com", "Acme.com", "cups1.acme.com", "10.1.2.3", "changeme", "TRUE", "FALSE", "0", "143", "3268", "3269",
	"636", "5060", "70000", " x ", "SSL", "TCP", "TLS", "x y", "sip:1@acme.com", "tel:1", "xmpp", "8.6", "CN=a,DC=b", "user@acme.com", "<x>"}

// manyExports yields the exports of the fixtures and of the cases, made ones, and ones with settings at random.
func manyExports(t *testing.T, each func(e *export.Export)) {
	t.Helper()
	values := map[export.KeyID][]string{}
	read := func(src export.Source) {
		for e, err := range new(export.Reader).Read(context.Background(), src) {
			if err != nil {
				continue
			}
			for i := range e.Properties {
				p := &e.Properties[i]
				if !slices.Contains(values[p.Key], p.Value) && len(values[p.Key]) < 40 && !strings.Contains(p.Value, "\n") {
					values[p.Key] = append(values[p.Key], strings.Clone(p.Value))
				}
			}
			each(e)
		}
	}
	sources, _ := export.Find([]string{"../../fixtures/rules", "../../fixtures/right", "../../fixtures/broken"})
	names, _ := filepath.Glob("testdata/cases/*.txt")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range readCases(t, string(text)) {
			for _, f := range c.files {
				sources = append(sources, export.Memory(f.name, []byte(f.text)))
			}
		}
	}
	for i := range 40 {
		made := benchexport.New(3, i)
		sources = append(sources, export.Memory("a.xml", made.SOAP()), export.Memory("jabber-config.xml", made.Jabber()))
	}
	for _, src := range sources {
		read(src)
	}
	var keys []export.KeyID
	for k := export.NoKey + 1; k < export.NumKeys; k++ {
		if len(values[k]) > 0 && k.Group() != export.NoGroup {
			keys = append(keys, k)
		}
	}
	for round := range uint64(200) {
		random := rand.New(rand.NewPCG(round, 1))
		var b strings.Builder
		for _, k := range keys {
			if random.IntN(3) == 0 {
				n := 0
				if k.Indexed() {
					n = 1 + random.IntN(2)
				}
				fmt.Fprintf(&b, "%s = %s\n", k.Name(n), values[k][random.IntN(len(values[k]))])
			}
		}
		read(export.Memory("made.properties", []byte(b.String())))
	}
}

// TestRulesFindNothingElseIfWhatTheyAskedForIsTheSame proves that what a rule reads of an export is noted: if it finds nothing, and nothing
// but the values of some keys was asked for, all other values and the name of the file make no difference.
func TestRulesFindNothingElseIfWhatTheyAskedForIsTheSame(t *testing.T) {
	var checks []*lint.Rule
	for _, r := range rules.All() {
		if r.Check != nil {
			checks = append(checks, r)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	compared := map[string]int{}
	manyExports(t, func(e *export.Export) {
		if len(e.Found) > 0 || e.Evidence != nil || e.Problem != nil {
			return
		}
		before := slices.Clone(e.Properties)
		generation := []resolve.Generation{resolve.SIP, resolve.XMPP}[random.IntN(2)]
		for i, r := range checks {
			e.File = "here/in.txt"
			in := lint.NewInput(e)
			in.Generation = generation
			if other := checks[(i+len(before))%len(checks)]; other != r {
				other.Judge(in) // what the input derived for one rule was asked for by the next one, too
			}
			e.Asked = export.Asked{}
			if len(r.Judge(in)) > 0 || e.Asked.Else {
				continue
			}
			asked := e.Asked
			e.File = "there/other.txt"
			for range 3 {
				for j := range e.Properties {
					if p := &e.Properties[j]; !asked.Has(p.Key) && p.Value != "" && !p.Secret() {
						p.Value = oddValues[random.IntN(len(oddValues))]
						compared[r.ID]++
					}
				}
				in := lint.NewInput(e)
				in.Generation = generation
				if found := r.Judge(in); len(found) > 0 {
					t.Errorf("%s: settings that it did not ask for make a difference: %s in\n%+v", r.ID, found[0].Message, e.Properties)
				}
				copy(e.Properties, before)
			}
		}
	})
	for _, r := range checks {
		if compared[r.ID] < 1000 {
			t.Errorf("%s: only %d other values were tried", r.ID, compared[r.ID])
		}
	}
}

// TestWhatARunRemembersChangesNothing compares the findings of a run of many exports, which have most of their values in common, with those
// of a run for each.
func TestWhatARunRemembersChangesNothing(t *testing.T) {
	more := []string{
		`<epas:property name="Directory.Password">geheim77!</epas:property>`, `<epas:property name="Directory.Password">****</epas:property>`,
		`<epas:property name="Directory.Password">other8</epas:property>`, `<epas:property name="Client.Generation">xmpp</epas:property>`,
		`<epas:property name="Client.Generation">sip</epas:property>`, `<epas:property name="SIPProxy.Domain">other.com</epas:property>`,
		`<epas:property name="Directory.DN">&quot;a&amp;b</epas:property>`, `<epas:property name="Directory.DN">user@acme.com</epas:property>`,
		`<epas:property name="directory.dn">x</epas:property>`, `<epas:property name="No.Key">x</epas:property>`,
		`<epas:property name="Presence.Domain">Acme.com</epas:property>`, `<epas:property name="Presence.Domain"/>`,
		`<!-- cupclint: ignore PRES001 test -->`, `<!-- password: geheim77! -->`,
		`<epas:property name="Note">password: geheim77</epas:property>`,
		`<epas:property name="Presence.Primary.Address">acme.com</epas:property>`,
		`<epas:property name="SIPProxy.IncomingACL.1">all</epas:property>`,
	}
	settings := []string{
		`<Password>geheim77!</Password>`, `<UseSSL>0</UseSSL>`, `<ConnectionUsername>a</ConnectionUsername>`,
		`<ConnectionPassword>b</ConnectionPassword>`,
		`<DirectoryServerType>EDI</DirectoryServerType>`, `<PhotoUriSubstitutionEnabled> true </PhotoUriSubstitutionEnabled>`, `<X>y</X>`,
		`<UdsServer>a&amp;b</UdsServer>`, `<UDSServer>cucm1</UDSServer>`, `<EnableVideo>true</EnableVideo>`, `<PhoneMode/>`,
	}
	random := rand.New(rand.NewPCG(5, 6))
	// Most values of these are new, and some are wrong.
	changing := map[string][]string{
		"CallControl.Backup1.Address": {"cucm%d", "cucm1.hq.acme.com"}, "CallControl.Primary.Port": {"%d", "", "70000", "2000"},
		"Presence.Primary.Address": {"cups%d", "cups%d.other.com", ""}, "Directory.PrimaryServerName": {"dc%d", "", "dc 1"},
		"Directory.ServerPort1": {"%d", "x", "636"}, "Client.Version": {"7.0.%d", "8.6.%d"}, "My.Password": {"geheim%d!", "", "true", "a&amp;%d"},
	}
	sources := []export.Source{export.Memory("0/jabber-config.xml", []byte("<config><Client><UXModel>modern</UXModel></Client></config>"))}
	for i := range 2000 {
		made := benchexport.New(7, i%20)
		text, end, with := string(made.SOAP()), "   </epas:get-system", more
		name := fmt.Sprintf("%d/a%d.xml", i%3, i)
		if random.IntN(3) == 0 {
			text, end, with, name = string(made.Jabber()), "  </Directory>", settings, fmt.Sprintf("%d/x%d.xml", i%3, i)
		} else if i%2 == 0 {
			text = strings.Replace(text, end, `<epas:property name="My.Password">-</epas:property>`+
				`<epas:property name="Client.Version">-</epas:property><epas:property name="SIPProxy.Domain">acme.net</epas:property>`+end, 1)
		}
		for _, key := range slices.Sorted(maps.Keys(changing)) {
			values := changing[key]
			value := values[max(0, random.IntN(4*len(values))-3*len(values))]
			if strings.Contains(value, "%d") {
				value = fmt.Sprintf(value, 1000+i)
			}
			_, short, _ := strings.Cut(key, ".")
			for _, begin := range []string{`name="` + key + `">`, "<" + short + ">"} {
				if before, after, ok := strings.Cut(text, begin); ok {
					text = before + begin + value + after[strings.IndexByte(after, '<'):]
				}
			}
		}
		for random.IntN(3) == 0 {
			text = strings.Replace(text, end, "    "+with[random.IntN(len(with))]+"\n"+end, 1)
		}
		sources = append(sources, export.Memory(name, []byte(text)))
	}
	list, _ := counted()
	findings := func(sources []export.Source, of string) (text string) {
		result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: list, InMemory: true, Jobs: 1, Now: today})
		if err != nil {
			t.Fatal(err)
		}
		defer result.Close()
		for f, err := range result.Findings() {
			if err != nil {
				t.Fatal(err)
			}
			if of != "" && f.File != of {
				continue
			}
			f.Fingerprint, _, _ = strings.Cut(f.Fingerprint, ":") // what follows counts the same findings of a run
			text += fmt.Sprintf("%+v\n", *f)
		}
		return text
	}
	slices.SortFunc(sources[1:], func(a, b export.Source) int { return strings.Compare(a.Name, b.Name) })
	together := findings(sources, "")
	alone := ""
	for i := range sources { // next to a file that says something of the others in its folder
		near := []export.Source{sources[0], sources[i]}
		if i == 0 {
			near = near[1:]
		}
		alone += findings(near, sources[i].Name)
	}
	if together != alone {
		a, b := strings.Split(together, "\n"), strings.Split(alone, "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("together:\n%s\nalone:\n%s", a[i], b[min(i, len(b)-1)])
			}
		}
	}
}

// counted are the rules on single exports, which count how often they look at one.
func counted() (list []*lint.Rule, calls *atomic.Int64) {
	calls = new(atomic.Int64)
	for _, r := range rules.All() {
		if own := *r; own.Check != nil || own.Value != nil {
			own.Fleet, own.Joined = nil, nil
			if check := own.Check; check != nil {
				own.Check = func(in *lint.Input) []lint.Finding {
					calls.Add(1)
					return check(in)
				}
			}
			list = append(list, &own)
		}
	}
	return list, calls
}

// TestRulesAreNotAskedAgain counts how often rules look at exports of five sites, which have two values of their own and few faults.
func TestRulesAreNotAskedAgain(t *testing.T) {
	for name, text := range map[string]func(benchexport.Export) []byte{"SOAP": benchexport.Export.SOAP, "Jabber": benchexport.Export.Jabber} {
		list, calls := counted()
		var sources []export.Source
		for i := range 1000 {
			sources = append(sources, export.Memory(fmt.Sprintf("%04d.xml", i), text(benchexport.New(7, i))))
		}
		result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: list, InMemory: true, Jobs: 1})
		if err != nil {
			t.Fatal(err)
		}
		result.Close()
		if share := float64(calls.Load()) / float64(len(sources)*len(list)); share > 0.15 {
			t.Errorf("%s: a rule looked at %.0f%% of the exports", name, 100*share)
		}
	}
}
