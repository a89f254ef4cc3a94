package audit

import (
	"errors"
	"strings"
	"testing"

	"cupclint/export"
)

func TestReadCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want string // accounts, or what the error says
	}{
		"accounts":              {"# of the lab\n\nsvc@acme.com\tfirst\r\nanna\tsecond word\n", "svc@acme.com:3 anna:4"},
		"a byte order mark":     {"\xef\xbb\xbfsvc\tfirst\r\n", "svc:1"},
		"UTF-16":                {"\xff\xfes\x00v\x00c\x00\t\x00p\x00\r\x00\n\x00", "svc:1"},
		"a tab in a password":   {"svc\ta\tb\n", "svc:1"},
		"nothing":               {"", ""},
		"no tab":                {"svc\tgood\nsvc hunter2\n", "creds:2:1: the line is not an account, a tab and a password"},
		"no password":           {"svc\t\n", "creds:1:1: the line is not an account, a tab and a password"},
		"no account":            {"\thunter2\n", "creds:1:1: the line is not an account, a tab and a password"},
		"a line without an end": {"svc\t" + strings.Repeat("x", 1<<17), "read the credentials from creds"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadCredentials("creds", []byte(test.text))
			var text []string
			for _, c := range got {
				text = append(text, c.Account+":"+string(rune('0'+c.Line)))
			}
			said := strings.Join(text, " ")
			if err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, test.want) || err == nil && said != test.want {
				t.Errorf("got %q, want %q", said, test.want)
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("%q shows the password", said)
			}
			var at *export.Error
			if strings.Contains(test.want, ":1: ") && !errors.As(err, &at) {
				t.Errorf("%v has no place", err)
			}
		})
	}
}
