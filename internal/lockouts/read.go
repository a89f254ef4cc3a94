package lockouts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrBinary is returned for .evtx and .evt files.
var ErrBinary = errors.New("this is a binary event log. Convert it to XML first")

// ErrNothing is returned, wrapped with what the file looks like, when no event could be read in it.
var ErrNothing = errors.New("no event could be read")

// ErrCut is returned, wrapped with the place, when a file ends in the middle of an event. What came before it was read.
var ErrCut = errors.New("the file ends in the middle of an event")

// convert is how to make XML of a binary log, on Windows and elsewhere.
const convert = "wevtutil qe FILE.evtx /lf:true /f:xml /e:Events > events.xml; elsewhere: evtx_dump FILE.evtx > events.xml. "

// HowToConvert says what to do with a binary log.
const HowToConvert = "On Windows: " + convert +
	"Open a 2003 .evt in Event Viewer and save it as XML"

// HowToExport says how to get from a binary log to what this package reads.
const HowToExport = "On the domain controller: wevtutil qe Security /f:xml /e:Events \"/q:*[System[(EventID=4740 or EventID=4625 or " +
	"EventID=4771 or EventID=4776 or EventID=4768)]]\" > events.xml. From a saved file, on Windows: " + convert +
	"In Event Viewer: Save All Events As, type XML. Open a 2003 .evt in Event Viewer and save it the same way."

// CanRead names the wrappings for people.
const CanRead = "XML (Event Viewer, wevtutil, evtx_dump), CSV (Event Viewer, Export-Csv, EvtxECmd, LogParser), JSON or JSON lines, or " +
	"text (wevtutil /f:text, \"Copy details as text\", syslog)"

// maxEvent bounds one event: the largest real ones are a few kilobytes.
const maxEvent = 1 << 20

var errTooLarge error = tooLargeError{}

type tooLargeError struct{}

func (tooLargeError) Error() string {
	return fmt.Sprintf("one event is larger than %d bytes", maxEvent)
}

// Stats counts what a file held.
type Stats struct {
	Format  string `json:"format,omitempty"` // xml, csv, json, text
	Events  int    `json:"events"`           // all of them
	Used    int    `json:"used"`             // those that matter here
	Unclear int    `json:"unclear"`          // those that matter by their number, but name no account: another language, a cut text
	Bad     int    `json:"bad,omitempty"`    // records that could not be read and were skipped
	// FirstBad is the place and reason of the first of them.
	FirstBad string `json:"firstBad,omitempty"`
	// Notes say what is not certain: dates with day and month in an unknown order, times without a zone.
	Notes []string `json:"notes,omitempty"`
}

func (st *Stats) bad(line int, why error) {
	if st.Bad++; st.FirstBad == "" {
		st.FirstBad = fmt.Sprintf("line %d: %v", line, why)
	}
}

// A wrapping is one reading of a file: where its records go.
type wrapping struct {
	st    *Stats
	clock *clock
	each  func(*Event)
}

// take counts a record and hands it over when it matters and names an account.
func (w *wrapping) take(x *raw) {
	w.st.Events++
	e, used := x.event(w.clock)
	if !used {
		return
	}
	if e.User == "" {
		w.st.Unclear++
		return
	}
	w.st.Used++
	w.each(e)
}

// Read calls each for every event that matters, in the order of the file. It keeps nothing of the file. What was read
// before an error was handed over. The order of day and month is known only at the end: second reports that Event.Alt is the right
// reading.
func Read(r io.Reader, opts Options, each func(*Event)) (st Stats, second bool, err error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(8192)
	if err != nil && err != io.EOF {
		return st, false, err
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) { // an export that was compressed by itself
		unzip, err := gzip.NewReader(br)
		if err != nil {
			return st, false, fmt.Errorf("unpack the gzip file: %w", err)
		}
		br = bufio.NewReaderSize(unzip, 64<<10)
		if head, err = br.Peek(8192); err != nil && err != io.EOF {
			return st, false, fmt.Errorf("unpack the gzip file: %w", err)
		}
	}
	if isBinary(head) {
		return st, false, ErrBinary
	}
	text, sample := decode(br, head)
	sample = strings.TrimSpace(sample)
	if sample == "" {
		return st, false, errors.New("the file is empty")
	}
	w := &wrapping{st: &st, clock: &clock{opts: opts}, each: each}
	st.Format, err = w.read(text, sample)
	order, _ := w.clock.order()
	st.Notes = w.clock.notes()
	return st, order == DayFirst, err
}

