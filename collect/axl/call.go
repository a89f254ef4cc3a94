package axl

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Call is one operation of the table of steps, such as
//
//	listProcessNode(name=%) name description processNodeRole@10.0
//	executeSQLQuery(select name from processnode)
type Call struct {
	Operation string
	// Criteria are the key of a get, or the search criteria of a list, in the order of the schema.
	Criteria []Field
	// Tags are the fields that are asked for. What is not named stays on the server.
	Tags []Tag
	// SQL is the query of executeSQLQuery.
	SQL string
}

// A Field is the name and the value of an element.
type Field struct{ Name, Value string }

// A Tag is a field that is asked for: a path of elements, and the oldest schema that has it.
type Tag struct {
	Path  []string
	Since string
}

// List reports whether the operation gives its records page by page.
func (c *Call) List() bool { return strings.HasPrefix(c.Operation, "list") }

// Allowed reports whether an operation only reads.
func Allowed(operation string) bool {
	if operation == "executeSQLQuery" {
		return true
	}
	for _, verb := range [...]string{"get", "list"} {
		if rest, ok := strings.CutPrefix(operation, verb); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' && strings.Trim(rest,
			letters) == "" {
			return true
		}
	}
	return false
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// ParseCall reads the text of a step.
func ParseCall(text string) (*Call, error) {
	op, rest, ok := strings.Cut(text, "(")
	end := strings.LastIndexByte(rest, ')')
	if !ok || end < 0 {
		return nil, fmt.Errorf("%q is not OPERATION(...)", text)
	}
	c := &Call{Operation: op}
	if !Allowed(op) {
		return nil, fmt.Errorf("%s is not an operation that only reads", op)
	}
	inside := rest[:end]
	if op == "executeSQLQuery" {
		c.SQL = inside
		return c, nil
	}
	for part := range strings.SplitSeq(inside, ", ") {
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not NAME=VALUE", op, part)
		}
		c.Criteria = append(c.Criteria, Field{name, value})
	}
	for tag := range strings.FieldsSeq(rest[end+1:]) {
		path, since, _ := strings.Cut(tag, "@")
		c.Tags = append(c.Tags, Tag{strings.Split(path, "/"), since})
	}
	return c, nil
}

// Older reports whether one schema is older than another.
func Older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	return slices.Compare(x[:], y[:]) < 0
}

func numbers(v string) (n [2]int) {
	major, minor, _ := strings.Cut(v, ".")
	n[0], _ = strconv.Atoi(major)
	n[1], _ = strconv.Atoi(minor)
	return n
}

// body is the body of the request for one page; first is 0 for an operation without pages.
func (c *Call) body(version string, skip, first int) string {
	var b strings.Builder
	b.WriteString(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns="` + namespace + version +
		`"><soapenv:Header/><soapenv:Body><ns:` + c.Operation + `>`)
	switch {
	case c.SQL != "":
		element(&b, "sql", c.SQL)
	case c.List():
		b.WriteString("<searchCriteria>")
		for _, f := range c.Criteria {
			element(&b, f.Name, f.Value)
		}
		b.WriteString("</searchCriteria>")
		c.tags(&b, version)
		if first > 0 { // elements after the tags, in this order: attributes have no effect
			element(&b, "skip", strconv.Itoa(skip))
			element(&b, "first", strconv.Itoa(first))
		}
	default:
		for _, f := range c.Criteria {
			element(&b, f.Name, f.Value)
		}
		if len(c.Tags) > 0 {
			c.tags(&b, version)
		}
	}
	b.WriteString(`</ns:` + c.Operation + `></soapenv:Body></soapenv:Envelope>`)
	return b.String()
}

func element(b *strings.Builder, name, value string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(value)) // a builder takes everything
	b.WriteString("</" + name + ">")
}

// tags writes the fields that the schema has, paths with the same beginning in one element.
func (c *Call) tags(b *strings.Builder, version string) {
	var paths [][]string
	for _, t := range c.Tags {
		if t.Since == "" || !Older(version, t.Since) {
			paths = append(paths, t.Path)
		}
	}
	b.WriteString("<returnedTags>")
	writeTags(b, paths)
	b.WriteString("</returnedTags>")
}

func writeTags(b *strings.Builder, paths [][]string) {
	for i := 0; i < len(paths); {
		name := paths[i][0]
		var inner [][]string
		for i < len(paths) && paths[i][0] == name {
			if len(paths[i]) > 1 {
				inner = append(inner, paths[i][1:])
			}
			i++
		}
		if len(inner) == 0 {
			b.WriteString("<" + name + "/>")
			continue
		}
		b.WriteString("<" + name + ">")
		writeTags(b, inner)
		b.WriteString("</" + name + ">")
	}
}
