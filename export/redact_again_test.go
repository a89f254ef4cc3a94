package export_test

import (
	"strings"
	"testing"

	"cupclint/export"
)

// A password that is also the value of another key was typed in the wrong place: nothing that is made of that value shows it.
func TestAPasswordInTheWrongPlaceIsCovered(t *testing.T) {
	text := "Directory.Primary.Port = S3cr3tM4rk\nDirectory.DN = S3cr3tM4rk\nPresence.Backup.Address = http://S3cr3tM4rk\n" +
		"Directory.Password = S3cr3tM4rk\nCalendar.Primary = S3cr3tM4rks\n"
	soap := `<r xmlns="urn:cisco:epas:soap"><property name="Directory.DN">S3cr3tM4rk</property>` +
		`<property name="Directory.Password">S3cr3tM4rk</property></r>`
	for _, c := range []struct{ name, text, want string }{
		{"key = value", text, "******** ******** http://******** S3cr3tM4rk S3cr3tM4rks"},
		{"SOAP", soap, "******** S3cr3tM4rk"},
		{"an ordinary word", "Directory.DN = winter\nDirectory.Password = winter\n", "winter winter"},
	} {
		e, err := new(export.Reader).Parse("in", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range e.Properties {
			got = append(got, e.Properties[i].Value)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
