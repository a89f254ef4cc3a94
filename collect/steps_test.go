package collect_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"cupclint/collect"
	"cupclint/collect/axl"
	"cupclint/internal/secret"
)

var update = flag.Bool("update", false, "write the table of the page again")

// Every request only reads: by its interface it is a whole command, a get or list, a fixed query or a GET.
func TestStepsOnlyRead(t *testing.T) {
	query := regexp.MustCompile(`^select [a-z0-9_, .()='%]+ from [a-z]+( where [a-z]+ (like '%[a-z]+%'|='?))?|where userid='\{user\}'$`)
	seen := map[string]bool{}
	for _, s := range collect.Steps() {
		if seen[s.ID] {
			t.Errorf("%s is there twice", s.ID)
		}
		seen[s.ID] = true
		if s.Limit <= 0 || s.Source == "" || s.File == "" {
			t.Errorf("%s has no limit, no source or no file", s.ID)
		}
		sql := ""
		switch s.Interface {
		case collect.AXL:
			call, err := axl.ParseCall(s.Text)
			if err != nil {
				t.Errorf("%s: %v", s.ID, err)
				continue
			}
			if !regexp.MustCompile(`^(get|list)[A-Z]|^executeSQLQuery$`).MatchString(call.Operation) {
				t.Errorf("%s: %s", s.ID, call.Operation)
			}
			sql = call.SQL
			for _, tag := range call.Tags {
				if leaf := tag.Path[len(tag.Path)-1]; secret.Name(leaf, nil) >= secret.Strong {
					t.Errorf("%s asks for %s", s.ID, leaf)
				}
			}
			if call.List() && (len(call.Criteria) == 0 || len(call.Tags) == 0) {
				t.Errorf("%s: a list has criteria and tags", s.ID)
			}
		case collect.CLI:
			sql, _ = strings.CutPrefix(s.Text, "run sql ")
			if sql == s.Text {
				sql = ""
			}
		case collect.SOAP, collect.UDS, collect.Files:
			for way := range strings.SplitSeq(s.Text, " | ") {
				if !strings.HasPrefix(way, "GET http") && !strings.HasPrefix(way, "TFTP ") && s.ID != "soap.get-all-config" {
					t.Errorf("%s: %s", s.ID, way)
				}
			}
		case collect.Certs:
			if !strings.HasPrefix(s.Text, "TLS {node}:") {
				t.Errorf("%s: %s", s.ID, s.Text)
			}
		case collect.DNS:
			if !strings.HasPrefix(s.Text, "SRV _") {
				t.Errorf("%s: %s", s.ID, s.Text)
			}
		}
		if sql == "" {
			continue
		}
		columns, _, _ := strings.Cut(strings.TrimPrefix(sql, "select "), " from ")
		if !query.MatchString(sql) || strings.ContainsAny(sql, "*;") || strings.Contains(sql, "--") {
			t.Errorf("%s: not a fixed query: %s", s.ID, sql)
		}
		for column := range strings.SplitSeq(columns, ",") {
			if secret.Name(column, nil) >= secret.Strong || regexp.MustCompile(`^(.*password.*|pin|credentials)$`).MatchString(column) {
				t.Errorf("%s asks for the column %s", s.ID, column)
			}
		}
	}
}

// The page lists what is asked; so does the plan, from the same table.
func TestPageHasAllSteps(t *testing.T) {
	const page = "../docs/collect.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n\n| step | request | nodes | level | seconds | source |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, s := range collect.Steps() {
		level := ""
		if s.Level >= 0 {
			level = fmt.Sprint(s.Level)
		}
		request := "`" + strings.ReplaceAll(s.Text, " | ", "`, else `") + "`"
		for _, note := range []struct {
			on   bool
			text string
		}{{s.Heavy, "with --heavy"}, {s.Each == "look-at", "for each user of --look-at"}, {s.Each == "soap-for", "for each user of --soap-for"},
			{s.Each == "jabber-file", "for each --jabber-file"}, {s.Unless != "", "only where " + s.Unless + " gives nothing"},
			{s.Since != "", "AXL schema " + s.Since + " and later"}} {
			if note.on {
				request += "; " + note.text
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.0f | %s |\n", s.ID, request, s.Roles, level, s.Limit.Seconds(), s.Source)
	}
	const from, to = "-update writes it. -->", "\n<!-- end of the table -->"
	before, rest, ok := strings.Cut(string(text), from)
	_, after, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatal("the page has no place for the table")
	}
	want := before + from + b.String() + to + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatal("the table of docs/collect.md is not that of the program: go test ./collect -run TestPageHasAllSteps -update")
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
