package lockouts

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlEvent is the part of the event schema that is read; names are matched without their namespace.
type xmlEvent struct {
	System struct {
		EventID     string `xml:"EventID"`
		Computer    string `xml:"Computer"`
		TimeCreated struct {
			SystemTime string `xml:"SystemTime,attr"`
		} `xml:"TimeCreated"`
	} `xml:"System"`
	Data []struct {
		Name  string `xml:"Name,attr"`
		Value string `xml:",chardata"`
	} `xml:"EventData>Data"`
	Message string `xml:"RenderingInfo>Message"`
}

var eventTag, eventEnd = []byte("<Event"), []byte("</Event>")

// hasEvent reports whether an <Event> element begins in the text, with anything before it: a header of syslog, "Record 12", "- " of a
// browser's view.
func hasEvent(s string) bool {
	for {
		i := strings.Index(s, "<Event")
		if i < 0 || i+6 >= len(s) {
			return false
		}
		if s = s[i+6:]; strings.IndexByte(" \t\r\n>", s[0]) >= 0 {
			return true
		}
	}
}

// readXML takes the text between <Event and </Event> as one record and reads each by itself, so that one that is broken or cut
// does not hide the rest, and so that anything may be between them.
func (w *wrapping) readXML(in *bufio.Reader) error {
	line := 1
	first := 0
	var pending []byte // the event that is being read
	begun := false
	huge := false
	for {
		part, err := in.ReadSlice('>')
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return err
		}
		if at := tagAt(part); at >= 0 {
			if begun {
				w.st.bad(first, errors.New("the event has no end"))
			}
			begun, huge, pending, first = true, false, pending[:0], line+bytes.Count(part[:at], []byte("\n"))
			pending = append(pending, part[at:]...)
		} else if begun {
			if len(pending)+len(part) > maxEvent {
				if !huge {
					w.st.bad(first, errTooLarge)
				}
				huge = true
			} else {
				pending = append(pending, part...)
			}
		}
		line += bytes.Count(part, []byte("\n"))
		if begun && bytes.HasSuffix(part, eventEnd) {
			if !huge {
				w.xmlRecord(pending, first)
			}
			begun = false
		}
		if err == io.EOF {
			break
		}
	}
	if begun {
		if huge {
			return fmt.Errorf("%w, which begins in line %d: %w", ErrCut, first, errTooLarge)
		}
		w.st.bad(first, errors.New("the event has no end"))
		return fmt.Errorf("%w that begins in line %d", ErrCut, first)
	}
	return nil
}

// tagAt is where <Event begins in a part that ends with >, or -1. A part can hold one tag only, as it is the text up to a >.
func tagAt(part []byte) int {
	i := bytes.LastIndex(part, eventTag)
	if i < 0 || i+len(eventTag) >= len(part) || bytes.IndexByte([]byte(" \t\r\n>"), part[i+len(eventTag)]) < 0 {
		return -1
	}
	return i
}

func (w *wrapping) xmlRecord(b []byte, line int) {
	x, err := decodeXML(b, true)
	if err != nil {
		// Values of some events are binary (libevtx, issue 20): characters that XML has not are replaced and the rest is read.
		x, err = decodeXML(cleanXML(b), false)
	}
	if err != nil && bytes.Contains(b, []byte(`=""`)) {
		x, err = decodeXML(bytes.ReplaceAll(b, []byte(`""`), []byte(`"`)), false) // the value of a column in CSV
	}
	if err != nil {
		w.st.bad(line, err)
		return
	}
	if strings.TrimSpace(x.System.EventID) == "" {
		w.st.bad(line, errors.New("an event without a number: the view is folded, or the event is incomplete"))
		return
	}
	r := &raw{id: x.System.EventID, logger: x.System.Computer, when: x.System.TimeCreated.SystemTime, utc: true, fields: fields{},
		message: x.Message}
	for _, d := range x.Data {
		if d.Name != "" {
			r.fields[d.Name] = d.Value
		} else {
			r.values = append(r.values, d.Value)
		}
	}
	w.take(r)
}

func decodeXML(b []byte, strict bool) (*xmlEvent, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = strict
	var x xmlEvent
	if err := d.Decode(&x); err != nil {
		return nil, err
	}
	return &x, nil
}

// cleanXML replaces control characters and references to them by blanks.
func cleanXML(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			out = append(out, ' ')
		case c == '&' && i+2 < len(b) && b[i+1] == '#':
			end := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
			if end < 0 {
				out = append(out, ' ')
				continue
			}
			out = append(out, ' ')
			i += end
		default:
			out = append(out, c)
		}
	}
	return bytes.ToValidUTF8(out, []byte("?"))
}
