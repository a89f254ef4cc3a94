package nearest

import "testing"

// Two spellings of one name are one candidate.
func TestSpellingsThatDifferInUnderscores(t *testing.T) {
	names := []string{"EXCLUDED_SERVICES", "ExcludedServices", "SERVICES_DOMAIN", "ServicesDomain", "CTI1", "TFTP_1", "CTIA"}
	for word, want := range map[string]string{
		"SERVICE_DOMAIN":   "SERVICES_DOMAIN",
		"EXCLUDE_SERVICES": "EXCLUDED_SERVICES",
		"ServiceDomain":    "ServicesDomain",
		"CTI":              "CTIA", // the other one differs in a digit
	} {
		if got := Slip(word, names); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	if got := Slip("servicesdomai", []string{"servicesdomain", "servicesdomaim"}); got != "" {
		t.Errorf("two names are as close, and %q was chosen", got)
	}
}
