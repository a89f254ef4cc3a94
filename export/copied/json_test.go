package copied_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

func marshalled(t *testing.T, value any) string {
	t.Helper()
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}

// carriedBy are the ways in which programs write what servers printed.
var carriedBy = map[string]func(text string) any{
	"a string": func(text string) any {
		return map[string]any{"changed": false, "stdout": text, "url": "https://a.acme.com/?x=1"}
	},
	"lines": func(text string) any { return map[string]any{"stdout_lines": strings.Split(text, "\n")} },
	"both": func(text string) any {
		return map[string]any{"a": []any{map[string]any{"stdout": []string{text}, "stdout_lines": [][]string{strings.Split(text, "\n")}}}}
	},
	"a ticket": func(text string) any {
		return map[string]any{"comments": []any{map[string]any{"body": "Hi,\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n"), "by": "jane"}}}
	},
}

func TestOutputsInJSON(t *testing.T) {
	for _, text := range decorated {
		if text.format == export.Properties {
			continue
		}
		plain, err := new(export.Reader).Parse("p.txt", []byte(text.text))
		if err != nil {
			t.Fatal(err)
		}
		for name, with := range carriedBy {
			t.Run(text.name+" in "+name, func(t *testing.T) {
				data := []byte(marshalled(t, with(text.text)))
				e, err := new(export.Reader).Parse("p.json", bytes.Clone(data))
				if err != nil {
					t.Fatal(err)
				}
				if len(e.Properties) != len(plain.Properties) || e.Format != text.format {
					t.Fatalf("%s with %d properties, want %d", e.Format, len(e.Properties), len(plain.Properties))
				}
				for i := range e.Properties {
					p, q := &e.Properties[i], &plain.Properties[i]
					if p.Name != q.Name || p.Value != q.Value && !strings.HasSuffix(p.Name, ".Command") {
						t.Errorf("%s = %q, want %s = %q", p.Name, p.Value, q.Name, q.Value)
					}
					r := e.Range(p)
					line := strings.Split(string(data), "\n")[r.Line-1]
					if col := string([]rune(line)[r.Column-1:]); !strings.HasPrefix(col, string(data[r.Start:r.End])) {
						t.Errorf("%s: column %d begins with %q", p.Name, r.Column, col)
					}
					if source, column := e.Source(r, 20, 200); r.Start < r.End && []rune(source)[r.Column-column] != rune(data[r.Start]) {
						t.Errorf("%s: %q does not have it in column %d", p.Name, source, r.Column-column)
					}
				}
			})
		}
	}
}

// The object around an output, or its key, names the node and the command. Two nodes may print the same.
func TestNodesInJSON(t *testing.T) {
	const output = "ntpd (pid 1) is running...\nunsynchronised\n"
	type object = map[string]any
	for name, value := range map[string]any{
		"keys":               object{"pub": object{"utils ntp status": output}, "sub1": object{"utils ntp status": output}},
		"members":            []object{{"host": "pub", "result": output}, {"host": "sub1", "result": output}},
		"members and a list": []object{{"command": "utils ntp status", "host": "pub", "out": []string{output}}, {"host": "sub1", "out": output}},
	} {
		e, err := new(export.Reader).Parse("all.json", []byte(marshalled(t, value)))
		if err != nil {
			t.Fatal(err)
		}
		var nodes []string
		for i := range e.Properties {
			if p := &e.Properties[i]; strings.HasSuffix(p.Name, ".Ntp.Daemon") {
				nodes = append(nodes, p.Name)
			}
		}
		if want := []string{"Appliance.pub.Ntp.Daemon", "Appliance.sub1.Ntp.Daemon"}; !slices.Equal(nodes, want) {
			t.Errorf("%s: %q", name, nodes)
		}
	}
}

// Secrets in the output are masked in all copies of it, and so are those around it.
func TestSecretsInJSON(t *testing.T) {
	const output = "admin:run sql select * from epassyncagentcfg\naxluser axlpassword\n======= ===========\nsvc     S3cr3tAxl12\n\n" +
		"admin:utils ntp status\nntpd (pid 3638) is running...\nunsynchronised\n"
	text := marshalled(t, map[string]any{
		"ansible_password": "Outer5ecret", "stdout": output, "stdout_lines": strings.Split(output, "\n"),
		"url": "https://anna:Geheim123@x.acme.com/",
	})
	want := strings.NewReplacer("S3cr3tAxl12", "REDACTED   ", "Outer5ecret", "REDACTED", "Geheim123", "REDACTED").Replace(text)
	utf16 := func(s string) []byte {
		b := []byte("\xff\xfe")
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return b
	}
	for name, c := range map[string][2][]byte{"UTF-8": {[]byte(text), []byte(want)}, "UTF-16": {utf16(text), utf16(want)}} {
		out, err := export.Redact("p.json", c[0], export.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Data, c[1]) {
			t.Errorf("%s: the copy is\n%s", name, out.Data)
		}
		if len(out.Lines) != 4 || len(out.Left) > 0 {
			t.Errorf("%s: lines %d, left %d", name, out.Lines, out.Left)
		}
	}
}

func TestJSONWithoutAnOutput(t *testing.T) {
	e, err := new(export.Reader).Parse("p.json", []byte(`{"Presence.Domain": "north.test", "note": "admin:\nno output", "lines": ["a", "b"]}`))
	if err != nil || e.Format != export.JSON || e.Get(export.PresenceDomain) == nil {
		t.Errorf("%+v %v", e, err)
	}
	for _, text := range []string{`{"a": "x\n`, `["lines", "`, `{"lines"`, `[[]]}}"\n"`, `{"a\n": "\`, `["\u12", "\n"]`, `["\ud800\n"]`} {
		if e, err := new(export.Reader).Parse("p.json", []byte(text)); err == nil {
			t.Errorf("%s: %s with %d properties", text, e.Format, len(e.Properties))
		}
	}
}

func TestHostileJSONTakesLinearTime(t *testing.T) {
	once := func(text string) time.Duration {
		began := time.Now()
		if e, err := new(export.Reader).Parse("p.json", []byte(text)); err == nil {
			for i := range e.Properties {
				e.Source(e.Range(&e.Properties[i]), 20, 100)
			}
			for i := range e.Found {
				e.Source(e.Range(&e.Found[i]), 20, 100)
			}
		}
		return time.Since(began)
	}
	measure := func(text string) time.Duration { return min(once(text), once(text), once(text)) }
	const head = `["admin:utils ntp status\nntpd (pid 1) is running...\n",`
	for _, piece := range []string{
		`\n`, `"`, `"a\n",`, `"a",`, `[`, `{"a":`, `\\`, `]`, `{"stdout":"ntpd (pid 3) is running...\npassword: Geheim12","l":["a","b"]},`,
	} {
		build := func(n int) string { return head + strings.Repeat(piece, n/len(piece)) }
		small, large := build(20<<10), build(160<<10)
		if a, b := measure(small), measure(large); b > 40*a && measure(large) > 40*measure(small) {
			t.Errorf("%q: %s and %s", piece, a, b)
		}
	}
}
