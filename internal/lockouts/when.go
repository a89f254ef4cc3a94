package lockouts

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A DateOrder says how dates like 3/4/2011 are read.
type DateOrder string

// The orders; the empty one lets the file decide.
const (
	MonthFirst DateOrder = "mdy"
	DayFirst   DateOrder = "dmy"
)

// Options of a reading.
type Options struct {
	// Zone is the zone of times without one; nil means UTC.
	Zone *time.Location
	// Order is the order of day and month; empty lets the whole file decide.
	Order DateOrder
}

// A clock reads the times of one file. Both readings of a date with two small numbers are kept until the end of the file.
type clock struct {
	opts Options
	// foreign: the export is not English. half: times with AM or PM were seen.
	foreign, half, dotted bool
	dayOnly               int // dates that have the day first, or are none
	monthOnly             int
	either                int // dates that can be read both ways and differ
	zoneless              int
	unread                int
	month, day            trend // the sequence of times under each reading
}

// trend watches whether times go one way only.
type trend struct {
	last     time.Time
	up, down int
}

func (t *trend) add(now time.Time) {
	if !t.last.IsZero() {
		switch {
		case now.After(t.last):
			t.up++
		case now.Before(t.last):
			t.down++
		}
	}
	t.last = now
}

func (t *trend) straight() bool { return t.up == 0 || t.down == 0 }

// read sets the event's time; utc says that a time without a zone is UTC.
func (c *clock) read(e *Event, utc bool) {
	d, ok := parseDate(e.When)
	if !ok {
		if e.When != "" {
			c.unread++
		}
		return
	}
	zone := d.zone
	if zone == nil {
		zone = time.UTC
		if !utc {
			c.zoneless++
			if c.opts.Zone != nil {
				zone = c.opts.Zone
			}
		}
	}
	c.half = c.half || d.half
	if d.fixed {
		e.Time = d.at(d.a, d.b, zone)
		e.Alt = e.Time
		return
	}
	m, dm := d.at(d.a, d.b, zone), d.at(d.b, d.a, zone)
	switch {
	case m.IsZero() && dm.IsZero():
		c.unread++
	case m.IsZero():
		c.dayOnly++
	case dm.IsZero():
		c.monthOnly++
	case d.a != d.b:
		c.either++
		switch d.sep {
		case '.':
			c.dotted = true // no language writes the month first with dots
		case '-':
			c.foreign = true
		}
	}
	if !m.IsZero() {
		c.month.add(m)
	}
	if !dm.IsZero() {
		c.day.add(dm)
	}
	e.Time, e.Alt = m, dm
}

// order decides how the dates of the file are read. sure is false when the file itself leaves it open.
func (c *clock) order() (o DateOrder, sure bool) {
	switch {
	case c.opts.Order != "":
		return c.opts.Order, true
	case c.dayOnly > 0 && c.monthOnly == 0:
		return DayFirst, true
	case c.monthOnly > 0 && c.dayOnly == 0:
		return MonthFirst, true
	case c.dayOnly+c.monthOnly > 0:
		if c.dayOnly > c.monthOnly {
			return DayFirst, false
		}
		return MonthFirst, false
	case c.either == 0:
		return MonthFirst, true
	case c.dotted:
		return DayFirst, true
	case c.day.straight() != c.month.straight():
		if c.day.straight() {
			return DayFirst, false
		}
		return MonthFirst, false
	case c.foreign && !c.half:
		return DayFirst, false
	}
	return MonthFirst, false
}

// notes say what the times of the file leave open.
func (c *clock) notes() []string {
	var out []string
	o, sure := c.order()
	if !sure {
		first := "month"
		if o == DayFirst {
			first = "day"
		}
		why := "in every date, day and month can be swapped"
		if c.dayOnly > 0 && c.monthOnly > 0 {
			why = "some dates have the day first and some the month"
		}
		out = append(out, "the dates are ambiguous ("+why+"): read with the "+first+" first; --date-order mdy or dmy decides")
	}
	if c.zoneless > 0 && c.opts.Zone == nil {
		out = append(out, "the times have no time zone: they are shown as written and counted as UTC; --timezone sets the zone of the computer "+
			"that made the export")
	}
	if c.unread > 0 {
		out = append(out, strconv.Itoa(c.unread)+" times could not be read")
	}
	return out
}

