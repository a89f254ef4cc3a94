package lockouts

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
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
}

func readXML(in *bounded, each func(*Event)) (Stats, error) {
	var st Stats
	in.renew()
	d := xml.NewDecoder(in)
	// The text is UTF-8 by now, whatever the declaration says.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	seen := false
	for {
		tok, err := d.Token()
		if err == io.EOF {
			if !seen {
				return st, fmt.Errorf("no <Event> element in the file")
			}
			return st, nil
		}
		if err != nil {
			return st, positioned(d, err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "Event" {
			continue
		}
		seen = true
		in.renew()
		var x xmlEvent
		if err := d.DecodeElement(&x, &start); err != nil {
			return st, positioned(d, err)
		}
		st.Events++
		x.emit(&st, each)
		in.renew()
	}
}

func positioned(d *xml.Decoder, err error) error {
	line, col := d.InputPos()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("line %d, column %d: %w", line, col, err)
}

func (x *xmlEvent) emit(st *Stats, each func(*Event)) {
	id, err := strconv.Atoi(strings.TrimSpace(x.System.EventID))
	if err != nil || current(id) == 0 {
		return
	}
	e := &Event{ID: current(id), Original: id, Logger: computer(x.System.Computer), When: x.System.TimeCreated.SystemTime}
	e.Time, _ = time.Parse(time.RFC3339Nano, e.When)
	f := fields{}
	var plain []string
	for _, d := range x.Data {
		if d.Name != "" {
			f[d.Name] = d.Value
		} else {
			plain = append(plain, d.Value)
		}
	}
	if len(f) == 0 {
		f = positional(id, plain)
	}
	e.fill(f)
	deliver(e, st, each)
}

// deliver hands an event over when it names an account.
func deliver(e *Event, st *Stats, each func(*Event)) {
	if e.User == "" {
		st.Unclear++
		return
	}
	st.Used++
	each(e)
}

// positional names the values of events whose data carries no names: those of 2003, opened and saved by a newer Event
// Viewer, and 2889. The order is that of the event's message.
func positional(id int, v []string) fields {
	f := fields{}
	put := func(i int, name string) {
		if i < len(v) {
			f[name] = v[i]
		}
	}
	switch {
	case id == 644:
		put(0, "TargetUserName")
		put(1, "CallerComputer")
	case id == 671:
		put(0, "TargetUserName")
		put(1, "TargetDomainName")
	case id == 675:
		put(0, "TargetUserName")
		put(4, "Status")
		put(5, "IpAddress")
	case id == 680, id == 681:
		put(1, "TargetUserName")
		put(2, "Workstation")
		put(3, "Status")
	case id >= 529 && id <= 539:
		put(0, "TargetUserName")
		put(1, "TargetDomainName")
		put(2, "LogonType")
		put(5, "WorkstationName")
		put(11, "IpAddress")
	case id == LDAPBind:
		put(0, "ClientAddress")
		put(1, "Identity")
	}
	return f
}
