package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestAbsoluteKeepsTheNameAsWritten(t *testing.T) {
	long := strings.Repeat("a", MaxLabel)
	tests := []struct{ value, want string }{
		{"cup1.cisco.com", "cup1.cisco.com."},
		{"cup1.cisco.com.", "cup1.cisco.com."},
		{"CUP1.Cisco.COM", "CUP1.Cisco.COM."},
		{"_sip._tcp.example.com", "_sip._tcp.example.com."},
		{"cup1", "cup1."},
		{"up 1.example.com", `up\ 1.example.com.`},
		{`a\b.example.com`, `a\\b.example.com.`},
		{"bücher.example", `b\195\188cher.example.`},
		{"cup1.10.11.12.13", "cup1.10.11.12.13."},
		{long + ".example", long + ".example."},
		{strings.Repeat(long+".", 3) + strings.Repeat("b", 61), strings.Repeat(long+".", 3) + strings.Repeat("b", 61) + "."},
	}
	for _, test := range tests {
		got, err := Absolute(test.value)
		if err != nil || got != test.want {
			t.Errorf("Absolute(%q) = %q, %v; want %q", test.value, got, err, test.want)
		}
	}
}

func TestAbsoluteRefusesWhatNoQuestionCanHold(t *testing.T) {
	tooLong := new(TooLongError)
	tests := []struct {
		value string
		err   error // nil for a TooLongError
	}{
		{"", ErrEmptyName},
		{".", ErrEmptyName},
		{".cup1", ErrEmptyLabel},
		{"cup1..cisco.com", ErrEmptyLabel},
		{"cup1..", ErrEmptyLabel},
		{strings.Repeat("a", MaxLabel+1) + ".com", nil},
		{strings.Repeat("a.", 126) + "aa", nil}, // 254 bytes
		{strings.Repeat("a", 1<<20), nil},
	}
	for _, test := range tests {
		got, err := Absolute(test.value)
		switch {
		case test.err == nil && !errors.As(err, &tooLong):
			t.Errorf("Absolute(%.20q...) = %q, %v; want a TooLongError", test.value, got, err)
		case test.err != nil && !errors.Is(err, test.err):
			t.Errorf("Absolute(%q) = %q, %v; want %v", test.value, got, err, test.err)
		}
	}
}

func FuzzAbsolute(f *testing.F) {
	for _, seed := range []string{"cup1.cisco.com", "up 1", "a..b", ".", `\`, "\x00.\xff", strings.Repeat("a.", 127)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		name, err := Absolute(value)
		if err != nil {
			return
		}
		query, err := pack(nil, Question{Name: name, Type: dns.TypeA}, true)
		if err != nil {
			t.Fatalf("Absolute(%q) = %q, which cannot be packed: %v", value, name, err)
		}
		msg := new(dns.Msg)
		if err := msg.Unpack(query); err != nil {
			t.Fatalf("the query for %q cannot be read: %v", value, err)
		}
		if got := msg.Question[0].Name; got != name {
			t.Errorf("asked for %q, on the wire is %q", name, got)
		}
		// Label by label, the bytes on the wire are those of the value.
		rest := query[headerSize:]
		for label := range strings.SplitSeq(strings.TrimSuffix(value, "."), ".") {
			if n := int(rest[0]); n != len(label) || string(rest[1:1+n]) != label {
				t.Fatalf("label %q is %q on the wire", label, rest[1:1+n])
			}
			rest = rest[1+len(label):]
		}
	})
}

func TestPackMakesTheMessageOfTheLibrary(t *testing.T) {
	for _, edns := range []bool{false, true} {
		want := new(dns.Msg).SetQuestion("cup1.example.com.", dns.TypeSRV)
		want.Id = 0
		if edns {
			want.SetEdns0(udpSize, false)
		}
		wantBytes, err := want.Pack()
		if err != nil {
			t.Fatal(err)
		}
		got, err := pack(nil, Question{"cup1.example.com.", dns.TypeSRV}, edns)
		if err != nil || string(got) != string(wantBytes) {
			t.Errorf("EDNS %t: pack gives % x, %v; want % x", edns, got, err, wantBytes)
		}
	}
}
