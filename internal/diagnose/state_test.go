package diagnose_test

import (
	"testing"

	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// TestNodeNotAuthenticated proves that a node that is not authenticated in its cluster is not a user whose password is refused.
func TestNodeNotAuthenticated(t *testing.T) {
	k := load(t)
	row := "192.0.2.12 sub1.acme.com sub1 Subscriber callmanager DBSub "
	for text, want := range map[string]bool{
		row + "not authenticated":                                      true,
		row + "authenticated using TCP since Mon May 13 08:20:15 2019": false,
	} {
		in := diagnose.Input{Symptoms: []string{diagnose.LogIn}, Pastes: []*diagnose.Paste{read(t, text)}}
		first := k.Rank(in)[0]
		if got := first.ID == "cluster-state" && first.Score > 3; got != want {
			t.Errorf("%q: %s with %v", text, first.ID, first.For)
		}
	}
}

// TestFindingOnALine proves that a line with a finding that counts is not listed as not explained.
func TestFindingOnALine(t *testing.T) {
	k := load(t)
	paste := read(t, "Network connectivity test with 192.0.2.12 failed.")
	in := diagnose.Input{Symptoms: []string{diagnose.Presence}, Pastes: []*diagnose.Paste{paste}}
	if len(k.Unused(in)) != 1 {
		t.Error("without the finding the line is explained")
	}
	in.Findings = []lint.Finding{{Rule: "CLU004", File: export.Stdin, Line: 1}}
	if missed := k.Unused(in); len(missed) != 0 {
		t.Errorf("not explained: %v", missed)
	}
}

// TestRequestsOfALog proves that a connection that fails is that to the address of its request, which is in another line.
func TestRequestsOfALog(t *testing.T) {
	k := load(t)
	request := "INFO [0x1] [a.cpp(1)] [csf.httpclient] [f] - HTTP response code 0 for request #7 to https://cm1:8443/cucm-uds/version\n"
	failure := "ERROR [0x1] [a.cpp(1)] [csf.httpclient] [f] - There was an issue performing the call to curl_easy_perform for request #"
	for text, want := range map[string]string{
		request + failure + "7: TIMEOUT_ERROR":                "uds-unreachable",
		request + failure + "7: HOST_UNREACHABLE_ERROR":       "uds-unreachable",
		request + failure + "8: TIMEOUT_ERROR":                "",
		request + failure + "7: UNKNOWN_ERROR":                "",
		request + failure + "7: CERTIFICATE_VALIDATION_ERROR": "certificate-untrusted",
	} {
		in := diagnose.Input{Pastes: []*diagnose.Paste{read(t, text)}}
		got := ""
		if ranked := k.Rank(in); len(ranked) > 0 {
			got = ranked[0].ID
		}
		if got != want || (len(k.Unused(in)) == 0) != (want != "") {
			t.Errorf("%q: %s, not explained %v, want %q", text, got, k.Unused(in), want)
		}
	}
}

// TestResultsOfLibcurl proves that a connection that failed is explained or listed, although Jabber writes its result as information.
func TestResultsOfLibcurl(t *testing.T) {
	k := load(t)
	line := func(s string) string {
		return "2017-04-19 16:30:30,565 INFO [0x1] [a.cpp(1)] [csf.httpclient] [f] - " + s + "\n"
	}
	result := func(s string) string { return line("Request #1 got curlCode=" + s) }
	refused := result("[7] curl error message=[Failed to connect to imp1.acme.net port 8443: Connection refused]")
	for text, want := range map[string]string{
		line("Configuring request #1 GET https://imp1.acme.net:8443/EPASSoap/service/v105") + refused: "presence-services-down",
		line("Configuring request #1 GET https://cm1.acme.net:8443/cucm-uds/version") + refused:       "uds-unreachable",
		line("Configuring request #1 GET https://cuc1.acme.net/vmrest/user") + refused:                "mail-unreachable",
		refused: "not explained",
		result("[28] curl error message=[Connection timed out after 5000 milliseconds]"):  "not explained",
		result("[52] curl error message=[Empty reply from server]"):                       "not explained",
		result("[35] curl error message=[Unknown SSL protocol error in connection to x]"): "certificate-untrusted",
		result("[0] curl error message=[]"):                                               "",
	} {
		in := diagnose.Input{Pastes: []*diagnose.Paste{read(t, text)}}
		got := ""
		if ranked := k.Rank(in); len(ranked) > 0 {
			got = ranked[0].ID
		} else if len(k.Unused(in)) == 1 {
			got = "not explained"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestWhyItIsUnavailable proves that a service that is unavailable because of a password has refused it.
func TestWhyItIsUnavailable(t *testing.T) {
	k := load(t)
	for text, want := range map[string]string{
		"Desk phone control is unavailable because the credentials were rejected": "cti-referral",
		"Desk phone control is unavailable":                                       "cti-down",
		"Schreibtischtelefon: Falsches Kennwort":                                  "cti-referral",
		"Téléphone de bureau: identifiants non valides":                           "cti-referral",
	} {
		if got := k.Rank(diagnose.Input{Pastes: []*diagnose.Paste{read(t, text)}})[0].ID; got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
