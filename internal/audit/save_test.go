package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/jsonplace"
	"cupclint/internal/lab"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// TestNothingIsLost fills every field of every observation and proves that each survives: a field that is added later and left out of
// the JSON form fails here.
func TestNothingIsLost(t *testing.T) {
	for _, empty := range []any{new(ldapcheck.Observation), new(mailcheck.IMAPObservation), new(mailcheck.CalendarObservation),
		new(sipcheck.SIPObservation), new(sipcheck.CTIObservation)} {
		t.Run(reflect.TypeOf(empty).Elem().String(), func(t *testing.T) {
			full := reflect.ValueOf(empty)
			n := 0
			fill(t, full.Elem(), &n)
			text, err := json.Marshal(full.Interface())
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(full.Type().Elem())
			if err := json.Unmarshal(text, again.Interface()); err != nil {
				t.Fatal(err)
			}
			for _, lost := range differences("", full, again) {
				t.Error(lost)
			}
		})
	}
}

// differences names the exported fields that two values of one type have in other ways.
func differences(path string, a, b reflect.Value) (list []string) {
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			break
		}
		return differences(path, a.Elem(), b.Elem())
	case reflect.Struct:
		exported := 0
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				exported++
				list = append(list, differences(path+"."+f.Name, a.Field(i), b.Field(i))...)
			}
		}
		if exported > 0 {
			return list
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			break
		}
		for i := range a.Len() {
			list = append(list, differences(path, a.Index(i), b.Index(i))...)
		}
		return list
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		list = append(list, fmt.Sprintf("%s was %v and is %v", path, a, b))
	}
	return list
}

// fill gives every exported field a value of its own.
func fill(t *testing.T, v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
		return
	case probe.Duration:
		v.SetInt(int64(*n) * int64(time.Millisecond))
		return
	case ldapcheck.Span:
		v.SetInt(int64(*n) * int64(time.Second))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(t, v.Field(i), n)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), n)
		}
	case reflect.String:
		v.SetString("text " + strings.Repeat("i", *n%7))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n))
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// TestLoadErrors proves that what is not a case is refused with its place.
func TestLoadErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text         string
		line, column int
		want         string
	}{
		"empty":          {"", 1, 1, "EOF"},
		"no JSON":        {"{\n  \"cupclintCase\": 1,,\n}", 2, 21, "invalid character"},
		"cut short":      {"{\"cupclintCase\": 1,\n", 2, 1, "the text ends too early"},
		"another type":   {"{\"cupclintCase\": 1,\n\"summary\": 3}", 2, 13, "cannot unmarshal"},
		"another form":   {`{"cupclintCase": 7}`, 1, 1, "cupclintCase is 7, it must be 1"},
		"no case at all": {`{"findings": []}`, 1, 1, "cupclintCase is 0, it must be 1"},
		"more after":     {"{\"cupclintCase\": 1}\n{}", 2, 2, "more text after"},
		"null":           {`{"cupclintCase": 1, "observations": {"cti": [null]}}`, 1, 0, "observations.cti[0] is null"},
		"unknown word": {`{"cupclintCase": 1, "observations": {"dns": {"lookups": [{"name": "a.", "type": "NONSENSE", "answers": []}]}}}`, 1, 0,
			`unknown record type "NONSENSE"`},
		"no answer": {`{"cupclintCase": 1, "observations": {"dns": {"lookups": [{"name": "a.", "type": "A"}]}}}`, 1, 0, `"a." has no answer`},
		"no lookup": {`{"cupclintCase": 1, "observations": {"dns": {"subjects": [{"name": "a", "kind": "host", "uses": [{}], "questions": [{"why": "address", "lookup": 0}]}]}}}`, 1, 0, "there is no lookup 0"},
		"no use":    {`{"cupclintCase": 1, "observations": {"dns": {"subjects": [{"name": "a", "kind": "host"}]}}}`, 1, 0, `nothing uses "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Load(strings.NewReader(c.text), catalogue.Areas(nil))
			var at *jsonplace.Error
			if !errors.As(err, &at) {
				t.Fatalf("got %v, want one with its place", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to hold %q", err, c.want)
			}
			if at.Line != c.line || c.column != 0 && at.Column != c.column {
				t.Errorf("got line %d, column %d; want %d, %d", at.Line, at.Column, c.line, c.column)
			}
		})
	}
}

// FuzzLoad proves that whatever loads can be judged, can be written in every format without a character that a terminal obeys, and survives
// being kept again.
func FuzzLoad(f *testing.F) {
	c, _, _ := auditLab(f, lab.Options{}, nil)
	var kept bytes.Buffer
	if err := c.Save(&kept); err != nil {
		f.Fatal(err)
	}
	f.Add(kept.Bytes())
	f.Add([]byte(`{"cupclintCase": 1}`))
	f.Add([]byte(`{"cupclintCase": 1, "observations": {"directory": [{}], "mail": [{}], "calendar": [{}], "sip": [{}], "cti": [{}]}}`))
	rules, policy := catalogue.All(), new(lint.Policy)
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := audit.Load(bytes.NewReader(text), catalogue.Areas(nil))
		if err != nil {
			return
		}
		r := c.Judge(rules, policy)
		for _, format := range report.Formats() {
			write, err := report.Find(format)
			if err != nil {
				t.Fatal(err)
			}
			d := &report.Document{
				Findings: report.Of(r.Findings), Suppressed: report.Of(r.Suppressed), Addresses: report.Rows(c.Addresses), Summary: r.Summary,
				Errors: append(c.Errors, c.Incomplete()...),
				Probes: c.Observations.Probes(), Rules: rules, Page: func(string) (string, error) { return "", nil },
			}
			var out bytes.Buffer
			if err := write(&out, d, report.Style{Verbose: true, Width: 80}); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if at := bytes.IndexFunc(out.Bytes(), func(r rune) bool {
				return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == 0x9b || r == 0x202e
			}); at >= 0 {
				t.Errorf("%s: a control character: %q", format, out.Bytes()[max(0, at-40):min(out.Len(), at+40)])
			}
		}
		var again bytes.Buffer
		if err := c.Save(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.Load(&again, catalogue.Areas(nil)); err != nil {
			t.Errorf("what was kept does not load: %v", err)
		}
	})
}
