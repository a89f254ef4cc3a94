package ownrules

import (
	"strings"
	"unicode"

	"cupclint/lint"

	"go.yaml.in/yaml/v3"
)

// A source is the text of the configuration.
type source struct {
	name  string
	lines [][]rune
}

func newSource(name string, text []byte) *source {
	s := &source{name: name}
	for line := range strings.Lines(string(text)) {
		s.lines = append(s.lines, []rune(line))
	}
	return s
}

// origin is the place of a node.
func (s *source) origin(n *yaml.Node) lint.Origin {
	return lint.Origin{File: s.name, Line: n.Line, Column: n.Column}
}

// within is the place of a character of a scalar, counted in code points from 0. It takes account of folded lines and escapes; if that
// fails, it is the beginning of the scalar.
func (s *source) within(n *yaml.Node, offset int) lint.Origin {
	at := s.origin(n)
	c := cursor{source: s, line: n.Line - 1, column: n.Column - 1}
	switch n.Style {
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		c.column++
	case yaml.LiteralStyle, yaml.FoldedStyle:
		c.line, c.column = c.line+1, 0
	case 0:
	default:
		return at // a tag is before it
	}
	value := []rune(n.Value)
	for i := 0; i <= offset && i < len(value); i++ {
		if unicode.IsSpace(value[i]) {
			continue
		}
		c.skipSpace()
		if i == offset {
			break
		}
		if !c.match(value[i], n.Style) {
			return at
		}
	}
	if offset >= len(value) || unicode.IsSpace(value[offset]) || !c.inside() {
		if offset < len(value) || !c.seen {
			return at
		}
		return lint.Origin{File: s.name, Line: c.lastLine + 1, Column: c.lastColumn + 1} // the end: at the last character
	}
	return lint.Origin{File: s.name, Line: c.line + 1, Column: c.column + 1}
}

// A cursor walks over the characters of a scalar as they are written.
type cursor struct {
	*source
	line, column         int
	seen                 bool // something was matched
	lastLine, lastColumn int
}

func (c *cursor) inside() bool { return c.line < len(c.lines) && c.column < len(c.lines[c.line]) }

func (c *cursor) skipSpace() {
	for c.line < len(c.lines) {
		if !c.inside() {
			c.line, c.column = c.line+1, 0
			continue
		}
		if !unicode.IsSpace(c.lines[c.line][c.column]) {
			return
		}
		c.column++
	}
}

// match steps over one character.
func (c *cursor) match(want rune, style yaml.Style) bool {
	if !c.inside() {
		return false
	}
	rest := c.lines[c.line][c.column:]
	n := 1
	if style == yaml.SingleQuotedStyle && len(rest) > 1 && rest[0] == '\'' && rest[1] == '\'' {
		n = 2
	}
	if style == yaml.DoubleQuotedStyle && rest[0] == '\\' {
		if len(rest) < 2 || !strings.ContainsRune(`"\/`, rest[1]) {
			return false
		}
		n = 2
	}
	if rest[n-1] != want {
		return false
	}
	c.seen, c.lastLine, c.lastColumn = true, c.line, c.column
	c.column += n
	return true
}
