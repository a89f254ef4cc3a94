package export

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/chars"
	"cupclint/internal/secret"
)

// readYAML reads maps of our own keys, nested, dotted or both: the names on the way to a value are joined with dots, the
// members of a list are numbered from 1. A scalar's text is taken as written, whatever type YAML would give it;
// null and ~ are empty values.
func (r *Reader) readYAML() error {
	dec := yaml.NewDecoder(strings.NewReader(r.exp.text))
	w := yamlWalk{r: r, lines: newLineIndex(r.exp.text)}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return w.yamlError(err)
		}
		if err := w.node("", &doc, nil, 0); err != nil {
			return err
		}
		// The library takes many times the size of the text and drops it. A worker that reads file after file never waits, so that the
		// collector gets its turn late where there are few processors.
		runtime.Gosched()
	}
	return nil
}

// yamlError takes the line out of the library's message, the only place that has it. Of the message itself only what is fixed is kept: the
// library quotes the text, and the text may be a password.
func (w *yamlWalk) yamlError(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if n, _ := fmt.Sscanf(message, "line %d:", &line); n == 1 {
		_, message, _ = strings.Cut(message, ": ")
	}
	at := w.lines.offset(max(line, 1), 1)
	if name, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if i := strings.Index(w.r.exp.text, "*"+name); i >= 0 {
			at = i
		}
		return w.r.fail(at, errors.New("this is not valid YAML: a value begins with *, so YAML reads it as an alias that does not exist. Put "+
			"such "+
			"a value in quotes"))
	}
	for _, known := range yamlMessages {
		if strings.Contains(message, known) {
			return w.r.fail(at, fmt.Errorf("this is not valid YAML: %s", known))
		}
	}
	return w.r.fail(at, errors.New("this is not valid YAML"))
}

// yamlMessages are the parts of the library's messages that quote nothing.
var yamlMessages = [...]string{
	"mapping values are not allowed in this context", "did not find expected key", "did not find expected node content",
	"could not find expected ':'",
	"did not find expected '-' indicator", "did not find expected ',' or ']'", "did not find expected ',' or '}'",
	"found character that cannot start any token",
	"found a tab character", "found unexpected end of stream", "did not find expected <document start>", "found unknown escape character",
	"block sequence entries are not allowed in this context", "found undefined tag handle", "control characters are not allowed",
	"found unexpected ':'",
	"did not find URI escaped octet", "did not find expected whitespace or line break", "document contains excessive aliasing",
	"invalid leading UTF-8 octet",
	"did not find expected alphabetic or numeric character", "found extra %YAML directive", "exceeded max depth",
	"found incompatible YAML document",
}

// A lineIndex finds the places that the library names by line and column. The time that takes does not grow with the text.
type lineIndex struct {
	text   string
	starts []int32         // of the lines
	long   map[int][]int32 // of long lines: where every markEvery-th character begins; empty where all are ASCII
}

// markEvery is how many characters are walked at most to find a column, and how many bytes a line has that is not long.
const markEvery = 64

func newLineIndex(text string) *lineIndex {
	x := &lineIndex{text: text, starts: make([]int32, 1, 1+strings.Count(text, "\n"))}
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return x
		}
		at += i + 1
		x.starts = append(x.starts, int32(at))
	}
}

// offset finds a line and a column, both from 1, in the text.
func (x *lineIndex) offset(line, column int) int {
	if line > len(x.starts) {
		return len(x.text)
	}
	start, end := int(x.starts[max(line, 1)-1]), len(x.text)
	if line < len(x.starts) {
		end = int(x.starts[max(line, 1)])
	}
	skip, at := max(column, 1)-1, start
	if end-start > markEvery {
		marks := x.marks(line, start, end)
		if len(marks) == 0 {
			return min(start+skip, len(x.text))
		}
		mark := min(skip/markEvery, len(marks)-1)
		skip, at = skip-mark*markEvery, int(marks[mark])
	}
	for ; skip > 0 && at < len(x.text); skip-- {
		_, size := utf8.DecodeRuneInString(x.text[at:])
		at += size
	}
	return at
}

// marks looks at a long line once.
func (x *lineIndex) marks(line, start, end int) []int32 {
	if marks, known := x.long[line]; known {
		return marks
	}
	var marks []int32
	n, ascii := 0, true
	for i, c := range x.text[start:end] {
		if n%markEvery == 0 {
			marks = append(marks, int32(start+i))
		}
		ascii = ascii && c < utf8.RuneSelf
		n++
	}
	if ascii {
		marks = nil
	}
	if x.long == nil {
		x.long = make(map[int][]int32)
	}
	x.long[line] = marks
	return marks
}

type yamlWalk struct {
	r     *Reader
	lines *lineIndex
	nodes int
}

// maxYAMLNodes bounds what aliases can blow up.
const maxYAMLNodes = 2 * MaxProperties

