package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

// A csvWriter writes lines as RFC 4180 has them, with CR LF at the end.
type csvWriter struct {
	*csv.Writer
	err error
}

func newCSVWriter(w io.Writer) *csvWriter {
	c := &csvWriter{Writer: csv.NewWriter(w)}
	c.UseCRLF = true
	return c
}

// line writes cells. The first error is kept.
func (c *csvWriter) line(cells ...string) {
	for i, s := range cells {
		cells[i] = harmless(Clean(s))
	}
	if err := c.Write(cells); c.err == nil {
		c.err = err
	}
}

func (c *csvWriter) close() error {
	c.Flush()
	if c.err != nil {
		return c.err
	}
	return c.Error()
}

// harmless puts an apostrophe in front of a text that a spreadsheet would read as a formula: what an export says must not compute
// or send anything on the computer that opens the table.
func harmless(s string) string {
	for _, sign := range [...]string{"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"} { // the last four are the wide ones
		if strings.HasPrefix(s, sign) {
			return "'" + s
		}
	}
	return s
}

// The headers of the tables.
const (
	csvHead           = "severity,rule,name,area,site,file,line,column,key,message,address,evidence,related,fix,help,fingerprint"
	csvStatisticsHead = "by,what,name,errors,warnings,info,different,exports,exports_with_findings,sites_with_findings"
)

// writeCSV writes a line for each finding, or the statistics where they are asked for.
func writeCSV(w io.Writer, d *Document, style Style) error {
	c := newCSVWriter(w)
	if style.Statistics {
		s, err := d.statistics()
		if err != nil {
			return err
		}
		c.statistics(s)
		return c.close()
	}
	sites, err := d.Sites()
	if err != nil {
		return fmt.Errorf("read inputs back: %w", err)
	}
	c.line(strings.Split(csvHead, ",")...)
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		related := make([]string, len(f.Related))
		for i := range f.Related {
			r := &f.Related[i]
			related[i] = place(r.File, r.Line, r.Column) + ": " + r.Message
		}
		c.line(f.Severity.String(), f.Rule, f.Name, f.Area, sites.Of(f.File), f.File, number(f.Line), number(f.Column), f.Key, f.Message,
			f.Address, strings.Join(f.Evidence, "; "), strings.Join(related, "; "), f.Fix, d.help(f.Rule), f.Fingerprint)
	}
	for i := range d.Errors {
		e := &d.Errors[i]
		c.line(lint.Error.String(), "", "unreadable", "", sites.Of(e.File), e.File, number(e.Line), number(e.Column), "", e.Message,
			"", "", "", "", "", "")
	}
	return c.close()
}

// number is empty for what is unknown.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// statistics writes one table for all three views: by says what a line is about.
func (c *csvWriter) statistics(s *group.Statistics) {
	c.line(strings.Split(csvStatisticsHead, ",")...)
	row := func(by, what, name string, n lint.Counts, more ...string) {
		c.line(append(append([]string{by, what, name}, weights(n)...), more...)...)
	}
	row("all", "", "", s.Findings, strconv.Itoa(s.Faults), strconv.Itoa(s.Exports), strconv.Itoa(s.Faulty), "")
	for _, r := range s.Rules {
		row("rule", r.Rule, r.Name, r.Findings, strconv.Itoa(r.Faults), "", strconv.Itoa(r.Exports), strconv.Itoa(r.Sites))
	}
	for _, site := range s.Sites {
		row("site", site.Site, "", site.Findings, "", strconv.Itoa(site.Exports), strconv.Itoa(site.Faulty), "")
	}
}
