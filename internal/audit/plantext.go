package audit

import (
	"fmt"
	"io"

	"cupclint/internal/live"
	"cupclint/internal/report"
)

// Write writes the plan as text: a line for each target, then how many accounts log in. notes follow. width is that of the terminal, 0 for
// none.
func (p *Plan) Write(w io.Writer, notes []string, width int) error {
	rows := p.Rows()
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "nothing to contact")
		for _, n := range notes {
			report.Wrap(w, "", n, width)
		}
		return err
	}
	cells := make([][]string, len(rows)+1)
	cells[0] = []string{"AREA", "TARGET", "TRANSPORT", "ACCOUNT", "LOG-IN", "USE"}
	for i, r := range rows {
		account := r.Account
		if account == "" {
			account = "-"
		}
		if r.Auditor != "" {
			account += ", first " + r.Auditor
		}
		cells[i+1] = []string{r.Area, report.Clean(r.Target), r.Transport, report.Clean(account), r.LogIn, report.Clean(r.Use + placed(r.Place))}
	}
	if _, err := io.WriteString(w, report.Table(width, cells)); err != nil {
		return err
	}
	tried := Accounts(rows)
	fmt.Fprintln(w)
	text := fmt.Sprintf("%s, %s tried. ", plural(len(rows), "target"), plural(tried, "account"))
	if tried == 0 {
		text += "No log-in is made."
	} else {
		text += "Each password is sent once, and again only after it was accepted."
	}
	report.Wrap(w, "", text, width)
	for _, note := range p.Notes() {
		report.Wrap(w, "", note, width)
	}
	for _, n := range notes {
		report.Wrap(w, "", n, width)
	}
	return nil
}

// placed says where the export names the target: several exports may use one server differently.
func placed(p live.Place) string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf(", %s:%d", p.File, p.Line)
}