// node walks one node. key is the node of its name, nil in lists and at the top.
func (w *yamlWalk) node(path string, n, key *yaml.Node, depth int) error {
	at := w.lines.offset(n.Line, n.Column)
	if w.nodes++; w.nodes > maxYAMLNodes {
		return w.r.fail(at, &BoundError{"nodes with all aliases followed", maxYAMLNodes, "nodes"})
	}
	if depth > MaxDepth {
		return w.r.fail(at, &BoundError{"maps and lists inside one another", MaxDepth, "deep"})
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return w.node(path, n.Content[0], nil, depth)
	case yaml.AliasNode:
		return w.node(path, n.Alias, key, depth+1)
	case yaml.SequenceNode:
		for i, c := range n.Content {
			if err := w.node(join(path, fmt.Sprint(i+1)), c, nil, depth+1); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if k.Kind != yaml.ScalarNode {
				return w.r.fail(w.lines.offset(k.Line, k.Column), errors.New("a key is not plain text"))
			}
			name := w.join(path, k.Value)
			if k.Tag == "!!merge" {
				name = path
			}
			if err := w.node(name, v, k, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return w.scalar(path, n, key, at)
}

func (w *yamlWalk) scalar(path string, n, key *yaml.Node, at int) error {
	if path == "" {
		return w.r.fail(at, errors.New("a value has no key: cupclint expects a map of keys and values"))
	}
	text := w.r.exp.text
	marks := at
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		at = w.skipMarks(at)
	}
	p := Property{Name: path, Value: n.Value, nameStart: int32(at), nameEnd: int32(at)}
	if key != nil {
		nameAt := w.lines.offset(key.Line, key.Column)
		p.nameStart, p.nameEnd = int32(nameAt), int32(min(len(text), nameAt+len(key.Value)))
	}
	from, to := scalarRange(text, at, n)
	p.valueStart, p.valueEnd = int32(from), int32(to)
	if n.Tag == "!!null" {
		p.Value = ""
	}
	p.Key, p.N = w.lookup(path, key)
	if at > marks && secret.Name(path, keyTable{}) >= secret.Strong && !w.meant(n) {
		// A password that begins with ! or & looks like a tag or an anchor, and is a plain text for its author.
		if to <= at {
			to = marks + len(strings.TrimRight(text[marks:chars.LineEnd(text, marks)], " \t\r"))
		}
		p.valueStart, p.valueEnd = int32(marks), int32(to)
		p.Value = text[marks:to]
	}
	return w.r.add(&p)
}

// meant reports whether the marks in front of a scalar are YAML's: a tag of its own, or an anchor that an alias names.
func (w *yamlWalk) meant(n *yaml.Node) bool {
	if n.Anchor != "" {
		return strings.Contains(w.r.exp.text, "*"+n.Anchor)
	}
	return strings.HasPrefix(n.Tag, "!!")
}

// skipMarks skips the anchor and the tag in front of a scalar.
func (w *yamlWalk) skipMarks(at int) int {
	text := w.r.exp.text
	for at < len(text) && (text[at] == '&' || text[at] == '!') {
		for at < len(text) && text[at] != ' ' && text[at] != '\n' {
			at++
		}
		for at < len(text) && text[at] == ' ' {
			at++
		}
	}
	return at
}

// scalarRange finds where a scalar is, without its quotes. A scalar over several lines counts up to the first line that is
// indented less than it, so that nothing of a secret is left out.
func scalarRange(text string, at int, n *yaml.Node) (from, to int) {
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && at < len(text):
		quote := text[at]
		for i := at + 1; i < len(text); i++ {
			switch {
			case quote == '"' && text[i] == '\\':
				i++
			case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
				i++
			case text[i] == quote:
				return at + 1, i
			}
		}
	case strings.HasPrefix(text[at:], n.Value) && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0:
		return at, at + len(n.Value)
	}
	return at, blockEnd(text, at)
}

// blockEnd returns the end of the last line of a scalar that begins in the line of at: what follows and is blank or indented more
// than that line belongs to it.
func blockEnd(text string, at int) int {
	lineStart := strings.LastIndexByte(text[:at], '\n') + 1
	indent := len(text[lineStart:]) - len(strings.TrimLeft(text[lineStart:], " "))
	end := at
	for start := lineStart; start < len(text); {
		stop, next := len(text), len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			stop, next = start+i, start+i+1
		}
		body := strings.TrimLeft(text[start:stop], " ")
		if start > lineStart && strings.TrimSpace(body) != "" && stop-start-len(body) <= indent {
			break
		}
		if strings.TrimSpace(body) != "" {
			end = stop
		}
		start = next
	}
	return max(at, end)
}

// A yamlName is a known key and what it was made of. The files of a deployment have the same ones in the same order.
type yamlName struct {
	path, last, name string
	key              KeyID
	n                int
}

// maxYAMLNames bounds the memory of names of earlier files.
const maxYAMLNames = 1024

// join is the function of that name for the next node.
func (w *yamlWalk) join(path, name string) string {
	if w.nodes < len(w.r.names) {
		if m := &w.r.names[w.nodes]; m.last == name && m.path == path {
			return m.name
		}
	}
	return join(path, name)
}

// lookup is Lookup for the node that was begun last. Only known keys are remembered: what is not one can be a secret.
func (w *yamlWalk) lookup(name string, last *yaml.Node) (KeyID, int) {
	at := w.nodes - 1
	if at < len(w.r.names) && w.r.names[at].name == name {
		return w.r.names[at].key, w.r.names[at].n
	}
	key, n, _ := Lookup(name)
	if key == NoKey || last == nil || at >= maxYAMLNames {
		return key, n
	}
	if path, ok := strings.CutSuffix(name, last.Value); ok {
		w.r.names = append(w.r.names, make([]yamlName, max(0, at+1-len(w.r.names)))...)
		w.r.names[at] = yamlName{strings.TrimSuffix(path, "."), last.Value, name, key, n}
	}
	return key, n
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
