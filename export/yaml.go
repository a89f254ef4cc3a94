package export

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readYAML reads maps of our own keys, nested, dotted or both: the names on the way to a value are joined with dots, the
// members of a list are numbered from 1. A scalar's text is taken as written, whatever type YAML would give it;
// null and ~ are empty values.
//
// What people write by hand, block maps of plain and simply quoted scalars, is read by blockYAML, because the
// library takes several times as long as the reader of SOAP exports. All else is the library's.
func (r *Reader) readYAML() error {
	if !r.blockYAML() {
		clear(r.exp.first[:])
		r.exp.Properties = r.exp.Properties[:0]
		if err := r.libraryYAML(); err != nil {
			return err
		}
	}
	return nil
}

// A level is one open block map.
type level struct {
	indent int
	prefix string // of the names in it, with a dot at the end
}

// maxKey is a length that no key reaches; YAML has a bound of 1024 for keys written in this way.
const maxKey = 128

// blockYAML reads the common subset and reports false as soon as it meets anything else.
func (r *Reader) blockYAML() bool {
	text := r.exp.text
	var levels [MaxDepth]level
	depth := 0
	pending := Property{} // a key without a value yet: a null, or the head of a map
	waits := false
	flush := func() bool {
		if waits {
			waits = false
			return r.add(&pending) == nil
		}
		return true
	}
	first := true
	for start := 0; start < len(text); {
		end, next := len(text), len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end, next = start+i, start+i+1
		}
		if end > start && text[end-1] == '\r' {
			end--
		}
		line := text[start:end]
		at := start
		start = next
		body := strings.TrimLeft(line, " ")
		if body == "" || body[0] == '#' {
			if !printable(body) {
				return false
			}
			continue
		}
		if first && line == "---" {
			first = false
			continue
		}
		indent := len(line) - len(body)
		colon := blockKey(body)
		if colon == 0 || colon > maxKey || !printable(body) {
			return false
		}
		switch {
		case first:
			if indent != 0 {
				return false
			}
			first = false
			depth = 1
		case depth == 0: // after the document mark
			if indent != 0 {
				return false
			}
			depth = 1
		case indent > levels[depth-1].indent:
			if !waits || depth == MaxDepth {
				return false
			}
			waits = false
			levels[depth] = level{indent, pending.Name + "."}
			depth++
		default:
			if !flush() {
				return false
			}
			for depth > 1 && levels[depth-1].indent > indent {
				depth--
			}
			if levels[depth-1].indent != indent {
				return false
			}
		}
		p, ok := blockPair(text, at+indent, colon, end)
		if !ok {
			return false
		}
		if prefix := levels[depth-1].prefix; prefix != "" {
			p.Name = prefix + p.Name
		}
		if p.valueStart == 0 {
			p.valueStart, p.valueEnd = p.nameEnd+1, p.nameEnd+1
			pending, waits = p, true
			pending.Key, pending.N, _ = Lookup(p.Name)
			continue
		}
		p.Key, p.N, _ = Lookup(p.Name)
		if r.add(&p) != nil {
			return false
		}
	}
	return flush() && len(r.exp.Properties) > 0
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// blockKey returns where the colon behind a plain key stands, or 0.
func blockKey(body string) int {
	n := 0
	for n < len(body) && keyByte(body[n]) {
		n++
	}
	if n == 0 || !letter(body[0]) || n == len(body) || body[n] != ':' || n+1 < len(body) && body[n+1] != ' ' {
		return 0
	}
	return n
}

// blockPair reads the value behind a key. A valueStart of 0 means that the line ends behind the colon.
func blockPair(text string, at, colon, end int) (Property, bool) {
	p := Property{Name: text[at : at+colon], nameStart: int32(at), nameEnd: int32(at + colon)}
	from := at + colon + 1
	for from < end && text[from] == ' ' {
		from++
	}
	for end > from && text[end-1] == ' ' {
		end--
	}
	value := text[from:end]
	if value == "" {
		return p, true
	}
	switch c := value[0]; {
	case c == '"' || c == '\'':
		if len(value) < 2 || strings.IndexByte(value[1:], c) != len(value)-2 || strings.IndexByte(value, '\\') >= 0 && c == '"' {
			return p, false
		}
		value = value[1 : len(value)-1]
		from, end = from+1, end-1
	case strings.IndexByte("-?:,[]{}#&*!|>%@`~=<", c) >= 0, strings.Contains(value, ": "), strings.Contains(value, " #"), value[len(value)-1] == ':':
		return p, false
	case isNull(value):
		value = ""
	}
	p.Value, p.valueStart, p.valueEnd = value, int32(from), int32(end)
	return p, true
}

func isNull(s string) bool { return s == "~" || s == "null" || s == "Null" || s == "NULL" }

// libraryYAML walks the nodes that the library finds.
func (r *Reader) libraryYAML() error {
	dec := yaml.NewDecoder(strings.NewReader(r.exp.text))
	w := yamlWalk{r: r}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.yamlError(err)
		}
		if err := w.node("", &doc, nil, 0); err != nil {
			return err
		}
	}
}

// yamlError takes the line out of the library's message, the only place that has it.
func (r *Reader) yamlError(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if n, _ := fmt.Sscanf(message, "line %d:", &line); n == 1 {
		_, message, _ = strings.Cut(message, ": ")
	}
	return r.fail(r.offset(max(line, 1), 1), fmt.Errorf("this is no valid YAML: %s", message))
}

// offset finds a line and a column, both from 1, in the text.
func (r *Reader) offset(line, column int) int {
	text, at := r.exp.text, 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

type yamlWalk struct {
	r     *Reader
	nodes int
}

// maxYAMLNodes bounds what aliases can blow up.
const maxYAMLNodes = 4 * MaxProperties

// node walks one node. key is the node of its name, nil in lists and at the top.
func (w *yamlWalk) node(path string, n, key *yaml.Node, depth int) error {
	at := w.r.offset(n.Line, n.Column)
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
				return w.r.fail(w.r.offset(k.Line, k.Column), errors.New("a key that is no plain text"))
			}
			name := join(path, k.Value)
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
		return w.r.fail(at, errors.New("a value without a key: a map of keys and values is expected"))
	}
	text := w.r.exp.text
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		at = w.skipMarks(at)
	}
	p := Property{Name: path, Value: n.Value, nameStart: int32(at), nameEnd: int32(at)}
	if key != nil {
		nameAt := w.r.offset(key.Line, key.Column)
		p.nameStart, p.nameEnd = int32(nameAt), int32(min(len(text), nameAt+len(key.Value)))
	}
	from, to := scalarRange(text, at, n)
	p.valueStart, p.valueEnd = int32(from), int32(to)
	if n.Tag == "!!null" {
		p.Value = ""
	}
	p.Key, p.N, _ = Lookup(path)
	return w.r.add(&p)
}

// skipMarks passes over the anchor and the tag in front of a scalar.
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

// scalarRange finds where a scalar stands, without its quotes. A scalar over several lines counts up to the first line that is
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

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
