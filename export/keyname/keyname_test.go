package keyname

import "testing"

func TestHash(t *testing.T) {
	same := func(a, b string, n int) {
		t.Helper()
		ha, _, _ := Hash(a)
		hb, got, ok := Hash(b)
		if !ok || ha != hb || got != n {
			t.Errorf("%q and %q: %x %x, number %d (want %d), %v", a, b, ha, hb, got, n, ok)
		}
	}
	same("Presence.Domain", "presence.DOMAIN", 0)
	same("User.{n}.ID", "User.17.id", 17)
	same("User.{n}", "user.9999", MaxIndex)
	same("User.{n}a.ID", "User.{n}a.ID", 0)

	for _, name := range []string{"User.0.ID", "User.01.ID", "User.10000.ID", "User.1.2", "User.99999999999999999999.ID"} {
		if _, _, ok := Hash(name); ok {
			t.Errorf("%q is taken", name)
		}
	}
	other := func(a, b string) {
		t.Helper()
		ha, _, _ := Hash(a)
		if hb, _, ok := Hash(b); ok && ha == hb {
			t.Errorf("%q and %q have the same hash", a, b)
		}
	}
	other("User.{n}.ID", "User.1a.ID")
	other("User.ID", "UserID")
}

func TestShortNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Directory_Server", "directoryserver", true},
		{"__a__B", "ab_", true},
		{"", "_", true},
		{"a", "", false},
		{"ab", "a", false},
		{"ab", "ac", false},
		{"Ä", "ä", false}, // only ASCII has case
	} {
		if SameShort(c.a, c.b) != c.same || SameShort(c.b, c.a) != c.same {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.same)
		}
		if c.same && HashShort(c.a) != HashShort(c.b) {
			t.Errorf("%q and %q have different hashes", c.a, c.b)
		}
	}
}
