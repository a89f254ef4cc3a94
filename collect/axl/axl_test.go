package axl

import (
	"slices"
	"strings"
	"testing"
)

// Only operations that read are read from a text, and only those are sent.
func TestOnlyReadingOperations(t *testing.T) {
	for _, op := range []string{"updateUser", "addPhone", "removeUser", "executeSQLUpdate", "doLdapSync", "doAuthenticateUser", "wipePhone",
		"getx", "list", "get",
		"get User", "listUser><x", ""} {
		if Allowed(op) {
			t.Errorf("%s is allowed", op)
		}
		if _, err := ParseCall(op + "(name=%)"); err == nil {
			t.Errorf("%s is read", op)
		}
		if _, err := New(Options{}).Do(t.Context(), &Call{Operation: op}); err == nil {
			t.Errorf("%s is sent", op)
		}
	}
}

// The elements of a request are in the order of the schema, pages after the tags, and tags of later schemas are left out.
func TestRequest(t *testing.T) {
	c, err := ParseCall("listProcessNode(name=%) name servers/server/hostName servers/server/port processNodeRole@10.0")
	if err != nil {
		t.Fatal(err)
	}
	got := c.body("8.5", 500, 500)
	want := `<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><servers><server><hostName/><port/></server></servers></returnedTags>` +
		`<skip>500</skip><first>500</first>`
	if !strings.Contains(got, want) || !strings.Contains(c.body("10.0", 0, 500), "<processNodeRole/>") {
		t.Error(got)
	}
	c.Criteria[0].Value = `a<b>&"`
	if got := c.body("8.5", 0, 1); strings.Contains(got, "a<b>") {
		t.Error(got)
	}
}

func TestSchemas(t *testing.T) {
	for version, want := range map[string]string{
		"14.0.1.13900-155": "14.0", "12.5.1.16900-48": "12.5", "8.5.1.10000-26": "8.5", "15.0.1.11900-23": "15.0",
		"15.5.1.1": "15.0", "7.1.2": "", "x": "",
	} {
		if got := schemaOf(version); got != want {
			t.Errorf("%s has the schema %q, want %q", version, got, want)
		}
	}
	got := supported("Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0")
	if !slices.Equal(got, []string{"15.0", "14.0", "12.5", "12.0"}) {
		t.Errorf("%q", got)
	}
	if got := supported("HTTP Status 599"); got[0] != "14.0" || len(got) != 6 {
		t.Errorf("%q", got)
	}
	if n := suggested("Total rows matched: 2816 rows. Suggestive Row Fetch: less than 844 rows"); n != 843 {
		t.Error(n)
	}
}

// Faults are read with and without a namespace of their detail.
func TestFaults(t *testing.T) {
	for _, detail := range []string{"<axlError><axlcode>5003</axlcode><axlmessage>no</axlmessage></axlError>",
		`<ns:axlError xmlns:ns="http://www.cisco.com/AXL/API/8.5"><axlcode>5003</axlcode><axlmessage>no</axlmessage></ns:axlError>`} {
		f := fault([]byte(`<e:Envelope xmlns:e="x"><e:Body><e:Fault><faultstring>no</faultstring><detail>` + detail +
			`</detail></e:Fault></e:Body></e:Envelope>`))
		if f == nil || f.Code != "5003" || f.Detail != "no" {
			t.Errorf("%+v", f)
		}
	}
}

// FuzzAnswer looks for panics in what reads answers.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "<e><b><getXResponse><return><x><name>a</name></x></return></getXResponse></b></e>")
	f.Add(500, "<Fault><faultstring>x</faultstring></Fault>")
	f.Add(599, "Supported axl versions are 12.x")
	f.Fuzz(func(_ *testing.T, status int, text string) {
		_, _ = judge(status, []byte(text), &Call{Operation: "getX"})
		_, _, _ = Records([]byte(text)), Values([]byte(text), "name"), Rows([]byte(text))
		_, _, _ = supported(text), suggested(text), schemaOf(text)
	})
}
