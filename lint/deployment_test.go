package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/resolve"
)

// read returns the input that text makes.
func read(t *testing.T, text string) *Input {
	t.Helper()
	for e, err := range readAll(newTestReader(), folder(t, map[string]string{"a.txt": text})[0]) {
		if err != nil {
			t.Fatal(err)
		}
		return NewInput(e)
	}
	t.Fatal("no export")
	return nil
}

func TestTheGenerationComesFromTheExport(t *testing.T) {
	for _, tt := range []struct {
		generation, version string
		want                resolve.Generation
	}{
		{"", "", resolve.SIP},
		{"xmpp", "", resolve.XMPP},
		{"sip", "9.7.0.18474", resolve.SIP}, // what is said outright wins
		{"smpp", "8.6", resolve.XMPP},       // a wrong value is ignored
		{"", "1.2.1", resolve.SIP},
		{"", "7.0.2", resolve.SIP},
		{"", "7.1(3)", resolve.SIP},
		{"", "8.0", resolve.XMPP},
		{"", "8", resolve.XMPP},
		{"", "10.5.2", resolve.XMPP},
		{"", "CUPC 8.5(3)", resolve.XMPP},
		{"", "Jabber 9.7", resolve.XMPP},
		{"", "unknown", resolve.SIP},
	} {
		text := "Presence.Domain = d\n"
		if tt.generation != "" {
			text += "Client.Generation = " + tt.generation + "\n"
		}
		if tt.version != "" {
			text += "Client.Version = " + tt.version + "\n"
		}
		if got := read(t, text).Generation; got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestTheConfiguredGenerationWins(t *testing.T) {
	var got []resolve.Generation
	seen := &Rule{ID: "T905", Name: "seen", Area: "test", Kind: ExportKind, Check: func(in *Input) []Finding {
		got = append(got, in.Generation)
		return nil
	}}
	sources := folder(t, map[string]string{"a.txt": "Client.Generation = sip\nPresence.Domain = d\n"})
	for _, p := range []*Policy{nil, mustPolicy(t, Settings{Generation: resolve.XMPP})} {
		res, _, _ := collect(t, Options{Sources: sources, Rules: []*Rule{seen}, Policy: p})
		if res.Summary.Files != 1 {
			t.Fatalf("%+v, %v", res.Summary, res.Errors)
		}
	}
	if want := []resolve.Generation{resolve.SIP, resolve.XMPP}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPresenceNodesAreThePrimaryAndTheBackupsThatAreSet(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Presence.Primary.Address = cup1\nPresence.Domain = cisco.com\nPresence.Backup.Address = cup2\nPresence.Backup2.Address = cup3\n",
			"primary cup1.cisco.com, backup cup2.cisco.com, backup2 cup3.cisco.com"},
		{"Presence.Backup.Address = \nPresence.Primary.Address = cup1\nPresence.Domain = cisco.com\n", "primary cup1.cisco.com"},
		{"Presence.Domain = cisco.com\n", "primary "},
		{"Presence.Backup.Address = cup2.cisco.com\nPresence.Domain = cisco.com\n", "primary , backup cup2.cisco.com"},
		{"Directory.Password = x\n", ""},
	} {
		in := read(t, tt.text)
		for range 2 { // computed, then remembered
			var got []string
			for _, n := range in.PresenceNodes() {
				got = append(got, n.Role+" "+n.Address.Value)
			}
			if g := strings.Join(got, ", "); g != tt.want {
				t.Errorf("%q: %s, want %s", tt.text, g, tt.want)
			}
		}
		in.reset(&export.Export{}, 1, "")
		if n := in.PresenceNodes(); len(n) != 0 {
			t.Errorf("%q: the next export has the nodes of this one: %v", tt.text, n)
		}
	}
}

func TestAddressesAreListedWhenAskedFor(t *testing.T) {
	sources := folder(t, map[string]string{
		"b.txt": "Presence.Primary.Address = cup1\nPresence.Domain = cisco.com\nPresence.Backup.Address = cup2.cisco.com\n",
		"a.txt": "Presence.Primary.Address = cup9\nPresence.Domain = acme.com\n",
	})
	for _, asked := range []bool{true, false} {
		res, _, _ := collect(t, Options{Sources: sources, Addresses: asked})
		var got []string
		for row, err := range res.Addresses() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s %s %s", row.File, row.Role, row.Address))
		}
		want := []string{"a.txt primary cup9.acme.com", "b.txt primary cup1.cisco.com", "b.txt backup cup2.cisco.com"}
		if !asked {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("asked %v: %q", asked, got)
		}
	}
}

// An export that does not give its generation has the generation of the clients that get the files next to it.
func TestTheGenerationComesFromJabbersFilesNextToTheExport(t *testing.T) {
	generations := &Rule{ID: "T010", Name: "generation", Kind: ExportKind, Check: func(in *Input) []Finding {
		return []Finding{in.At(nil, "%s %v", in.Generation, in.WithJabber)}
	}}
	const config = "<config><Directory><UseANR>1</UseANR></Directory></config>"
	sources := folder(t, map[string]string{
		"a/jabber-config.xml": config, "a/x.txt": client("cup1"), "a/y.txt": client("cup1") + "Client.Version = 7.0\n",
		"b/Jabber-config-user.xml": config, "b/c/x.txt": client("cup1"), "d/x.txt": client("cup1"),
	})
	for _, tt := range []struct {
		settings Settings
		want     []string
	}{
		{Settings{}, []string{"xmpp true", "xmpp true", "sip true", "xmpp true", "sip false", "sip false"}},
		{Settings{Generation: resolve.XMPP}, []string{"xmpp true", "xmpp true", "xmpp true", "xmpp true", "xmpp false", "xmpp false"}},
		{Settings{Deployments: []DeploymentPaths{{Name: "n", Paths: []Glob{{Pattern: "b/**"}}}}},
			[]string{"xmpp true", "xmpp true", "sip true", "xmpp true", "xmpp true", "sip false"}},
	} {
		policy, err := NewPolicy(nil, tt.settings)
		if err != nil {
			t.Fatal(err)
		}
		result, err := Run(t.Context(), Options{Sources: sources, Rules: []*Rule{generations}, Policy: policy, NewReader: newTestReader})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for f, err := range result.Findings() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Message)
		}
		result.Close()
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.settings, got, tt.want)
		}
	}
}
