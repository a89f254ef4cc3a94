package cli

import (
	"testing"

	"cupclint/export"
)

// People look for a name as the installer's guide has it.
func TestKeysAreFoundByAllTheirNames(t *testing.T) {
	for part, want := range map[string]string{
		"EXCLUDED_SERVICES": "Jabber.Bootstrap.ExcludedServices", "sso_email_prompt": "Jabber.Bootstrap.SsoEmailPrompt",
		"EnableSIPURIDialling": "Jabber.Policies.EnableSIPURIDialling", "FlyingCars": "",
	} {
		got := keysNamed(export.Keys(), part)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Name != want) {
			t.Errorf("%s: %v, want %q", part, got, want)
		}
	}
}