// read chooses the wrapping by the beginning of the file.
func (w *wrapping) read(text io.Reader, sample string) (format string, err error) {
	in := bufio.NewReaderSize(text, 64<<10)
	switch {
	case hasEvent(sample) && !looksJSON(sample), isMarkup(sample):
		format, err = "xml", w.readXML(in)
	case looksJSON(sample):
		format, err = "json", w.readJSON(in)
	case w.looksCSV(sample):
		format, err = "csv", w.readCSV(in)
	default:
		format, err = "text", w.readText(in)
	}
	if err == nil {
		looks := format
		if format == "text" && w.st.Events == 0 && isTable(sample) {
			looks = "a table without a column for the event number"
		}
		err = w.nothing(looks)
	}
	return format, err
}

// nothing is the error for a file in which nothing could be read.
func (w *wrapping) nothing(format string) error {
	st := w.st
	switch {
	case st.Used > 0 || st.Events > st.Unclear && st.Events > 0:
		return nil
	case st.Unclear > 0:
		return fmt.Errorf("%w: %d events have a known number, but the language or the form of their message is not known. Export XML "+
			"instead: it does not depend on the language", ErrNothing, st.Unclear)
	case st.Bad > 0:
		return fmt.Errorf("%w: %s", ErrNothing, st.FirstBad)
	case format == "xml":
		return fmt.Errorf("%w: no <Event> element in the file", ErrNothing)
	case format == "csv":
		return fmt.Errorf("%w: the table has no row with an event number", ErrNothing)
	}
	return fmt.Errorf("%w: this looks like %s. What can be read: %s", ErrNothing, format, CanRead)
}

// isMarkup reports whether the text begins like XML or HTML; a line of syslog begins with <13>.
func isMarkup(sample string) bool {
	return len(sample) > 1 && sample[0] == '<' && (sample[1] == '?' || sample[1] == '!' || sample[1] >= 'A')
}

// isTable reports whether the first two lines have the same number of separators.
func isTable(sample string) bool {
	first, rest, _ := strings.Cut(skipComments(sample), "\n")
	second, _, _ := strings.Cut(rest, "\n")
	sep := string(separator(first))
	n := strings.Count(first, sep)
	return n > 0 && n == strings.Count(second, sep)
}

func isBinary(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ElfFile")) || (len(head) > 8 && bytes.Equal(head[4:8], []byte("LfLe")))
}

// decode gives the text as UTF-8, and its beginning.
func decode(r io.Reader, head []byte) (io.Reader, string) {
	out := r
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		dec := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		head, _ = dec.Bytes(head[:len(head)&^1])
		out = transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	case len(head) > 1 && head[1] == 0 && head[0] != 0: // UTF-16 without a mark, as a redirected wevtutil may give
		head = bytes.ReplaceAll(head, []byte{0}, nil)
		out = transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder())
	case !validUTF8(head):
		head, _ = charmap.Windows1252.NewDecoder().Bytes(head)
		out = transform.NewReader(r, charmap.Windows1252.NewDecoder())
	default:
		out = transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
		head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	}
	return out, string(head)
}

// validUTF8 forgives a character cut in two at the end of the sample.
func validUTF8(b []byte) bool {
	for i := 0; i < utf8.UTFMax && len(b) > 0; i++ {
		if utf8.Valid(b) {
			return true
		}
		if utf8.RuneStart(b[len(b)-1]) && i > 0 {
			b = b[:len(b)-1]
			break
		}
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}

// lines reads lines of bounded length. next gives io.EOF at the end; a longer line is errTooLarge and is skipped.
type lines struct {
	r *bufio.Reader
	n int // the number of the line that was read last
}

func (l *lines) next() (string, error) {
	var b []byte
	tooLong := false
	for {
		part, err := l.r.ReadSlice('\n')
		if len(b)+len(part) <= maxEvent {
			b = append(b, part...)
		} else {
			tooLong = true
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		l.n++
		if err != nil && len(b) == 0 && !tooLong {
			return "", err
		}
		if err != nil && err != io.EOF {
			return "", err
		}
		if tooLong {
			return "", errTooLarge
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
}
