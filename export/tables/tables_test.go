package tables

import (
	"strings"
	"testing"
)

func TestTheDataIsWhole(t *testing.T) {
	for name, columns := range map[string]int{"records.tsv": 6, "columns.tsv": 6, "parameters.tsv": 3} {
		for _, row := range rows(name) {
			if len(row) != columns {
				t.Errorf("%s: %q has %d fields, want %d", name, row, len(row), columns)
			}
		}
	}
	for _, r := range All() {
		if len(r.Columns) == 0 || r.Source == "" {
			t.Errorf("%s has no columns or no source", r.Name)
		}
		for _, set := range r.marks {
			for _, column := range set {
				if r.Column(column) == nil {
					t.Errorf("%s: the mark %s is not a column", r.Name, column)
				}
			}
		}
		for _, c := range r.Columns {
			if c.Name != strings.ToLower(c.Name) || !strings.Contains(" text host port flag number code dn uuid secret ", " "+c.Type+" ") {
				t.Errorf("%s.%s: %s", r.Name, c.Name, c.Type)
			}
		}
	}
}

func TestRecordsAreFound(t *testing.T) {
	for _, c := range []struct {
		got  *Record
		want string
	}{
		{OfTable("ProcessNode"), "node"},
		{OfTable("typecodec"), ""},
		{OfAnswer("listProcessNodeResponse"), "node"},
		{OfAnswer("listProcessNodeServiceResponse"), ""},
		{OfColumns([]string{"pkid", "NAME", "nodeid"}), "node"},
		{OfColumns([]string{"name"}), ""},
		{OfColumns([]string{"hostname", "portnumber"}), "ldap-authentication-host"},
		{OfFile("collected/ldapdirectoryhost-1.xml"), "ldap-directory-host"},
		{OfColumns([]string{"paramname", "paramvalue", "tkservice"}), "parameter"},
	} {
		name := ""
		if c.got != nil {
			name = c.got.Name
		}
		if name != c.want {
			t.Errorf("got %q, want %q", name, c.want)
		}
	}
}

func TestCodesMeanWords(t *testing.T) {
	role := OfTable("processnode").Column("tkProcessNodeRole")
	for code, want := range map[string]string{"2": "cups", "1": "callmanager", "9": ""} {
		if got, _ := role.Meaning(code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	if got, ok := OfTable("ldapauthenticationhost").Column("sslenabled").Meaning("true"); got != "true" || !ok {
		t.Errorf("AXL says true, and it is taken for %q", got)
	}
}
