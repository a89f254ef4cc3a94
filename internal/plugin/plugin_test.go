package plugin

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	for text, alerts := range map[string]map[float64]bool{ // the table of the guidelines
		"10":     {-1: true, 0: false, 10: false, 10.5: true},
		"10:":    {9.9: true, 10: false, 1e9: false},
		"~:10":   {-1e9: false, 10: false, 11: true},
		"10:20":  {9: true, 10: false, 20: false, 21: true},
		"@10:20": {9: false, 10: true, 20: true, 21: false},
		":5":     {-1: true, 0: false, 5: false, 6: true},
		"-5:-1":  {-6: true, -3: false, 0: true},
	} {
		r, err := ParseRange(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for v, want := range alerts {
			if r.Alerts(v) != want {
				t.Errorf("%s, %v: %v", text, v, !want)
			}
		}
	}
	for _, text := range []string{"", "@", "x", "1:x", "20:10", "1e3", "0x10", "Inf", "nan", "1:2:3", "~", "10:~", "--1"} {
		if _, err := ParseRange(text); err == nil {
			t.Errorf("%q is a range", text)
		}
	}
	if (Range{}).Alerts(math.Inf(1)) {
		t.Error("no range alerts")
	}
}

// What a server says makes no second line and no performance data.
func TestOutputIsOneLine(t *testing.T) {
	warn, _ := ParseRange("30:")
	o := Output{Service: "ldap", State: Critical, Text: "it said: evil|'x'=1\nOK: all is well\r\u2028\x1b[31m\x00\xff",
		Values: []Value{{Label: "a'b=c|d\n", Value: 1.5, Unit: "s", Warning: warn, HasMin: true}, {Label: "n", Value: math.NaN()}},
		Long:   []string{"more | text\nof it"}}
	lines := strings.Split(strings.TrimSuffix(o.String(), "\n"), "\n")
	if len(lines) != 2 || strings.Count(lines[0], "|") != 1 || strings.Contains(lines[1], "|") {
		t.Errorf("%q", lines)
	}
	if want := `LDAP CRITICAL: it said: evil/'x'=1 OK: all is well  ?[31m?? | 'a_b_c_d_'=1.5s;30:;;0 'n'=U`; lines[0] != want {
		t.Errorf("%q\n%q", lines[0], want)
	}
}

func TestStates(t *testing.T) {
	for _, c := range [][3]State{{OK, Unknown, Unknown}, {Warning, Unknown, Warning}, {Critical, Unknown, Critical}, {OK, OK, OK}} {
		if Worst(c[0], c[1]) != c[2] || Worst(c[1], c[0]) != c[2] {
			t.Errorf("%v", c)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"10", "10:", "~:10", "@1:2", "", "1e9", "-.5:+.5"} {
		f.Add(s, 1.0)
	}
	f.Fuzz(func(t *testing.T, s string, v float64) {
		r, err := ParseRange(s)
		if err != nil {
			return
		}
		if r.String() != s || !r.Set() || strings.ContainsAny(s, "|' \n") {
			t.Errorf("%q", s)
		}
		if inside, _ := ParseRange("@" + s); !strings.HasPrefix(s, "@") && inside.Alerts(v) == r.Alerts(v) {
			t.Errorf("@%s and %s agree on %v", s, s, v)
		}
	})
}

var perfdata = regexp.MustCompile(`^'[^'=|\x00-\x1f]*'=(U|-?\d+(\.\d+)?)(s|B|%|c)?(;[^;\s]*){0,4}$`)

func FuzzOutput(f *testing.F) {
	f.Add("text|x", "la bel", 1.0)
	f.Fuzz(func(t *testing.T, text, name string, v float64) {
		o := Output{Service: text, State: OK, Text: text, Values: []Value{{Label: name, Value: v, Unit: "s", HasMin: true}}, Long: []string{text}}
		lines := strings.Split(o.String(), "\n")
		if len(lines) != 3 || strings.Count(lines[0], "|") != 1 || strings.Contains(lines[1], "|") {
			t.Fatalf("%q", lines)
		}
		if _, data, _ := strings.Cut(lines[0], " | "); !perfdata.MatchString(data) {
			t.Errorf("performance data %q", data)
		}
	})
}
