package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/report/group"
)

// maxRows bounds the table in Markdown: a job summary has a size limit (1 MiB on GitHub).
const maxRows = 500

// writeMarkdown writes a summary for people, in GitHub Flavored Markdown.
func writeMarkdown(w io.Writer, d *Document, style Style) error {
	b := bufio.NewWriterSize(w, 64<<10)
	c := d.Summary.Findings
	verdict := "nothing found"
	if n := c.Error + c.Warning + c.Info; n > 0 {
		verdict = fmt.Sprintf("%s, %s, %s", counted(c.Error, "error"), counted(c.Warning, "warning"), fmt.Sprintf("%d info", c.Info))
	}
	fmt.Fprintf(b, "## cupclint: %s\n\n", verdict)
	if d.hasExports() {
		fmt.Fprintf(b, "%s with %s read", counted(d.Summary.Files, "export"), properties(d.Summary.Properties))
	} else {
		b.WriteString("servers probed, no exports read")
	}
	if d.Summary.Suppressed > 0 {
		fmt.Fprintf(b, ", %s suppressed", counted(d.Summary.Suppressed, "finding"))
	}
	if d.Summary.Baseline > 0 {
		fmt.Fprintf(b, ", %s in the baseline", counted(d.Summary.Baseline, "finding"))
	}
	b.WriteString(".\n")
	for _, n := range d.Notes {
		b.WriteString("\n" + markdown(n) + "\n")
	}
	if err := d.markdownFindings(b, style); err != nil {
		return err
	}
	if style.Statistics {
		if err := d.markdownStatistics(b, style); err != nil {
			return err
		}
	}
	if len(d.Errors) > 0 {
		b.WriteString("\n| not read | why |\n| --- | --- |\n")
		for i := range d.Errors[:min(len(d.Errors), maxRows)] {
			e := &d.Errors[i]
			fmt.Fprintf(b, "| %s | %s |\n", markdown(place(e.File, e.Line, e.Column)), markdown(e.Message))
		}
		if n := len(d.Errors) - maxRows; n > 0 {
			fmt.Fprintf(b, "\n%d more inputs are not shown here.\n", n)
		}
	}
	return b.Flush()
}

// markdownFindings writes a row for each fault.
func (d *Document) markdownFindings(b *bufio.Writer, style Style) error {
	groups, err := d.groups(style.All)
	if err != nil {
		return err
	}
	rows, linked := 0, false
	for f, err := range groups.All() {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		if rows++; rows == 1 {
			b.WriteString("\n| severity | rule | place | finding |\n| --- | --- | --- | --- |\n")
		}
		if rows > maxRows {
			continue
		}
		text := markdown(f.Message)
		for _, line := range details(f.Finding) {
			text += "<br>" + markdown(line)
		}
		rule := markdown(f.Rule)
		if u := d.url(f.Rule); u != "" {
			rule, linked = "["+rule+"](<"+linkEscaper().Replace(u)+">)", true
		}
		fmt.Fprintf(b, "| %s | %s %s | %s | %s |\n", f.Severity, rule, markdown(f.Name), markdownPlaces(f, style.All), text)
	}
	if rows > maxRows {
		fmt.Fprintf(b, "\n%d more findings are not shown here.\n", rows-maxRows)
	}
	if rows > 0 && !linked {
		b.WriteString("\ncupclint explain ID shows the page of a rule.\n")
	}
	return nil
}

// linkEscaper makes an address safe between < and > in a cell.
func linkEscaper() *strings.Replacer {
	return strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "\\", "%5C", " ", "%20", "\n", "%0A", "\r", "%0D")
}

// markdownPlaces is the cell of the places of a fault.
func markdownPlaces(f group.Told, all bool) string {
	cell := markdown(place(f.File, f.Line, f.Column))
	g := f.Group
	if g == nil {
		return cell
	}
	cell = "in " + markdown(extent(g)+sitesOf(g, all)) + "<br>" + cell
	for i := range g.Places[1:] {
		p := &g.Places[i+1]
		cell += "<br>" + markdown(place(p.File, p.Line, p.Column))
		if w := others(g, p); w != "" {
			cell += ": " + markdown(w)
		}
	}
	if more := g.Findings - len(g.Places); more > 0 {
		cell += fmt.Sprintf("<br>and %s", counted(more, "more place"))
	}
	return cell
}

// markdownStatistics writes the tables by rule, by site and by severity.
func (d *Document) markdownStatistics(b *bufio.Writer, style Style) error {
	s, err := d.statistics()
	if err != nil {
		return err
	}
	for _, rows := range [][][]string{ruleRows(s), siteRows(s, style.All), severityRows(s)} {
		for i, row := range rows {
			if i == 0 {
				if len(rows) == 1 {
					break
				}
				b.WriteString("\n")
			}
			for j, c := range row {
				if i == 0 {
					c = strings.ToLower(c)
				}
				row[j] = markdown(c)
			}
			b.WriteString("| " + strings.Join(row, " | ") + " |\n")
			if i == 0 {
				b.WriteString(strings.Repeat("| --- ", len(row)) + "|\n")
			}
		}
	}
	if more := len(s.Sites) - maxSiteRows; more > 0 && !style.All {
		fmt.Fprintf(b, "\n%s not shown here.\n", counted(more, "more site"))
	}
	b.WriteString("\n" + markdown(total(s)) + "\n")
	return nil
}

// maxCell bounds one text in a cell, in bytes.
const maxCell = 500

// markdown escapes text so that no character of it means anything: the punctuation of Markdown, and what begins HTML. A
// text too long for a table is cut.
func markdown(s string) string {
	s = Clean(s)
	var b strings.Builder
	for i, r := range s {
		if i >= maxCell {
			fmt.Fprintf(&b, "... (%d more bytes)", len(s)-i)
			break
		}
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~@:", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
