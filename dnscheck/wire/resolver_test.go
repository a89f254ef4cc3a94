package wire

import "testing"

func TestParseResolver(t *testing.T) {
	tests := []struct{ text, addr, name, written string }{
		{"192.0.2.1", "192.0.2.1:53", "", "192.0.2.1"},
		{"192.0.2.1:5353", "192.0.2.1:5353", "", "192.0.2.1:5353"},
		{"2001:db8::1", "[2001:db8::1]:53", "", "2001:db8::1"},
		{"[2001:db8::1]", "[2001:db8::1]:53", "", "2001:db8::1"},
		{"[2001:db8::1]:5353", "[2001:db8::1]:5353", "", "[2001:db8::1]:5353"},
		{"fe80::1%eth0", "[fe80::1%eth0]:53", "", "fe80::1%eth0"},
		{"::ffff:192.0.2.1", "192.0.2.1:53", "", "192.0.2.1"},
		{"tls://192.0.2.1", "192.0.2.1:853", "", "tls://192.0.2.1"},
		{"tls://192.0.2.1#dns.example.com", "192.0.2.1:853", "dns.example.com", "tls://192.0.2.1#dns.example.com"},
		{"tls://[2001:db8::1]:8853#dns.example.com", "[2001:db8::1]:8853", "dns.example.com", "tls://[2001:db8::1]:8853#dns.example.com"},
	}
	for _, test := range tests {
		r, err := ParseResolver(test.text)
		if err != nil || r.Addr.String() != test.addr || r.Name != test.name || r.String() != test.written {
			t.Errorf("ParseResolver(%q) = %+v (%s), %v", test.text, r, r, err)
		}
	}
	for _, bad := range []string{"", "dns.example.com", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2", "0.0.0.0", "224.0.0.1", "tls://",
		"tls://192.0.2.1#", "tls://192.0.2.1#a b", "udp://192.0.2.1", "192.0.2.1#name", "[192.0.2.1", "192.0.2.1 "} {
		if r, err := ParseResolver(bad); err == nil {
			t.Errorf("ParseResolver(%q) = %+v, want an error", bad, r)
		}
	}
}

func FuzzParseResolver(f *testing.F) {
	for _, seed := range []string{"192.0.2.1", "[::1]:53", "tls://192.0.2.1:853#a.b", "fe80::1%x", "tls://[::1]#x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseResolver(text)
		if err != nil {
			return
		}
		if again, err := ParseResolver(r.String()); err != nil || again != r {
			t.Errorf("%q is written %q, which reads as %+v, %v", text, r, again, err)
		}
	})
}
