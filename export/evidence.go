package export

import "strings"

// Evidence is what a log of a client says of an attempt that failed: service discovery, an HTTP request, a log-in, a certificate. It is not
// a setting, so no rule looks at it; diagnose does.
type Evidence struct {
	File string `json:"file"`
	Line int    `json:"line"`
	// Kind says what failed: one of the constants below.
	Kind string `json:"kind"`
	// Code is what the log calls it: "FAILED_NO_SRV_RECORDS_FOUND", "401", "LERR_CUP_CERT"; for KindDNS the name that was asked for.
	Code string `json:"code"`
	// Text is the message without time, thread and source file, shortened and without secrets.
	Text string `json:"text"`
}

// Kinds of evidence.
const (
	KindDNS         = "dns"         // a question to DNS failed
	KindDiscovery   = "discovery"   // the result of service discovery, or of the search for the home cluster
	KindHTTP        = "http"        // a status of HTTP, or why there was none
	KindLogin       = "log-in"      // a log-in was refused
	KindCertificate = "certificate" // a certificate was not accepted
)

// maxEvidence bounds the evidence of one log. The first of each kind and code is kept.
const maxEvidence = 256

// A logSign is a message of a client that is evidence: a text, and how the code is found in what is after it. arg is what code needs to
// know.
type logSign struct {
	text string
	kind string
	code func(rest, arg string) string
	arg  string
}

// logSigns are messages of Jabber's logs. Sources: Cisco TAC note 221845 (common log-in issues of Jabber), 212833 (configuration file),
// 212180 (automatic updates), 223101 (log-in of the phone services).
var logSigns = [...]logSign{
	{"DNS query ", KindDNS, failedQuery, ""},
	{"ServiceDiscoveryHandlerResult return code ", KindDiscovery, failedResult, ""},
	{"Discovery Failure -> (id) name :: ", KindDiscovery, numberedName, ""},
	{"locatorUdsResult=[", KindDiscovery, upTo, "]"},
	{"CUCM Result : Failed - ", KindDiscovery, upTo, "."},
	{"homeUdsResult=[", KindLogin, upTo, "]"},
	{"OnLoginError: ", KindLogin, theWord, ""},
	{"CLoginCup::OnLoginFailed errtype: ", KindLogin, upTo, ","},
	{"HTTP response code ", KindHTTP, failedStatus, ""},
	{"curl_easy_perform for request #", KindHTTP, lastWord, ""},
	{"ertificate Verification Result: FAILURE", KindCertificate, constant, "FAILURE"},
	{"Verification result : FAILURE", KindCertificate, reasons, ""},
	{"finalResult: FAILURE", KindCertificate, constant, "FAILURE"},
	{"TLS handshake failed", KindCertificate, constant, "TLS handshake failed"},
}

// evidenceIn returns what a line of a log proves, ok false where nothing.
func evidenceIn(line string) (kind, code string, ok bool) {
	for i := range logSigns {
		s := &logSigns[i]
		if at := strings.Index(line, s.text); at >= 0 {
			if code := s.code(line[at+len(s.text):], s.arg); code != "" {
				return s.kind, code, true
			}
		}
	}
	return "", "", false
}

func constant(_, code string) string { return code }

func upTo(rest, end string) string {
	code, _, _ := strings.Cut(rest, end)
	return strings.TrimSpace(trim(code))
}

func theWord(rest, _ string) string { return firstWord(rest) }

func firstWord(rest string) string {
	words := strings.Fields(rest)
	if len(words) == 0 {
		return ""
	}
	return strings.Trim(trim(words[0]), ".,;:")
}

// lastWord is what follows "#28: ", the number of a request.
func lastWord(rest, _ string) string {
	_, code, _ := strings.Cut(rest, ":")
	return firstWord(code)
}

// failedQuery takes the name of a question that failed. Newer logs put what may be personal into braces.
func failedQuery(rest, _ string) string {
	name, _, failed := strings.Cut(rest, " has failed")
	if !failed {
		return ""
	}
	if at := strings.IndexByte(name, '{'); at >= 0 {
		name, _, _ = strings.Cut(name[at+1:], "}")
	}
	return strings.TrimRight(strings.TrimSpace(trim(name)), ".")
}

// failedResult leaves out success, and what is said before the user has typed a password.
func failedResult(rest, _ string) string {
	code := firstWord(rest)
	if code == "SUCCESS" || strings.HasSuffix(code, "_CREDENTIALS_NOT_SET") {
		return ""
	}
	return code
}

// numberedName reads "(1005) ServiceDiscoveryNoSRVRecordsFound".
func numberedName(rest, _ string) string {
	_, name, ok := strings.Cut(rest, ") ")
	if !ok {
		return firstWord(rest)
	}
	return firstWord(name)
}

// failedStatus is a status of HTTP that is not a success, or 0 for a request without an answer.
func failedStatus(rest, _ string) string {
	code := firstWord(rest)
	if code == "0" || len(code) == 3 && code[0] >= '4' && code[0] <= '5' {
		return code
	}
	return ""
}

func reasons(rest, _ string) string {
	_, list, ok := strings.Cut(rest, "[")
	if !ok {
		return "FAILURE"
	}
	list, _, _ = strings.Cut(list, "]")
	return trim(list)
}
