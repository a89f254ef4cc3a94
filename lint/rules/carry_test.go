package rules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cupclint/lint"
	"cupclint/lint/rules"
)

// fleetInputs reads the files of a case as a run does, in its order.
func (c *ruleCase) fleetInputs(t *testing.T) []*lint.Input {
	t.Helper()
	var inputs []*lint.Input
	for i, f := range c.files {
		in := lint.NewInput(parse(t, f.name, f.text))
		in.Index = i
		inputs = append(inputs, in)
	}
	return inputs
}

// written lists the findings of a fleet rule with all that a user sees.
func written(findings []lint.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprint(f.Rule, " ", f.Severity, " ", f.File, ":", f.Line, ":", f.Column, " ", f.Kind, " ", f.Address, "\n",
			f.Message, f.Evidence, f.Related, f.Fix))
	}
	slices.Sort(all)
	return all
}

// gathered hands the inputs to a fleet rule as a run over all of them does.
func gathered(r *lint.Rule, inputs ...*lint.Input) lint.Fleet {
	acc := r.Fleet()
	for _, in := range inputs {
		r.Gather(acc, in)
	}
	return acc
}

// received carries what was gathered of each part through the report of that part, in an order of the parts, into one accumulator.
func received(t *testing.T, r *lint.Rule, parts [][]*lint.Input, reverse bool) lint.Fleet {
	t.Helper()
	all := r.Fleet().(lint.Carrier)
	for i := range parts {
		if reverse {
			i = len(parts) - 1 - i
		}
		facts, err := json.Marshal(gathered(r, parts[i]...).(lint.Carrier).Carry())
		if err != nil {
			t.Fatal(err)
		}
		if err := all.Receive(r, i+1, facts); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// A run in parts finds what a run over all inputs finds: each input is a part of its own, then there are two parts, then one.
func TestPartsFindTheSame(t *testing.T) {
	names, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cases := readCases(t, string(data))
		for i := range cases {
			inputs := cases[i].fleetInputs(t)
			var each [][]*lint.Input
			for _, in := range inputs {
				each = append(each, []*lint.Input{in})
			}
			half := len(inputs) / 2
			for _, r := range rules.All() {
				if r.Fleet == nil {
					continue
				}
				want := written(gathered(r, inputs...).Findings())
				found[r.ID] += len(want)
				backwards := slices.Clone(inputs)
				slices.Reverse(backwards)
				if got := written(gathered(r, backwards...).Findings()); !slices.Equal(got, want) {
					t.Errorf("%s, %s: from the last to the first\n%q\nwant\n%q", cases[i].name, r.ID, got, want)
				}
				for _, parts := range [][][]*lint.Input{each, {inputs[:half], inputs[half:]}, {inputs}} {
					for _, reverse := range []bool{false, true} {
						all := received(t, r, parts, reverse)
						if again, ok := all.(lint.Rereader); ok {
							for file, see := range again.Again() {
								at := slices.IndexFunc(inputs, func(in *lint.Input) bool { return in.File == file })
								if !see(inputs[at]) {
									t.Errorf("%s, %s: %s has not changed", cases[i].name, r.ID, file)
								}
							}
						}
						if got := written(all.Findings()); !slices.Equal(got, want) {
							t.Errorf("%s, %s: %d parts give\n%q\nwant\n%q", cases[i].name, r.ID, len(parts), got, want)
						}
					}
				}
			}
		}
	}
	for _, r := range rules.All() {
		if r.Fleet != nil && found[r.ID] == 0 {
			t.Errorf("no case has a finding of %s", r.ID)
		}
	}
}

// What a part says of a password is compared only when the export has been read again, and is the same.
func TestPasswordsOfPartsAreReadAgain(t *testing.T) {
	r, err := lint.Find(rules.All(), "LDAP007")
	if err != nil {
		t.Fatal(err)
	}
	const account = "Directory.DN = CN=svc,DC=acme,DC=com\n"
	input := func(i int, text string) *lint.Input {
		in := lint.NewInput(parse(t, fmt.Sprint(i, ".properties"), text))
		in.Index = i
		return in
	}
	parts := func(passwords ...string) lint.Rereader {
		var all [][]*lint.Input
		for i, p := range passwords {
			all = append(all, []*lint.Input{input(i, account+"Directory.Password = "+p+"\n")})
		}
		return received(t, r, all, false).(lint.Rereader)
	}
	if again := parts("One.1").Again(); len(again) != 0 {
		t.Errorf("one part: %d exports to read again", len(again))
	}
	open := parts("One.1", "Two.2")
	if found := open.Findings(); len(found) != 0 {
		t.Errorf("before they are read again: %q", written(found))
	}
	if again := open.Again(); len(again) != 2 || again["0.properties"] == nil || again["1.properties"] == nil {
		t.Errorf("exports to read again: %d", len(again))
	}
	for _, tt := range []struct {
		name, text string
		same       bool
	}{
		{"as before", account + "Directory.Password = One.1\n", true},
		{"another account", "Directory.DN = CN=other,DC=acme,DC=com\nDirectory.Password = One.1\n", false},
		{"no account", "Directory.Password = One.1\n", false},
		{"no password", account, false},
		{"a mask", account + "Directory.Password = ********\n", false},
	} {
		all := parts("One.1", "Two.2")
		again := all.Again()
		if same := again["0.properties"](input(0, tt.text)); same != tt.same {
			t.Errorf("%s: the same: %v", tt.name, same)
		}
		if !again["1.properties"](input(1, account+"Directory.Password = Two.2\n")) {
			t.Errorf("%s: the other export has not changed", tt.name)
		}
		want := 0
		if tt.same {
			want = 1
		}
		if found := all.Findings(); len(found) != want {
			t.Errorf("%s: %d findings, want %d", tt.name, len(found), want)
		}
	}
	// One password in two parts is one password.
	all := parts("One.1", "One.1")
	for file, see := range all.Again() {
		see(input(int(file[0]-'0'), account+"Directory.Password = One.1\n"))
	}
	if found := all.Findings(); len(found) != 0 {
		t.Errorf("one password: %q", written(found))
	}
}

// Facts that are not those of the rule are an error and not a finding.
func TestFactsThatCannotBeRead(t *testing.T) {
	for _, r := range rules.All() {
		if r.Fleet == nil {
			continue
		}
		acc := r.Fleet().(lint.Carrier)
		if err := acc.Receive(r, 1, []byte(`"facts"`)); err == nil {
			t.Errorf("%s: no error", r.ID)
		}
		if found := acc.Findings(); len(found) != 0 {
			t.Errorf("%s: %q", r.ID, written(found))
		}
	}
}
