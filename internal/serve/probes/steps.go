package probes

import (
	_ "embed"
	"strings"
	"sync"

	"cupclint/internal/area"
)

// The table says what a probe of each area asks, without a log-in, and the key whose value names a server to the area.
//
//go:embed steps.tsv
var stepsTable string

// A row of the table.
type step struct{ host, asks string }

var table = sync.OnceValue(func() map[string]step {
	out := make(map[string]step)
	for line := range strings.Lines(stepsTable) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 && !strings.HasPrefix(line, "#") {
			out[f[0]] = step{f[1], f[2]}
		}
	}
	return out
})

// hostKey is the key of an export that names a server to the area.
func hostKey(area string) string { return table()[area].host }

// steps say in sentences what a probe does.
func steps(row area.Row) []string {
	over := map[string]string{"UDP": "Sends a packet over UDP to ", "TLS": "Connects over TLS to ",
		"StartTLS": "Connects over TCP, and changes to TLS (StartTLS), to "}[row.Transport]
	if over == "" {
		over = "Connects over TCP to "
	}
	out := []string{over + row.Target + ": " + row.Use + "."}
	return append(out, table()[row.Area].asks, "Logs in nowhere: no user name and no password is sent.")
}