// date is a written date: a and b are day and month in the order of the text; fixed says that a is the month.
type date struct {
	year, a, b, h, m, s, ns int
	sep                     byte
	fixed, half             bool
	zone                    *time.Location
}

func (d *date) at(month, day int, zone *time.Location) time.Time {
	if month < 1 || month > 12 || day < 1 || day > 31 || d.h > 24 || d.m > 59 || d.s > 60 {
		return time.Time{}
	}
	return time.Date(d.year, time.Month(month), day, d.h, d.m, d.s, d.ns, zone)
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// parseDate reads the ways in which exports write a time, of any language: 3/5/2026 10:20:37 AM, 14.01.2026 08:28:26, 2026-03-05
// 10:20:37.1234567, 2026-03-05T10:20:37Z, Thu Mar 05 10:20:37 2026, 05-Mar-2026 10:20, /Date(1741169637100)/.
func parseDate(s string) (date, bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u200e', '\u200f', '\ufeff':
			return -1
		case '\u202f', '\u00a0':
			return ' '
		}
		return r
	}, strings.TrimSpace(s))
	if d, ok := unixDate(s); ok {
		return d, true
	}
	if len(s) < 8 || len(s) > 80 {
		return date{}, false
	}
	p := &dateScanner{s: s}
	return p.scan()
}

// Bounds of what is read as seconds since 1970: a date in 1992 and one in 2109.
const (
	minUnix = 700_000_000
	maxUnix = 1 << 42 / 1000
)

// unixDate reads the milliseconds of /Date(...)/, plain ones with thirteen digits, or plain seconds with ten.
func unixDate(s string) (date, bool) {
	_, rest, ok := strings.Cut(s, "Date(")
	if !ok && len(s) == len("1772706037009") && strings.Trim(s, "0123456789") == "" {
		rest, ok = s, true
	}
	if ok {
		ms, err := strconv.ParseInt(strings.TrimRight(rest, `)\/`), 10, 64)
		if err != nil || ms < minUnix*1000 || ms > maxUnix*1000 {
			return date{}, false
		}
		return ofTime(time.UnixMilli(ms).UTC()), true
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && len(s) >= 10 && n >= minUnix && n <= maxUnix {
		return ofTime(time.Unix(int64(n), 0).UTC()), true
	}
	return date{}, false
}

func ofTime(t time.Time) date {
	return date{year: t.Year(), a: int(t.Month()), b: t.Day(), h: t.Hour(), m: t.Minute(), s: t.Second(), ns: t.Nanosecond(), fixed: true,
		zone: time.UTC}
}

// dateScanner splits a time into its numbers and words.
type dateScanner struct {
	s string
	i int
	d date
	// nums are the numbers of the date, month a month written as a word.
	nums        []int
	widths      []int
	month       int
	clock       []int
	frac        string
	pm, am      bool
	wordAt      int
	clockBefore bool
}

func (p *dateScanner) scan() (date, bool) {
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c >= '0' && c <= '9':
			p.number()
		case (c == '+' || c == '-') && len(p.clock) > 0 && p.zoneOffset():
		case c == 'Z' && len(p.clock) > 0:
			p.d.zone = time.UTC
			p.i++
		case isLetter(p.s[p.i:]):
			p.word()
		default:
			p.i++
		}
	}
	return p.finish()
}

func isLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

func (p *dateScanner) number() {
	j := p.i
	for j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' {
		j++
	}
	text := p.s[p.i:j]
	n, _ := strconv.Atoi(text)
	prev := byte(' ')
	if p.i > 0 {
		prev = p.s[p.i-1]
	}
	next := byte(' ')
	if j < len(p.s) {
		next = p.s[j]
	}
	switch {
	case prev == ':' && len(p.clock) > 0 && len(p.clock) < 3:
		p.clock = append(p.clock, n)
	case (prev == '.' || prev == ',') && len(p.clock) == 3 && p.frac == "":
		p.frac = text
	case next == ':' && len(p.clock) == 0:
		p.clock = append(p.clock, n)
		p.clockBefore = len(p.nums) == 0 && p.month == 0
	default:
		if len(p.nums) == 1 {
			p.d.sep = prev
		}
		p.nums = append(p.nums, n)
		p.widths = append(p.widths, len(text))
	}
	p.i = j
}

