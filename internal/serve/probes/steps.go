package probes

import (
	_ "embed"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/lazy"
)

// The table says what a probe of each area asks, without a log-in.
//
//go:embed steps.tsv
var stepsTable string

var table = lazy.Value[map[string]string]{New: func() map[string]string {
	out := make(map[string]string)
	for line := range strings.Lines(stepsTable) {
		if area, asks, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && !strings.HasPrefix(line, "#") {
			out[area] = asks
		}
	}
	return out
}}

// steps say in sentences what a probe does.
func steps(row area.Row) []string {
	over := map[string]string{"UDP": "Sends a packet over UDP to ", "TLS": "Connects over TLS to ",
		"StartTLS": "Connects over TCP, and changes to TLS (StartTLS), to "}[row.Transport]
	if over == "" {
		over = "Connects over TCP to "
	}
	out := []string{over + row.Target + ": " + row.Use + "."}
	return append(out, table.Get()[row.Area], "Logs in nowhere: no user name and no password is sent.")
}
