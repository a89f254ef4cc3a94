package export_test

import (
	"testing"

	"cupclint/export"
)

// A row that holds settings of Jabber is read, not skipped; the rows next to it are.
func TestRowsWithSettingsAreNotSkipped(t *testing.T) {
	const axl = `<ns:executeSQLQueryResponse xmlns:ns="http://www.cisco.com/AXL/API/14.0"><return>`
	for text, skipped := range map[string]int{
		"admin:run sql select name, xml from ucservicexml\nname xml\n==== ==========================================\n" +
			"all  <Directory><UseSSL>1</UseSSL></Directory>\nnone\n": 1,
		axl + `<row><name>all</name><xml>&lt;Directory&gt;&lt;UseSSL&gt;1&lt;/UseSSL&gt;&lt;/Directory&gt;</xml></row>` +
			`<row><name>none</name><xml/></row></return></ns:executeSQLQueryResponse>`: 1,
		axl + `<row><name>all</name><xml><Directory><UseSSL>1</UseSSL></Directory></xml></row></return></ns:executeSQLQueryResponse>`: 0,
	} {
		e, err := new(export.Reader).Parse("in", []byte(text))
		if err != nil || len(e.Properties) != 1 {
			t.Errorf("%s: %q, %v", text, join(e), err)
			continue
		}
		got := 0
		if ignored := e.Ignored(); ignored != nil {
			got = ignored.Count
		}
		if got != skipped {
			t.Errorf("%s: %d places skipped, want %d", text, got, skipped)
		}
	}
}
