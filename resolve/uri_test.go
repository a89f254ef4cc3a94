package resolve

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestParseURI(t *testing.T) {
	for _, c := range []struct {
		in   string
		want URI
	}{
		{"sip:6002@acme.com", URI{Scheme: "sip", User: "6002", Host: "acme.com"}},
		{"SIPS:alice@cup1.acme.com:5061;transport=TLS", URI{Scheme: "sips", User: "alice", Host: "cup1.acme.com", Port: 5061, Transport: "tls"}},
		{"sip:acme.com", URI{Scheme: "sip", Host: "acme.com"}},
		{"sip:acme.com.", URI{Scheme: "sip", Host: "acme.com."}},
		{"sip:cup_1", URI{Scheme: "sip", Host: "cup_1"}},
		{"sip:10.1.1.1:65535", URI{Scheme: "sip", Host: "10.1.1.1", Port: 65535}},
		{"sip:alice:secret@acme.com", URI{Scheme: "sip", User: "alice", Host: "acme.com"}},
		{"sip:alice:@acme.com", URI{Scheme: "sip", User: "alice", Host: "acme.com"}},
		{"sip:alice@[2001:db8::1]:5060", URI{Scheme: "sip", User: "alice", Host: "2001:db8::1", Port: 5060}},
		{"sip:[::1]", URI{Scheme: "sip", Host: "::1"}},
		{"sip:alice;day=tuesday@acme.com", URI{Scheme: "sip", User: "alice;day=tuesday", Host: "acme.com"}},
		{"sip:a?b/c@acme.com?subject=project%20x&priority=urgent", URI{Scheme: "sip", User: "a?b/c", Host: "acme.com"}},
		{"sip:6002@acme.com;transport=udp;lr?x=1", URI{Scheme: "sip", User: "6002", Host: "acme.com", Transport: "udp"}},
		{"sip:+1-212-555-1212;ext=12@acme.com;user=phone", URI{Scheme: "sip", User: "+1-212-555-1212;ext=12", Host: "acme.com"}},
		{"sip:a@acme.com;maddr=[::1];TRANSPORT=tcp", URI{Scheme: "sip", User: "a", Host: "acme.com", Transport: "tcp", MAddr: "::1"}},
		{"sip:%61lice@acme.com", URI{Scheme: "sip", User: "%61lice", Host: "acme.com"}},
	} {
		got, err := ParseURI(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseURI(%q) = %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
}

func TestParseURISaysWhereItBreaks(t *testing.T) {
	for _, c := range []struct {
		in     string
		offset int
	}{
		{"", 0}, {"6002@acme.com", 0}, {"tel:+49", 0}, {"sip", 0}, {"sip:", 4}, {"sip:@acme.com", 4}, {"sip:a@", 6}, {"sip:a b@acme.com", 5},
		{"sip:a@acme.com:0", 15}, {"sip:a@acme.com:65536", 15}, {"sip:a@acme.com:", 15}, {"sip:a@acme.com:+1", 15}, {"sip:a@acme.com:50x", 15},
		{"sip:a@[::1", 6}, {"sip:a@[1.2.3.4]", 7}, {"sip:a@[::1]x", 11}, {"sip:a@[fe80::1%eth0]", 7},
		{"sip:a@b@c", 7}, {"sip:alice@acme.com?subject=a@b", 28}, {"sip:%6@acme.com", 4}, {"sip:%zz@acme.com", 4}, {"sip:a@acme..com", 11},
		{"sip:a@.com", 6},
		{"sip:a@acme.com;;lr", 15}, {"sip:a@acme.com;", 15}, {"sip:a@acme.com;transport=tcp;Transport=udp", 29},
		{"sip:a@acmé.com", 9}, {"sip:a@acme.com\u200b", 14}, {"sip:é@acme.com", 4}, {" sip:a@acme.com", 0}, {"sip:a@acme.com ", 14},
		{"sip:a@acme.com\r\nX: y", 14},
	} {
		_, err := ParseURI(c.in)
		var at *URIError
		if !errors.As(err, &at) || at.Offset != c.offset {
			t.Errorf("ParseURI(%q): error %v, want one at byte %d", c.in, err, c.offset+1)
		}
	}
}

func TestAURIErrorShowsNoPassword(t *testing.T) {
	for _, uri := range []string{
		"sip:alice:hunter2@acme.com:0", "sip:alice:hunter2@", "sip:alice:hunter2\x01@acme.com", "sip:alice:hun%zzter2@acme.com",
		"sip:alice:x:hunter2@acme.com", "sip:alice:hunter2@b@acme.com", "http:alice:hunter2@acme.com", "sip:alice:hunter2@x:hunter2@acme.com",
	} {
		_, err := ParseURI(uri)
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("ParseURI(%q): error %v", uri, err)
		}
	}
}

func TestTheNumberOfAUserPart(t *testing.T) {
	for user, want := range map[string]string{
		"6002": "6002", "6002;ext=1": "6002", "%36002": "6002", "600%32": "6002", "+49": "+49", "%3": "%3", "%zz": "%zz", "%": "%", "": "",
	} {
		u := URI{User: user}
		if got := u.number(); got != want {
			t.Errorf("the number of %q is %q, want %q", user, got, want)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	for _, s := range []string{
		"sip:6002@acme.com", "sips:a@[::1]:5061;transport=tls?h=v", "sip::@:", "sip:a@b:99999", "sip:%61;x@b;maddr=1.2.3.4", "sip:a:b@c",
	} {
		f.Add(s, "6...*")
		f.Add(s, ".com.acme.*")
	}
	f.Fuzz(func(t *testing.T, s, destination string) {
		u, err := ParseURI(s)
		if err != nil {
			var at *URIError
			if !errors.As(err, &at) || at.Offset < 0 || at.Offset > len(s) || at.Reason == "" {
				t.Fatalf("ParseURI(%q): error %v points outside", s, err)
			}
			return
		}
		if u.Host == "" || u.Port < 0 || u.Port > 65535 || !strings.Contains(s, u.Host) || !strings.Contains(s, u.User) ||
			strings.Contains(u.User, "@") {
			t.Fatalf("ParseURI(%q) = %+v: not what is written", s, u)
		}
		if !plain(s) || strings.Contains(s, " ") {
			t.Fatalf("ParseURI(%q) takes characters that no SIP URI has", s)
		}
		// What was read, written again, reads the same.
		again := URI{Scheme: u.Scheme, User: u.User, Host: u.Host, Port: u.Port}
		if back, err := ParseURI(written(again)); err != nil || back != again {
			t.Fatalf("ParseURI(%q) = %+v, which reads back as %+v, %v", s, u, back, err)
		}
		routes := []StaticRoute{{Destination: destination, NextHop: "cucm1"}, {Destination: "acme.com", NextHop: "10.1.1.1"}}
		r := NextHop(u, Proxy{SIPDomain: "acme.com"}, routes)
		checkRoute(t, s, r)
		if _, shadowed := Shadowed(0, Proxy{SIPDomain: "acme.com"}, routes); shadowed && r.Static == &routes[0] {
			t.Fatalf("NextHop(%q) takes the route for %q, which is said to be shadowed", s, destination)
		}
	})
}

func written(u URI) string {
	s := u.Scheme + ":"
	if u.User != "" {
		s += u.User + "@"
	}
	if strings.Contains(u.Host, ":") {
		s += "[" + u.Host + "]"
	} else {
		s += u.Host
	}
	if u.Port != 0 {
		s += ":" + strconv.Itoa(u.Port)
	}
	return s
}
