package main

import (
	"regexp"
	"strings"
)

// reference is an image or an action in a line.
type reference struct {
	image  bool
	name   string // debian, ghcr.io/owner/name; owner/repository
	tag    string // empty: only a pin, whose tag is not known
	pin    string // sha256:..., or a commit; may be empty
	before string // the line up to the reference
	path   string // of an action, behind its repository: /path
	after  string // the rest of the line without the comment that names the tag
}

func (r reference) String() string {
	if r.image {
		return r.name + ":" + r.tag
	}
	return r.name + r.path + "@" + r.tag
}

// with gives the line with another pin.
func (r reference) with(pin string) string {
	if r.image {
		return r.before + r.name + ":" + r.tag + "@" + pin + r.after
	}
	return r.before + r.name + r.path + "@" + pin + " # " + r.tag + r.after
}

var (
	fromLine  = regexp.MustCompile(`(?i)^(\s*FROM\s+(?:--\S+\s+)*)(\S+)((?:\s+AS\s+(\S+))?\s*)$`)
	copyLine  = regexp.MustCompile(`(?i)^(\s*(?:COPY|ADD)\s+(?:--\S+\s+)*?--from=)(\S+)(\s(?s:.*))$`)
	imageForm = regexp.MustCompile(`^(.+?)(?::([A-Za-z0-9_][A-Za-z0-9_.-]*))?(?:@(sha256:[0-9a-f]{64}))?$`)
	usesLine  = regexp.MustCompile(`^(\s*(?:-\s+)?uses:\s*["']?)([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)((?:/[^@\s"']*)?)@([^\s"'#]+)(["']?)[ \t]*(?:#[ \t]*([^\r\n]*))?(\r?\n?)$`)
	commit    = regexp.MustCompile(`^[0-9a-f]{40}$`)
	tagWord   = regexp.MustCompile(`^\S+$`)
)

// stages remembers the names of the stages of a Dockerfile: they are not images.
type stages struct{ names []string }

// find finds the image of a FROM line, or of a copy from an image.
func (s *stages) find(line string) (reference, bool) {
	m := fromLine.FindStringSubmatch(line)
	if m == nil {
		if m = copyLine.FindStringSubmatch(line); m == nil {
			return reference{}, false
		}
		m = append(m, "")
	}
	known := m[2] == "scratch" || strings.Trim(m[2], "0123456789") == ""
	for _, name := range s.names {
		known = known || strings.EqualFold(name, m[2])
	}
	if m[4] != "" {
		s.names = append(s.names, m[4])
	}
	if known {
		return reference{}, false
	}
	i := imageForm.FindStringSubmatch(m[2])
	r := reference{image: true, name: i[1], tag: i[2], pin: i[3], before: m[1], after: m[3]}
	if r.tag == "" && strings.Contains(i[1], "@") {
		return r, true // a digest that is none: the look-up says so
	}
	if r.tag == "" {
		r.tag = "latest"
	}
	return r, true
}

// findUses finds the action of a line of a workflow or of an action. What begins with ./ or docker:// is none.
func findUses(line string) (reference, bool) {
	m := usesLine.FindStringSubmatch(line)
	if m == nil {
		return reference{}, false
	}
	r := reference{before: m[1], name: m[2], path: m[3], tag: m[4], after: m[7]}
	comment := strings.TrimSpace(m[6])
	if commit.MatchString(r.tag) {
		r.pin, r.tag = r.tag, ""
		if tagWord.MatchString(comment) {
			r.tag, comment = comment, ""
		}
	}
	if comment != "" {
		r.after = " (" + comment + ")" + r.after
	}
	if m[5] != "" { // the value is in quotes: the comment comes after them
		r.before = strings.TrimRight(r.before, `"'`)
	}
	return r, true
}
