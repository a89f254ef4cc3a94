package probe

import (
	"strings"
	"testing"
)

// The advice about an alert is about that alert.
func TestAdviceAboutAlerts(t *testing.T) {
	for alert, want := range map[string]string{
		"remote error: tls: unrecognized name":      "name that the server has",
		"remote error: tls: certificate required":   "client certificates off",
		"remote error: tls: internal error":         "server's log",
		"remote error: tls: access denied":          "which clients",
		"remote error: tls: handshake failure":      "ciphers",
		"remote error: tls: insufficient security":  "ciphers",
		"the server ended in a way without a name ": "ciphers",
	} {
		f := &TLSFacts{Problems: []TLSProblem{TLSHandshakeAlert}, Detail: []string{alert}}
		message, fix := f.TLSFailure()
		if !strings.HasPrefix(message, "ends the TLS handshake with an alert") || !strings.Contains(fix, want) {
			t.Errorf("%s: %s: %s", alert, message, fix)
		}
	}
}
