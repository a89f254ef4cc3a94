package copied

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
	"cupclint/internal/jsonplace"
)

// Programs that ask servers write what those print as strings of JSON: with \n between the lines, or a string for each line. The strings
// become lines of the text, and all else stays as it is, so that secrets in it are found. The key before an output may be its command,
// and the object around it may name the node.

// A carrier finds the outputs in JSON.
type carrier struct {
	text  string
	edits []Edit
	open  []container
	node  string // that was named last
	seen  map[output][]int32
	again []Copy
}

// An output is one of an object: other objects may have the same of another node.
type output struct {
	object int
	text   string
}

// A container is an object or a list that is open.
type container struct {
	list bool
	at   int
	key  jsonString // of the value that is read, in an object; a list has that of its own
	node string     // that a member names
	wait bool       // the next string is a key
	// lines are the strings of a list, as long as it has nothing else.
	lines []jsonString
	mixed bool
}

// jsonString is the place of a string in JSON, without the quotes.
type jsonString struct{ start, end int }

// carried finds the outputs of servers in JSON; no edits where there is none.
func (f *Formats) carried(text string) ([]Edit, []Copy) {
	head := text[:min(len(text), 64)]
	head = head[chars.Blanks(head):]
	if head = strings.TrimLeft(head, " \t\r\n"); head == "" || head[0] != '{' && head[0] != '[' ||
		!strings.Contains(text, `\n`) && !strings.Contains(text, `lines"`) {
		return nil, nil
	}
	c := carrier{text: text, seen: map[output][]int32{}}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	for len(c.open) <= f.Depth {
		at := jsonplace.Token(text, dec)
		token, err := dec.Token()
		if err != nil { // the end, or what the program did not finish to write
			break
		}
		switch token := token.(type) {
		case json.Delim:
			c.delimiter(at, token)
		case string:
			c.value(jsonString{at + 1, int(dec.InputOffset()) - 1})
		default:
			c.valueEnd()
		}
	}
	if !f.printedIn(text, c.edits) {
		return nil, nil
	}
	return c.edits, c.again
}

// delimiter opens or closes an object or a list.
func (c *carrier) delimiter(at int, sign json.Delim) {
	n := len(c.open)
	if sign == '}' || sign == ']' {
		if in := &c.open[n-1]; in.list && !in.mixed && len(in.lines) > 1 {
			c.output(in.lines)
		}
		c.open = c.open[:n-1]
		c.valueEnd()
		return
	}
	next := container{list: sign == '[', at: at, wait: sign == '{'}
	if n > 0 && next.list {
		next.key = c.open[n-1].key
	}
	c.open = append(c.open, next)
}

// valueEnd notes the end of a value other than a string.
func (c *carrier) valueEnd() {
	if n := len(c.open); n > 0 {
		c.open[n-1].mixed, c.open[n-1].wait = true, !c.open[n-1].list
	}
}

func (c *carrier) string(q jsonString) string { return c.text[q.start:q.end] }

// value looks at a string: a key, or a value.
func (c *carrier) value(q jsonString) {
	n := len(c.open)
	if n == 0 {
		return
	}
	in := &c.open[n-1]
	if in.wait {
		in.key, in.wait = q, false
		return
	}
	in.wait = !in.list
	many := strings.Contains(c.string(q), `\n`)
	switch {
	case in.list && !many && !in.mixed:
		in.lines = append(in.lines, q)
	case many:
		in.mixed = true
		c.output([]jsonString{q})
	case in.list:
	case appliance.IsCommand(c.string(q)) && c.keyIs("command", "cmd"):
		c.put(q.start-1, q.start, "\n"+appliance.Prompt)
		c.put(q.end, q.end+1, "\n")
	case c.keyIs("host", "hostname", "inventory_hostname", "node", "device", "server", "address", "ip"):
		if isNodeName(c.string(q)) {
			in.node = c.string(q)
		}
	}
}

func isNodeName(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && strings.Trim(s, "-.") != ""
}

