package compare_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/catalogue"
	"cupclint/internal/compare"
)

// Each row of each table of facts leads to something: a field that is renamed takes its row along. An observation of each area is filled
// in all its fields.
func TestEveryFactIsThere(t *testing.T) {
	for _, a := range catalogue.Areas(nil) {
		info := a.Info()
		observations := map[string]json.RawMessage{}
		if info.Name == "dns" { // it keeps itself in another form
			observations["dns"] = json.RawMessage(`{"lookups":[{"name":"a.","type":"SRV","answers":[{"outcome":"found","records":[{"data":"1"}]}]}]}`)
		} else {
			list, err := a.Decode(map[string]json.RawMessage{info.Name: json.RawMessage(`[{}]`)})
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %v", info.Name, err)
			}
			fill(reflect.ValueOf(list[0]).Elem(), 0)
			fields := map[string]any{}
			a.Encode(list, fields)
			text, err := json.Marshal(fields[info.Name])
			if err != nil {
				t.Fatal(err)
			}
			observations[info.Name] = text
		}
		facts, err := compare.Observed([]area.Area{a}, observations)
		if err != nil {
			t.Fatal(err)
		}
		specs := info.FactSpecs()
		if n := len(specs) - len((&area.Info{}).FactSpecs()); n < 1 {
			t.Errorf("%s has no facts of its own", info.Name)
		}
		for _, spec := range specs {
			found := slices.ContainsFunc(facts, func(f compare.Fact) bool { return f.Name == spec.Name })
			common := slices.Contains((&area.Info{}).FactSpecs(), spec)
			if !found && (!common || strings.Contains(string(observations[info.Name]), `"target"`) && info.Name != "dns" && info.Name != "edge") {
				t.Errorf("%s: nothing at %s (%s)\n%s", info.Name, spec.Path, spec.Name, observations[info.Name])
			}
			if spec.Name == "" || spec.Form != "" && spec.Form != "date" {
				t.Errorf("%s: the row %+v", info.Name, spec)
			}
		}
	}
}

// fill sets every field that JSON shows.
func fill(v reflect.Value, depth int) {
	if depth > 12 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Int8, reflect.Int16:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	}
}

func TestWhatServersAnswer(t *testing.T) {
	facts, err := compare.Observed(catalogue.Areas(nil), map[string]json.RawMessage{
		"directory": json.RawMessage(`[{"target":{"host":"dc1.acme.test","port":389},"at":"2026-03-02T04:00:00Z","tls":{"chain":[{"notAfter":
			"2026-04-01T04:00:00Z"}]},"account":{"dn":"CN=a","failures":4,"locked":false}}]`),
		"dns": json.RawMessage(`{"lookups":[{"name":"_sip._tcp.acme.test.","type":"SRV","answers":[{"outcome":"found","records":
			[{"data":"10 10 5060 cups1.acme.test."},{"data":"10 10 5060 cups2.acme.test."}]}]}]}`),
		"ntp": json.RawMessage(`[{"target":{"host":"fd00::1","port":123},"answer":{"stratum":3}}]`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range facts {
		got = append(got, f.Area+"|"+f.Subject+"|"+f.Name+"|"+f.Value)
	}
	for _, want := range []string{
		"directory|dc1.acme.test:389|end of the certificate|2026-04-01 04:00 UTC (30 days left)",
		"directory|dc1.acme.test:389 CN=a|failed log-ins that count|4", "directory|dc1.acme.test:389 CN=a|locked|no",
		"dns|_sip._tcp.acme.test. SRV|record|10 10 5060 cups2.acme.test.", "ntp|[fd00::1]:123|stratum|3",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
