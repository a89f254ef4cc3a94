package probe

import (
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		list string
		want []string
	}{
		{"", nil},
		{" , ,", nil},
		{"NTLM", []string{"NTLM"}},
		{"Basic realm=\"a, b\",NTLM", []string{"Basic realm=\"a, b\"", "NTLM"}},
		{`Digest realm="a\", b", nonce="c"`, []string{`Digest realm="a\", b"`, `nonce="c"`}},
		{`a, realm="open, b`, []string{"a", `realm="open, b`}},
		{`a, realm="open\`, []string{"a", `realm="open\`}},
		{`a\,b`, []string{`a\`, "b"}},
	} {
		if got := Members(c.list); !slices.Equal(got, c.want) {
			t.Errorf("Members(%q) = %q, want %q", c.list, got, c.want)
		}
	}
}
