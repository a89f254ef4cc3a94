package lockouts

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"

	"cupclint/internal/lazy"
)

//go:embed events.tsv
var eventsTSV string

//go:embed labels.tsv
var labelsTSV string

//go:embed columns.tsv
var columnsTSV string

//go:embed codes.tsv
var codesTSV string

// A kind says what an event number means here.
type kind string

const (
	isLock       kind = "lock"
	isUnlock     kind = "unlock"
	isFailure    kind = "failure"
	isValidation kind = "validation" // a failure unless the status is success
	isBind       kind = "bind"
)

// spec is a row of events.tsv.
type spec struct {
	number, current int
	kind            kind
	values          []string   // names of the values in their order
	paragraphs      [][]string // fields of each paragraph of the message
	opening         string     // first words of the English message
}

// label is a row of labels.tsv.
type label struct {
	section bool
	meaning string
	foreign bool // not English
}

var specs = lazy.Value[map[int]*spec]{New: func() map[int]*spec {
	out := map[int]*spec{}
	for row := range rows(eventsTSV) {
		n, _ := strconv.Atoi(row[0])
		c, _ := strconv.Atoi(row[1])
		s := &spec{number: n, current: c, kind: kind(row[2]), values: strings.Split(row[3], ","), opening: row[5]}
		if row[4] != "" {
			for p := range strings.SplitSeq(row[4], "|") {
				s.paragraphs = append(s.paragraphs, strings.Split(p, ","))
			}
		}
		out[n] = s
	}
	return out
}}

var labels = lazy.Value[map[string]label]{New: func() map[string]label {
	out := map[string]label{}
	for row := range rows(labelsTSV) {
		key := plain(row[2])
		if _, ok := out[key]; !ok {
			out[key] = label{section: row[1] == "section", meaning: row[3], foreign: row[0] != "en"}
		}
	}
	return out
}}

// column is the meaning of a column or field name; ok is false for an unknown one. Elastic's winlog.event_data.TargetUserName
// counts by its last part.
func column(name string) (meaning string, foreign, ok bool) {
	if name == "_time" { // Splunk's; a plain "Time" next to it is the time of a date
		return "when", false, true
	}
	t := columnTable.Get()
	c, ok := t[plain(name)]
	if !ok {
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			c, ok = t[plain(name[i+1:])]
		}
	}
	return c.meaning, c.foreign, ok
}

var columnTable = lazy.Value[map[string]label]{New: func() map[string]label {
	out := map[string]label{}
	for row := range rows(columnsTSV) {
		key := plain(row[1])
		if _, ok := out[key]; !ok {
			out[key] = label{meaning: row[2], foreign: row[0] != "en"}
		}
	}
	return out
}}

var codes = lazy.Value[map[string]string]{New: func() map[string]string {
	out := map[string]string{}
	for row := range rows(codesTSV) {
		out[row[0]] = row[1]
	}
	return out
}}

// rows gives the rows of a table without its comments.
func rows(tsv string) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(tsv) {
			line = strings.TrimRight(line, "\r\n")
			if line == "" || line[0] == '#' {
				continue
			}
			if !yield(strings.Split(line, "\t")) {
				return
			}
		}
	}
}

// plain is a name without case, blanks and punctuation: "Event ID", "event_id" and "EventID" are one.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
