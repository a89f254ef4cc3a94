package report

import (
	"bytes"

	"cupclint/internal/lazy"
)

// textLine is the first line of a finding, or of the summary, of a report in text.
var textLine = lazy.Pattern{Expr: `(?m)^(.*: (error|warning|info) [A-Z]{2,6}[0-9]{3} [a-z0-9-]+|[0-9]+ findings? .*)\r?$`}

// beginnings are those of the formats that programs read, and of a saved case.
var beginnings = [...]string{
	`{"findings":`, `{"shard":`, `{"rule":"`, `{"$schema":"https://docs.oasis-open.org/sarif/`, "{\n \"cupclintCase\":", "[\n{\"description\":", "[]",
	"{\n \"version\": ", "## cupclint:", csvHead, csvStatisticsHead, "::error ", "::warning ", "::notice ",
}

// Recognise reports whether a file, of which this is the beginning, holds a report that cupclint wrote, or nothing.
func Recognise(head []byte) bool {
	head = bytes.TrimSpace(head)
	if len(head) == 0 {
		return true
	}
	for _, b := range beginnings {
		if bytes.HasPrefix(head, []byte(b)) {
			return true
		}
	}
	if head[0] == '<' {
		return bytes.Contains(head, []byte(`<testsuites name="cupclint"`)) || bytes.Contains(head, []byte("<checkstyle version=")) ||
			bytes.Contains(head, []byte(`<meta name="generator" content="cupclint`))
	}
	return textLine.Get().Match(head)
}
