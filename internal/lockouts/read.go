package lockouts

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrBinary is returned for .evtx and .evt files.
var ErrBinary = errors.New("this is a binary event log; export it as XML first")

// HowToExport tells how to get from a binary log to what this package reads.
const HowToExport = "On the domain controller: wevtutil qe Security /f:xml /e:Events \"/q:*[System[(EventID=4740 or EventID=4625 or EventID=4771 or EventID=4776)]]\" > events.xml; " +
	"from a saved file: wevtutil qe FILE.evtx /lf:true /f:xml /e:Events > events.xml; " +
	"or in Event Viewer: Save All Events As, type XML. Open a 2003 .evt in Event Viewer and save it the same way."

// maxEvent bounds one event: the largest real ones are a few kilobytes.
const maxEvent = 1 << 20

var errTooLarge = fmt.Errorf("one event is larger than %d bytes", maxEvent)

// Stats counts what a file held.
type Stats struct {
	Events  int `json:"events"`  // all of them
	Used    int `json:"used"`    // those that matter here
	Unclear int `json:"unclear"` // those that matter by their number, but name no account: another language, a cut text
}

// Read calls each for every event that matters, in the order of the file. It keeps nothing of the file. What was read
// before an error was handed over.
func Read(r io.Reader, each func(*Event)) (Stats, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(4096)
	if err != nil && err != io.EOF {
		return Stats{}, err
	}
	if isBinary(head) {
		return Stats{}, ErrBinary
	}
	text, first := decode(br, head)
	in := &bounded{r: text}
	switch {
	case first == 0:
		return Stats{}, errors.New("the file is empty")
	case first == '<':
		return readXML(in, each)
	default:
		return readCSV(in, each)
	}
}

func isBinary(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ElfFile")) || (len(head) > 8 && bytes.Equal(head[4:8], []byte("LfLe")))
}

// decode gives the text as UTF-8, and its first character that is not white space.
func decode(r io.Reader, head []byte) (io.Reader, byte) {
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
		out = transform.NewReader(r, charmap.Windows1252.NewDecoder())
	default:
		out = transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
		head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	}
	if head = bytes.TrimLeft(head, " \t\r\n"); len(head) == 0 {
		return out, 0
	}
	return out, head[0]
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

// bounded is a reader with an allowance that the parser renews at every event.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) renew() { b.left = maxEvent + 64<<10 }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
