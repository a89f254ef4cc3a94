package lockouts

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// columns says where a CSV export keeps what is read; -1 is "nowhere".
type columns struct {
	id, when, clock, logger, message int
}

// readCSV reads the exports of Event Viewer and PowerShell. Times have no zone and follow the language of the machine
// that made the file; the layout that fits all of them is taken, and they are shown as they are.
func readCSV(in *bounded, each func(*Event)) (Stats, error) {
	var st Stats
	in.renew()
	br := bufio.NewReader(in)
	comma := separator(br)
	r := csv.NewReader(br)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord, r.Comment = comma, true, -1, true, '#'
	row, err := r.Read()
	if err != nil {
		return st, csvError(err)
	}
	cols, header := layout(row)
	if cols.id < 0 {
		return st, errors.New("no column with the event number: expected Event Viewer's or Export-Csv's columns, or XML")
	}
	clock := newClock()
	if !header {
		csvRow(row, cols, clock, &st, each)
	}
	for {
		in.renew()
		row, err := r.Read()
		if err == io.EOF {
			return st, nil
		}
		if err != nil {
			return st, csvError(err)
		}
		csvRow(row, cols, clock, &st, each)
	}
}

func csvError(err error) error {
	if err == io.EOF {
		return errors.New("the file is empty")
	}
	return err
}

// separator looks at the first line that is no comment: Export-Csv of some languages writes semicolons.
func separator(br *bufio.Reader) rune {
	head, _ := br.Peek(2048)
	for line := range strings.Lines(string(head)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		best, sep := 0, ','
		for _, c := range []rune{',', ';', '\t'} {
			if n := strings.Count(line, string(c)); n > best {
				best, sep = n, c
			}
		}
		return sep
	}
	return ','
}

func layout(row []string) (columns, bool) {
	c := columns{-1, -1, -1, -1, -1}
	for i, name := range row {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "event id", "eventid", "id":
			c.id = i
		case "date and time", "timecreated", "timegenerated", "date":
			c.when = i
		case "time":
			c.clock = i
		case "computer", "machinename":
			c.logger = i
		case "message", "description":
			c.message = i
		}
	}
	if c.id >= 0 {
		if c.message < 0 {
			c.message = len(row) // Event Viewer gives the text a column without a name
		}
		return c, true
	}
	// Event Viewer of 2003 writes no header: date, time, source, type, category, event, user, computer, description.
	if len(row) >= 9 {
		if _, err := strconv.Atoi(strings.TrimSpace(row[5])); err == nil {
			return columns{id: 5, when: 0, clock: 1, logger: 7, message: 8}, false
		}
	}
	return c, false
}

func csvRow(row []string, c columns, clock *clock, st *Stats, each func(*Event)) {
	at := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	id, err := strconv.Atoi(at(c.id))
	if err != nil {
		return
	}
	st.Events++
	if current(id) == 0 {
		return
	}
	e := &Event{ID: current(id), Original: id, Logger: computer(strings.Clone(at(c.logger)))}
	e.When = strings.TrimSpace(strings.Join([]string{at(c.when), at(c.clock)}, " "))
	e.Time = clock.read(e.When)
	e.fill(textFields(e.ID, at(c.message)))
	deliver(e, st, each)
}

// textFields reads the English message text: lines "Label:  value", the same label twice in different sections.
func textFields(id int, text string) fields {
	f := fields{}
	section := ""
	for line := range strings.Lines(text) {
		label, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		label, value = strings.ToLower(strings.TrimSpace(label)), strings.TrimSpace(value)
		if value == "" {
			section = label
			continue
		}
		if name := fieldName(id, section, label); name != "" {
			if _, seen := f[name]; !seen {
				f[name] = strings.Clone(value)
			}
		}
	}
	return f
}

func fieldName(id int, section, label string) string {
	switch label {
	case "account name":
		// "Subject" is who reports, never who failed.
		if section == "subject" || section == "network information" {
			return ""
		}
		return "TargetUserName"
	case "target account name", "user name", "logon account", "logon to account":
		return "TargetUserName"
	case "account domain":
		if section == "subject" {
			return ""
		}
		return "TargetDomainName"
	case "domain":
		return "TargetDomainName"
	case "caller computer name", "caller machine name":
		return "CallerComputer"
	case "workstation name", "source workstation":
		return "Workstation"
	case "source network address", "client address":
		return "IpAddress"
	case "client ip address":
		return "ClientAddress"
	case "logon type":
		return "LogonType"
	case "status", "failure code", "error code":
		return "Status"
	case "sub status":
		return "SubStatus"
	case "caller process name":
		return "ProcessName"
	case "the identity the client attempted to authenticate as":
		return "Identity"
	}
	return ""
}

// A clock reads times without a zone. It begins with all layouts and drops those that do not fit.
type clock struct{ layouts []string }

func newClock() *clock {
	return &clock{[]string{
		"1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", "2/1/2006 3:04:05 PM", "2/1/2006 15:04:05", "2.1.2006 15:04:05", "2-1-2006 15:04:05",
		"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04:05.9999999Z07:00", "2006/1/2 15:04:05", "1/2/2006 3:04 PM", "2.1.2006 15:04",
	}}
}

func (c *clock) read(s string) time.Time {
	for len(c.layouts) > 0 {
		if t, err := time.Parse(c.layouts[0], s); err == nil {
			return t
		}
		if !c.fitsAnother(s) {
			return time.Time{}
		}
		c.layouts = c.layouts[1:]
	}
	return time.Time{}
}

func (c *clock) fitsAnother(s string) bool {
	for _, l := range c.layouts[1:] {
		if _, err := time.Parse(l, s); err == nil {
			return true
		}
	}
	return false
}

// Describe names an event number for people.
func Describe(id int) string {
	switch id {
	case Locked:
		return "account locked"
	case Unlocked:
		return "account unlocked"
	case LogonBad:
		return "log-on failed"
	case Kerberos:
		return "Kerberos pre-authentication failed"
	case NTLM:
		return "NTLM validation failed"
	case LDAPBind:
		return "LDAP bind seen"
	}
	return fmt.Sprintf("event %d", id)
}