// zoneOffset reads +01:00 or -0500 after a time.
func (p *dateScanner) zoneOffset() bool {
	rest := p.s[p.i+1:]
	digits := strings.ReplaceAll(rest, ":", "")
	if len(digits) < 4 || !strings.HasPrefix(rest, digits[:2]) {
		return false
	}
	h, err1 := strconv.Atoi(digits[:2])
	m, err2 := strconv.Atoi(digits[2:4])
	if err1 != nil || err2 != nil || h > 14 || m > 59 || len(digits) > 4 && digits[4] >= '0' && digits[4] <= '9' {
		return false
	}
	off := h*3600 + m*60
	if p.s[p.i] == '-' {
		off = -off
	}
	p.d.zone = time.FixedZone("", off)
	if off == 0 {
		p.d.zone = time.UTC
	}
	p.i += 5
	if strings.Contains(rest[:min(len(rest), 5)], ":") {
		p.i++
	}
	return true
}

func (p *dateScanner) word() {
	j := p.i
	for j < len(p.s) && (isLetter(p.s[j:]) || p.s[j] == '.') {
		_, size := utf8.DecodeRuneInString(p.s[j:])
		j += size
	}
	w := strings.ToLower(strings.ReplaceAll(p.s[p.i:j], ".", ""))
	switch {
	case w == "pm" || w == "nachm" || w == "午後" || w == "下午" || w == "오후" || (w == "p" && len(p.clock) > 0):
		p.pm = true
	case w == "am" || w == "vorm" || w == "午前" || w == "上午" || w == "오전" || (w == "a" && len(p.clock) > 0):
		p.am = true
	case w == "utc" || w == "gmt":
		p.d.zone = time.UTC
	case len(w) >= 3 && p.month == 0:
		for i, name := range months {
			if strings.HasPrefix(w, name) {
				p.month = i + 1
				p.wordAt = len(p.nums)
			}
		}
	}
	p.i = max(j, p.i+1)
}

func (p *dateScanner) finish() (date, bool) {
	d := &p.d
	if len(p.clock) > 0 {
		d.h = p.clock[0]
	}
	if len(p.clock) > 1 {
		d.m = p.clock[1]
	}
	if len(p.clock) > 2 {
		d.s = p.clock[2]
	}
	if p.frac != "" {
		d.ns, _ = strconv.Atoi((p.frac + "000000000")[:9])
	}
	d.half = p.am || p.pm
	if p.pm && d.h < 12 {
		d.h += 12
	}
	if p.am && d.h == 12 {
		d.h = 0
	}
	switch {
	case p.month > 0 && len(p.nums) >= 2: // Mar 05 2026, 05-Mar-2026, Thu Mar 05 10:20:37 2026
		d.fixed, d.a, d.b, d.year = true, p.month, p.nums[0], p.nums[1]
		if p.widths[0] == 4 {
			d.b, d.year = p.nums[1], p.nums[0]
		}
	case p.month > 0 || len(p.nums) < 3: // a syslog header has no year
		return date{}, false
	case p.widths[0] == 4:
		d.fixed, d.year, d.a, d.b = true, p.nums[0], p.nums[1], p.nums[2]
	default:
		d.a, d.b, d.year = p.nums[0], p.nums[1], p.nums[2]
		if d.year < 100 && p.widths[2] == 2 {
			d.year += 2000
		}
	}
	if d.year < 1990 || d.year > 2200 {
		return date{}, false
	}
	if d.fixed {
		return *d, !d.at(d.a, d.b, time.UTC).IsZero()
	}
	return *d, !d.at(d.a, d.b, time.UTC).IsZero() || !d.at(d.b, d.a, time.UTC).IsZero()
}
