package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"

	"cupclint/lint"
)

// SARIF 2.1.0 (OASIS, 27 March 2020). The types hold what is used of it, in the standard's own names.
type (
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		Name             string         `json:"name"`
		ShortDescription sarifText      `json:"shortDescription"`
		Help             *sarifText     `json:"help,omitempty"`
		HelpURI          string         `json:"helpUri,omitempty"`
		Default          sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level   string `json:"level"`
		Enabled bool   `json:"enabled"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine,omitempty"`
		StartColumn int        `json:"startColumn,omitempty"`
		EndLine     int        `json:"endLine,omitempty"`
		EndColumn   int        `json:"endColumn,omitempty"`
		ByteOffset  *int       `json:"byteOffset,omitempty"`
		ByteLength  *int       `json:"byteLength,omitempty"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    *int               `json:"ruleIndex,omitempty"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Fixes        []sarifFix         `json:"fixes,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF streams one run: the results are never in memory as a whole. Findings that are suppressed come after the others, with the
// reason.
func writeSARIF(w io.Writer, d *Document, _ Style) error {
	s := &sarifWriter{b: bufio.NewWriterSize(w, 64<<10), index: map[string]int{}}
	s.enc = json.NewEncoder(s.b)
	s.enc.SetEscapeHTML(false)
	fmt.Fprintf(s.b, `{"$schema":%q,"version":"2.1.0","runs":[{"tool":{"driver":{"name":"cupclint","version":`, sarifSchema)
	if err := s.enc.Encode(d.Version); err != nil {
		return err
	}
	s.b.WriteString(`,"rules":`)
	if err := s.rules(d); err != nil {
		return err
	}
	s.b.WriteString(`}},"columnKind":"unicodeCodePoints","results":[`)
	for f, err := range both(d) {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		s.b.WriteString(s.comma + "\n")
		s.comma = ","
		if err := s.enc.Encode(s.result(f)); err != nil {
			return err
		}
	}
	notes := make([]sarifNotification, 0, len(d.Errors))
	for i := range d.Errors {
		notes = append(notes, sarifNotification{
			Level: "error", Message: sarifText{Text: d.Errors[i].Message},
			Locations: locations(d.Errors[i].File, d.Errors[i].Line, d.Errors[i].Column, 0, 0, "", ""),
		})
	}
	fmt.Fprintf(s.b, `],"invocations":[{"executionSuccessful":%t,"toolExecutionNotifications":`, len(notes) == 0)
	if err := s.enc.Encode(notes); err != nil {
		return err
	}
	s.b.WriteString("}]}]}\n")
	return s.b.Flush()
}

// both yields the findings that count, then those that are suppressed.
func both(d *Document) func(yield func(*lint.Finding, error) bool) {
	return func(yield func(*lint.Finding, error) bool) {
		for f, err := range d.Findings {
			if !yield(f, err) {
				return
			}
		}
		if d.Suppressed == nil {
			return
		}
		for f, err := range d.Suppressed {
			if !yield(f, err) {
				return
			}
		}
	}
}

type sarifWriter struct {
	b     *bufio.Writer
	enc   *json.Encoder
	index map[string]int // of a rule's ID
	comma string
}

func (s *sarifWriter) rules(d *Document) error {
	rules := make([]sarifRule, 0, len(d.Rules))
	for i, r := range d.Rules {
		s.index[r.ID] = i
		rule := sarifRule{
			ID: r.ID, Name: r.Name, HelpURI: helpURI(d.url(r.ID)), ShortDescription: sarifText{Text: r.Summary},
			Default:    sarifLevel{Level: sarifSeverity(r.Severity), Enabled: !r.Off},
			Properties: map[string]any{"tags": []string{r.Area, string(r.Kind)}},
		}
		if d.Page != nil {
			if page, err := d.Page(r.ID); err == nil {
				rule.Help = &sarifText{Text: page, Markdown: page}
			}
		}
		rules = append(rules, rule)
	}
	return s.enc.Encode(rules)
}

// helpURI is the address of a page where it is an absolute URI, as the standard wants it, and else "".
func helpURI(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(s, " <>\"{}|\\^`") {
		return ""
	}
	return s
}

func sarifSeverity(s lint.Severity) string {
	if s == lint.Info {
		return "note"
	}
	return s.String()
}

func (s *sarifWriter) result(f *lint.Finding) sarifResult {
	r := sarifResult{
		RuleID: f.Rule, Level: sarifSeverity(f.Severity), Message: sarifText{Text: f.Message},
		Locations:    locations(f.File, f.Line, f.Column, f.EndLine, f.EndColumn, f.Source, f.Key),
		Fingerprints: map[string]string{"cupclint/v1": f.Fingerprint},
		Properties:   map[string]any{},
	}
	for i := range f.Related {
		p := &f.Related[i]
		for _, l := range locations(p.File, p.Line, p.Column, p.EndLine, p.EndColumn, "", p.Key) {
			l.Message = &sarifText{Text: p.Message}
			r.Related = append(r.Related, l)
		}
	}
	if i, ok := s.index[f.Rule]; ok {
		r.RuleIndex = &i
	}
	for name, value := range map[string]string{"fix": f.Fix, "address": f.Address} {
		if value != "" {
			r.Properties[name] = value
		}
	}
	if len(f.Evidence) > 0 {
		r.Properties["evidence"] = f.Evidence
	}
	if len(f.Edits) > 0 && f.File != "" {
		change := sarifChange{Artifact: sarifArtifact{fileURI(f.File, runtime.GOOS)}}
		for _, e := range f.Edits {
			length := e.End - e.Start
			change.Replacements = append(change.Replacements,
				sarifReplacement{sarifRegion{ByteOffset: &e.Start, ByteLength: &length}, sarifText{Text: e.Text}})
		}
		r.Fixes = []sarifFix{{sarifText{Text: f.Fix}, []sarifChange{change}}}
	}
	if f.Suppressed != "" {
		r.Suppressions = []sarifSuppression{{"external", "accepted", f.Suppressed}}
		if f.InSource {
			r.Suppressions[0].Kind = "inSource"
		}
	}
	return r
}

// locations is where a finding points to: a place in a file, a key, both, or nothing for a live finding about a server.
func locations(file string, line, column, endLine, endColumn int, source, key string) []sarifLocation {
	var l sarifLocation
	if file != "" {
		l.Physical = &sarifPhysical{Artifact: sarifArtifact{fileURI(file, runtime.GOOS)}}
		if line > 0 {
			l.Physical.Region = &sarifRegion{StartLine: line, StartColumn: column, EndLine: endLine, EndColumn: endColumn}
			if source != "" {
				l.Physical.Region.Snippet = &sarifText{Text: source}
			}
		}
	}
	if key != "" {
		l.Logical = []sarifLogical{{key, "property"}}
	}
	if l.Physical == nil && l.Logical == nil {
		return nil
	}
	return []sarifLocation{l}
}
