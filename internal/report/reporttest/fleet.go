package reporttest

import (
	"fmt"
	"slices"

	"cupclint/internal/catalogue"
	"cupclint/internal/report"
	"cupclint/lint"
)

// Fleet is a run over many exports of many sites below one absolute folder: faults that most have, and some that few have.
func Fleet(exports, sites int) *report.Document {
	var findings []lint.Finding
	var inputs []lint.InputRow
	rules := catalogue.All()
	fault := func(file, rule, value string, s lint.Severity) {
		r := slices.IndexFunc(rules, func(r *lint.Rule) bool { return r.ID == rule })
		findings = append(findings, lint.Finding{Rule: rule, Name: rules[r].Name, Area: rules[r].Area, Severity: s,
			File: file, Line: 3, Column: 7, EndLine: 3, EndColumn: 9, Key: "Presence.Domain", Fingerprint: value + ":1",
			Message: "the value is wrong, as in " + file, Fix: "Enter the right one."})
	}
	for i := range exports {
		file := fmt.Sprintf("/srv/customers/acme/site%03d/phone%05d.xml", i/3%sites, i)
		inputs = append(inputs, lint.InputRow{File: file, Format: "soap", Properties: 8})
		switch {
		case i%3 == 0:
			fault(file, "PRES002", "one", lint.Error)
		case i%7 == 0:
			fault(file, "PRES009", fmt.Sprint(i%21), lint.Warning)
		}
	}
	d := &report.Document{Findings: report.Of(findings), Inputs: report.Rows(inputs), Version: "test", Rules: rules,
		Links: catalogue.Links}
	d.Summary.Files, d.Summary.Properties = exports, 8*exports
	for i := range findings {
		d.Summary.Findings.Add(findings[i].Severity)
	}
	return d
}