func (c *carrier) keyIs(names ...string) bool {
	key := c.string(c.open[len(c.open)-1].key)
	for _, name := range names {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// put adds an edit that is in order.
func (c *carrier) put(start, end int, with string) {
	if n := len(c.edits); start <= len(c.text) && (n == 0 || c.edits[n-1].End <= start) {
		c.edits = append(c.edits, Edit{Start: start, End: min(end, len(c.text)), With: with})
	}
}

// output makes lines of an output.
func (c *carrier) output(parts []jsonString) {
	first, last := parts[0], parts[len(parts)-1]
	decoded, at := c.decoded(parts)
	lines := strings.TrimRight(decoded, "\r\n ")
	same := output{c.object(), strings.ReplaceAll(lines, "\r", "")}
	if of, again := c.seen[same]; again && same.text == lines {
		c.put(first.start, last.end, "")
		c.again = append(c.again, Copy{Of: of, At: at})
		return
	}
	if !strings.Contains(decoded, "\r") {
		c.seen[same] = at
	}
	begin := "\n"
	if node, labelled := c.nodeOf(); node != "" && node != c.node {
		c.node = node
		if labelled {
			begin = "\n### Node " + node + " ###\n"
		} else {
			begin = "\n### " + node + " ###\n"
		}
	}
	key := c.open[len(c.open)-1].key
	if n := len(c.edits); appliance.IsCommand(c.string(key)) && (n == 0 || c.edits[n-1].End < key.start) {
		c.put(key.start-1, key.start, begin+appliance.Prompt)
		c.put(key.end, first.start, "\n")
	} else {
		c.put(first.start-1, first.start, begin)
	}
	for i, q := range parts {
		if i > 0 {
			c.put(parts[i-1].end, q.start, "\n")
		}
		for from := q.start; from < q.end; {
			with, n := jsonCharacter(c.text[from:q.end])
			if n > 1 {
				c.put(from, from+n, with)
			}
			from += n
		}
	}
	c.put(last.end, last.end+1, "\n\n"+appliance.Prompt+"\n") // what follows is not of the output
}

// object is where the innermost object begins.
func (c *carrier) object() int {
	for i := len(c.open) - 1; i > 0; i-- {
		if !c.open[i].list {
			return c.open[i].at
		}
	}
	return 0
}

// decoded is an output as a program would print it, and the place of each byte.
func (c *carrier) decoded(parts []jsonString) (string, []int32) {
	var b strings.Builder
	var at []int32
	for i, q := range parts {
		if i > 0 {
			b.WriteByte('\n')
			at = append(at, int32(parts[i-1].end))
		}
		for from := q.start; from < q.end; {
			with, n := jsonCharacter(c.text[from:q.end])
			b.WriteString(with)
			for range len(with) {
				at = append(at, int32(from))
			}
			from += n
		}
	}
	return b.String(), append(at, int32(parts[len(parts)-1].end))
}

// nodeOf is the node that the object around an output, or its key, names. A key has to look like the name of a machine.
func (c *carrier) nodeOf() (node string, labelled bool) {
	for i := len(c.open) - 1; i >= 0; i-- {
		if c.open[i].node != "" {
			return c.open[i].node, true
		}
		if i > 0 {
			if key := c.string(c.open[i-1].key); !c.open[i-1].list && isNodeName(key) && appliance.IsMachine(key) {
				return key, false
			}
		}
	}
	return "", false
}

// jsonCharacter reads one character of a string of JSON, and how many bytes it has there.
func jsonCharacter(s string) (string, int) {
	if s[0] != '\\' || len(s) < 2 {
		return s[:1], 1
	}
	const escapes, meant = `nrt"\/bf`, "\n\r\t\"\\/ \n"
	if i := strings.IndexByte(escapes, s[1]); i >= 0 {
		return meant[i : i+1], 2
	}
	if s[1] == 'u' && len(s) >= 6 {
		if n, err := strconv.ParseUint(s[2:6], 16, 32); err == nil && n > 0 && utf8.ValidRune(rune(n)) {
			return string(rune(n)), 6
		}
	}
	return s[:1], 1
}

// jsonEscapes finds the escapes in the strings of JSON. Only strings have a backslash.
func jsonEscapes(text string) (edits []Edit) {
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '\\')
		if i < 0 {
			return edits
		}
		at += i
		with, n := jsonCharacter(text[at:])
		if n > 1 {
			edits = append(edits, Edit{Start: at, End: at + n, With: with})
		}
		at += n
	}
}
