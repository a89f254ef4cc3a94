package lockouts

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxDocument bounds one JSON value that holds several events.
const maxDocument = 64 << 20

// looksJSON reports whether the text is JSON, or lines with JSON after a header of syslog.
func looksJSON(sample string) bool {
	line, _, _ := strings.Cut(sample, "\n")
	line = strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "{"):
		return true
	case strings.HasPrefix(line, "["):
		rest := strings.TrimSpace(sample[1:])
		return strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "]")
	}
	i := strings.Index(line, `{"`)
	return i > 0 && strings.HasSuffix(line, "}") && json.Valid([]byte(line[i:]))
}

// readJSON reads one event a line, a list of events, or one object that holds them.
func (w *wrapping) readJSON(in *bufio.Reader) error {
	head, _ := in.Peek(in.Size())
	line, _, whole := strings.Cut(string(head), "\n")
	if i := strings.IndexByte(line, '{'); i >= 0 && !strings.HasPrefix(strings.TrimSpace(line), "[") {
		if json.Valid([]byte(line[i:])) || (whole && strings.Count(line, `"`) > 8) {
			return w.jsonLines(in)
		}
	}
	b := &bounded{r: in}
	b.left = maxDocument
	d := json.NewDecoder(b)
	d.UseNumber()
	if strings.HasPrefix(strings.TrimSpace(string(head)), "[") {
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	for d.More() {
		b.left = maxDocument
		var v any
		if err := d.Decode(&v); err != nil {
			at := d.InputOffset()
			if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
				return fmt.Errorf("%w: byte %d", ErrCut, at)
			}
			w.st.bad(1, fmt.Errorf("byte %d: %w", at, err))
			return nil
		}
		w.jsonRecords(v, 0)
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		return fmt.Errorf("%w: byte %d", ErrCut, d.InputOffset())
	}
	return nil
}

func (w *wrapping) jsonLines(in *bufio.Reader) error {
	l := &lines{r: in}
	for {
		line, err := l.next()
		if err == io.EOF {
			return nil
		}
		if err == errTooLarge {
			w.st.bad(l.n, err)
			continue
		}
		if err != nil {
			return err
		}
		i := strings.IndexByte(line, '{')
		if i < 0 {
			continue
		}
		d := json.NewDecoder(strings.NewReader(line[i:]))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			w.st.bad(l.n, err)
			continue
		}
		w.jsonRecords(v, 0)
	}
}

// jsonRecords takes an object that has an event number as one event, and looks into one that has none for lists of them.
func (w *wrapping) jsonRecords(v any, depth int) {
	switch v := v.(type) {
	case map[string]any:
		x := &raw{fields: fields{}}
		x.json(v, "", 0)
		if number(x.id) > 0 {
			w.take(x)
			return
		}
		if depth < 4 {
			for _, k := range slices.Sorted(keys(v)) {
				w.jsonRecords(v[k], depth+1)
			}
		}
	case []any:
		for _, one := range v {
			w.jsonRecords(one, depth+1)
		}
	}
}

func keys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// json takes the values of an object and of the objects in it; the names of the event schema go before likenesses.
func (x *raw) json(v any, parent string, depth int) {
	m, ok := v.(map[string]any)
	if !ok || depth > 8 {
		return
	}
	for _, k := range slices.Sorted(keys(m)) {
		switch val := m[k].(type) {
		case map[string]any:
			if text, ok := scalar(val["#text"]); ok && len(val) <= 2 {
				x.jsonValue(k, parent, text, depth)
			} else if list, ok := val["#text"].([]any); ok && k == "Data" {
				x.jsonList(list)
			}
			if _, isTime := val["DateTime"]; isTime { // PowerShell: {"value": "/Date(...)/", "DateTime": ...}
				text, _ := scalar(val["value"])
				x.jsonValue(k, parent, text, depth)
				continue
			}
			x.json(val, k, depth+1)
		case []any:
			x.jsonNames(k, val)
			x.jsonList(val)
		default:
			if text, ok := scalar(val); ok {
				x.jsonValue(k, parent, text, depth)
			}
		}
	}
}

// jsonNames reads what Splunk makes of a label that a message has twice: a list of the reporter's account and the account that counts.
func (x *raw) jsonNames(key string, list []any) {
	meaning, _, ok := column(key)
	if !ok || meaning != "User" || len(list) != 2 {
		return
	}
	subject, ok1 := scalar(list[0])
	target, ok2 := scalar(list[1])
	if ok1 && ok2 && target != "" {
		x.fields["SubjectUserName"], x.fields["TargetUserName"] = subject, target
	}
}

// jsonList reads lists of named values ({"@Name": ..., "#text": ...}), of PowerShell's properties ({"Value": ...}) and of plain values.
func (x *raw) jsonList(list []any) {
	var plainValues []string
	for _, one := range list {
		m, isMap := one.(map[string]any)
		if !isMap {
			if text, ok := scalar(one); ok {
				plainValues = append(plainValues, text)
			}
			continue
		}
		var name, value string
		hasValue := false
		for k, v := range m {
			switch strings.ToLower(strings.TrimLeft(k, "@#")) {
			case "name":
				name, _ = scalar(v)
			case "text", "value":
				value, hasValue = scalar(v)
				if _, isObject := v.(map[string]any); isObject {
					hasValue = true // a SID as an object
				}
			case "attributes":
				if a, ok := v.(map[string]any); ok {
					name, _ = scalar(a["Name"])
				}
			}
		}
		switch {
		case name != "":
			x.fields[name] = value
		case hasValue:
			plainValues = append(plainValues, value)
		}
	}
	if len(plainValues) > 1 && len(x.values) == 0 {
		x.values = plainValues
	}
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

// timeRank lists the names of times of a record, the one that counts least first: that of the event counts, not of its collection.
var timeRank = [...]string{"timestamp", "timegenerated", "eventtime", "timecreated", "systemtime"}

func (x *raw) jsonValue(key, parent, text string, depth int) {
	meaning, _, ok := column(key)
	if x.within(text) || !ok || text == "" {
		return
	}
	p := plain(key)
	switch meaning {
	case "id":
		switch {
		case strings.HasPrefix(p, "event"):
			x.id = text
		case (depth == 0 || p == "code" && parent == "event") && x.id == "":
			x.id = text
		}
	case "when", "clock":
		if rank := slices.Index(timeRank[:], p) + 2; rank > x.rank && meaning == "when" {
			x.when, x.rank = text, rank
			x.utc = p == "systemtime" || p == "timecreated"
		}
	case "logger":
		if x.logger == "" || p == "computer" {
			x.logger = text
		}
	case "message":
		if len(text) > len(x.message) && (depth == 0 || p == "message") {
			x.message = text
		}
	case "payload":
		x.object(text)
	case "strings", "logname":
	default:
		switch {
		case p == plain(meaning):
			x.fields[meaning] = text
		case (p == "domain" || p == "ip") && parent != "user":
			// ECS has source.domain, client.ip and others that are not the account's
		case x.fields.get(meaning) == "":
			x.fields[meaning] = text
		}
	}
}
