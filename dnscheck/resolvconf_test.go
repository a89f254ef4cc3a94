package dnscheck

import (
	"slices"
	"strings"
	"testing"
)

func TestReadResolvConf(t *testing.T) {
	conf, err := ReadResolvConf(strings.NewReader(`# comment
; another
nameserver 192.0.2.1
	nameserver   2001:db8::1
nameserver fe80::1%eth0 # trailing
nameserver 0.0.0.0
nameserver dns.example.com
nameserver
domain old.example
search corp.example. lab.example # rest
options ndots:2 timeout:1
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range conf.Resolvers {
		got = append(got, r.String())
	}
	if want := []string{"192.0.2.1", "2001:db8::1", "fe80::1%eth0", "127.0.0.1"}; !slices.Equal(got, want) {
		t.Errorf("resolvers %q, want %q", got, want)
	}
	if want := []string{"corp.example", "lab.example"}; !slices.Equal(conf.Search, want) {
		t.Errorf("search list %q, want %q", conf.Search, want)
	}
	if len(conf.Problems) != 1 || !strings.Contains(conf.Problems[0], `line 7: nameserver "dns.example.com"`) {
		t.Errorf("problems %q, want one, in line 7", conf.Problems)
	}
}

func TestLastOfDomainAndSearchCounts(t *testing.T) {
	conf, err := ReadResolvConf(strings.NewReader("search a.example b.example\ndomain c.example\n"))
	if err != nil || !slices.Equal(conf.Search, []string{"c.example"}) {
		t.Errorf("search list %q, %v", conf.Search, err)
	}
}

func TestEndlessLineIsAnError(t *testing.T) {
	long := "nameserver 192.0.2.1\nsearch " + strings.Repeat("x", maxLine)
	if conf, err := ReadResolvConf(strings.NewReader(long)); err == nil || !strings.Contains(err.Error(), "line 2") ||
		len(conf.Resolvers) != 1 {
		t.Errorf("%+v, %v; want the server of line 1 and an error at line 2", conf, err)
	}
	if _, err := ReadHosts("hosts", strings.NewReader("127.0.0.1 "+strings.Repeat("x", maxLine))); err == nil {
		t.Error("a hosts file with an endless line is taken")
	}
}

func FuzzReadResolvConf(f *testing.F) {
	f.Add("nameserver 192.0.2.1\nsearch a b\n")
	f.Add("domain x\r\nnameserver ::1%lo\n#")
	f.Fuzz(func(t *testing.T, text string) {
		conf, _ := ReadResolvConf(strings.NewReader(text))
		if len(conf.Resolvers) > maxResolvers || len(conf.Search) > maxSearch {
			t.Errorf("%d resolvers, %d suffixes", len(conf.Resolvers), len(conf.Search))
		}
		for _, r := range conf.Resolvers {
			if !r.Addr.IsValid() || r.Addr.Port() == 0 {
				t.Errorf("resolver %+v cannot be asked", r)
			}
		}
		if slices.Contains(conf.Search, "") {
			t.Error("an empty suffix")
		}
	})
}

func TestReadHosts(t *testing.T) {
	h, err := ReadHosts("hosts", strings.NewReader("127.0.0.1 localhost\n10.1.1.1\tcup1.cisco.com CUP1 # presence\n::1 "+
		"cup1.cisco.com\nnonsense cup1\n10.1.1.2\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		want string
	}{
		{"cup1.cisco.com", "10.1.1.1@2 ::1@3"},
		{"CUP1.Cisco.com.", "10.1.1.1@2 ::1@3"},
		{"cup1", "10.1.1.1@2"},
		{"presence", ""},
		{"cup2", ""},
	}
	for _, test := range tests {
		var got []string
		for _, e := range h.Lookup(test.name) {
			got = append(got, e.Addr.String()+"@"+uitoa(uint32(e.Line)))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("Lookup(%q) = %q, want %q", test.name, got, test.want)
		}
	}
	var none *HostsFile
	if none.Lookup("cup1") != nil {
		t.Error("no hosts file knows a name")
	}
}

func FuzzReadHosts(f *testing.F) {
	f.Add("127.0.0.1 localhost\n::1 a b#c\n")
	f.Fuzz(func(t *testing.T, text string) {
		h, _ := ReadHosts("hosts", strings.NewReader(text))
		for name, entries := range h.entries {
			for _, e := range entries {
				if !e.Addr.IsValid() || e.Line < 1 {
					t.Errorf("%q: %+v", name, e)
				}
			}
		}
	})
}
