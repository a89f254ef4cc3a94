package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"cupclint/lint"
)

// writeGitHub writes workflow commands (GitHub Docs, "Workflow commands for GitHub Actions"): a line for each finding, which shows as an
// annotation. What would end the line or begin another command is escaped as the runner undoes it.
func writeGitHub(w io.Writer, d *Document, _ Style) error {
	b := bufio.NewWriterSize(w, 64<<10)
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		command := f.Severity.String()
		if f.Severity == lint.Info {
			command = "notice"
		}
		annotation(b, command, f.File, [4]int{f.Line, f.EndLine, f.Column, f.EndColumn}, f.Rule+" "+f.Name,
			d.told(f))
	}
	for i := range d.Errors {
		e := &d.Errors[i]
		annotation(b, "error", e.File, [4]int{e.Line, 0, e.Column, 0}, "cupclint cannot read this", []string{e.Message})
	}
	return b.Flush()
}

// annotation writes one command. The columns are left out where a finding has several lines: the runner takes none then.
func annotation(b *bufio.Writer, command, file string, at [4]int, title string, lines []string) {
	b.WriteString("::" + command + " ")
	property := func(name, value string) { b.WriteString(name + "=" + commandProperty(value) + ",") }
	if file != "" {
		property("file", filepath.ToSlash(file))
	}
	names := [...]string{"line", "endLine", "col", "endColumn"}
	for i, n := range at {
		if n == 0 || i >= 2 && at[1] > at[0] {
			continue
		}
		property(names[i], fmt.Sprint(n))
	}
	b.WriteString("title=" + commandProperty(title) + "::")
	for i, line := range lines {
		if i > 0 {
			b.WriteString("%0A")
		}
		b.WriteString(commandData(line))
	}
	b.WriteString("\n")
}

// commandData escapes a message. Control characters are made visible first: the log of a job is a terminal.
func commandData(s string) string { return strings.ReplaceAll(Clean(s), "%", "%25") }

func commandProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(s))
}

// A gitlabIssue is one entry of a Code Quality report (GitLab Docs, "Code Quality", report format).
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// writeGitLab writes an array of issues.
func writeGitLab(w io.Writer, d *Document, _ Style) error {
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	b.WriteString("[")
	comma := ""
	put := func(i gitlabIssue) error {
		b.WriteString(comma + "\n")
		comma = ","
		i.Location.Path = strings.TrimPrefix(filepath.ToSlash(i.Location.Path), "./")
		i.Location.Lines.Begin = max(i.Location.Lines.Begin, 1)
		return enc.Encode(i)
	}
	severities := [...]string{lint.Info: "info", lint.Warning: "minor", lint.Error: "major"}
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		text := strings.Join(d.told(f), "\n")
		err := put(gitlabIssue{text, f.Rule + " " + f.Name, f.Fingerprint, severities[f.Severity],
			gitlabLocation{place(f.File, 0, 0), gitlabLines{f.Line}}})
		if err != nil {
			return err
		}
	}
	for i := range d.Errors {
		e := &d.Errors[i]
		err := put(gitlabIssue{e.Message, "unreadable", fmt.Sprintf("unreadable:%s:%d", e.File, i), "blocker",
			gitlabLocation{place(e.File, 0, 0), gitlabLines{e.Line}}})
		if err != nil {
			return err
		}
	}
	b.WriteString("]\n")
	return b.Flush()
}
