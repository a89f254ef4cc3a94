package export

import (
	"strings"

	"cupclint/internal/lazy"
)

// reportLine is the first line of a report of cupclint in text.
var reportLine = lazy.Pattern{Expr: `^.*: (error|warning|info) [A-Z]{2,6}[0-9]{3} [a-z0-9-]+$`}

// ownReport recognises by its beginning what cupclint wrote about other inputs: a report in text or SARIF, that of a shard, or a saved
// case. They quote settings and the pages of rules, so a reader would take the quotes for settings of a client. The other formats of
// reports have no text in a form that is read.
func ownReport(text string) bool {
	const most = 1 << 10
	head := text[:min(len(text), most)]
	switch {
	case strings.HasPrefix(head, `{"$schema":"https://docs.oasis-open.org/sarif/`):
		return strings.Contains(head, `{"driver":{"name":"cupclint",`)
	case strings.HasPrefix(head, `{"shard":{`), strings.HasPrefix(head, "{\n \"cupclintCase\":"):
		return true
	}
	line, _, _ := strings.Cut(head, "\n")
	line = strings.TrimSuffix(line, "\r")
	for _, severity := range [...]string{": error ", ": warning ", ": info "} {
		if strings.Contains(line, severity) {
			return reportLine.Get().MatchString(line)
		}
	}
	return false
}
