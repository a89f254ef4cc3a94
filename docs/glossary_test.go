package docs_test

import (
	"strings"
	"testing"

	"cupclint/docs"
)

// TestGlossary proves that every term has one sentence and a name of its own.
func TestGlossary(t *testing.T) {
	terms := docs.Glossary()
	if len(terms) < 50 {
		t.Errorf("%d terms", len(terms))
	}
	for _, term := range terms {
		for _, name := range term.Names {
			for _, spelled := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
				if got, ok := docs.Explain(spelled); !ok || got.Names[0] != term.Names[0] {
					t.Errorf("%q is explained as %q", spelled, got.Names)
				}
			}
		}
		if !strings.HasSuffix(term.Meaning, ".") || strings.Count(term.Meaning, ". ") > 0 {
			t.Errorf("%s: not one sentence: %q", term.Names[0], term.Meaning)
		}
	}
	for _, word := range []string{"node name", "SIP domain", "presence address", "digest credential", "incoming ACL", "Global Catalog",
		"referral", "base DN", "bind", "lockout", "CTI", "UDS", "XMPP", "edge", "MRA", "export", "deployment", "finding", "evidence", "case",
		"digest credentials", "Lock-Out", "log-in", "lock-out", "baseline", "suppression", "severity", "probe", "plan", "fingerprint"} {
		if _, ok := docs.Explain(word); !ok {
			t.Errorf("%q is not explained", word)
		}
	}
	if _, ok := docs.Explain("telepathy"); ok {
		t.Error("a word that is not in the glossary is explained")
	}
}
