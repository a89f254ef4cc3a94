package export_test

import (
	"errors"
	"strings"
	"testing"

	"cupclint/export"
)

// A table of which no column and no row is used is not read in silence, although its name is known.
func TestTablesOfWhichNothingIsUsedAreSaid(t *testing.T) {
	for _, c := range []struct{ query, table string }{
		{"select paramname from processconfig", "paramname\n==============\nSIPProxyDomain\n"},
		{"select paramname,paramvalue from processconfig", "paramname paramvalue\n========= ==========\nFooBar    12\n"},
		{"select pkid from processnode", "pkid\n====================================\n1a2b3c4d-0000-0000-0000-000000000001\n"},
		{"select count(*) from enduser", "(count(*))\n==========\n812\n"},
		{"select max(nodeid) as last from processnode", "last\n====\n4\n"},
	} {
		_, err := new(export.Reader).Parse("in.txt", []byte("admin:run sql "+c.query+"\n"+c.table+"admin:\n"))
		if err == nil || !strings.Contains(err.Error(), "a run sql table of ") || !strings.Contains(err.Error(), " with the columns ") {
			t.Errorf("%s: %v", c.query, err)
		}
	}
	// With another table in the file, the rows are listed as skipped.
	e, err := new(export.Reader).Parse("in.txt", []byte("admin:run sql select userid from enduser\nuserid\n======\nmpatel\n\n"+
		"admin:run sql select count(*) from enduser\n(count(*))\n==========\n812\nadmin:\n"))
	if err != nil || len(e.Properties) != 1 || e.Ignored().Count != 1 {
		t.Errorf("%v, %+v", err, e)
	}
}

// Mail programs break a long link after or before an &, and quote both lines.
func TestLinksOverSeveralLines(t *testing.T) {
	const a, b = "ciscojabber://provision?ServicesDomain=acme.example", "ServiceDiscoveryExcludedServices=WEBEX"
	for _, text := range []string{a + "\n&" + b, a + "&\r\n" + b + "\r\nBye", "> " + a + "&\n> " + b, a + "&" + b + "\n&nbsp;"} {
		e, err := new(export.Reader).Parse("in.txt", []byte("Please open\n"+text+"\n"))
		if err != nil || len(e.Properties) != 2 || e.Properties[0].Value != "acme.example" || e.Properties[1].Value != "WEBEX" {
			t.Errorf("%q: %v %+v", text, err, e)
		}
	}
	e, err := new(export.Reader).Parse("in.txt", []byte(a+"\nServer=x is next\n"))
	if err != nil || len(e.Properties) != 1 {
		t.Errorf("%v %+v", err, e)
	}
}

// A fence of a wiki with nothing in it leaves no text.
func TestAFenceAloneIsNotUnderstood(t *testing.T) {
	for _, text := range []string{"```", "```\n```\n", "> ```\n"} {
		_, err := new(export.Reader).Parse("in.txt", []byte(text))
		if _, ok := errors.AsType[*export.NotUnderstoodError](err); !ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
