package mailcheck

import (
	"bytes"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"cupclint/internal/probe"
)

const (
	// maxIMAP bounds what an IMAP server may send on one connection. Greeting, capabilities, log-in and EXAMINE are some kilobytes.
	maxIMAP = 1 << 20
	// maxGreeting bounds what is kept of the first line.
	maxGreeting = 512
)

// wire is between a connection and the IMAP library. It bounds what is read and keeps the greeting. It remembers the
// first read error, because the library reports errors as text alone. It sends nothing until the greeting has
// come, because the library's StartTLS does not wait for it. It leaves deadlines to the phases: the library would set
// its own, of up to half an hour.
type wire struct {
	net.Conn

	greeted chan struct{} // closed when the first line has come, or reading failed

	mu    sync.Mutex
	first []byte
	whole bool // greeted is closed
	err   error
	line  []byte // the line that is being read
	bare  string // the last line that is not IMAP
	bye   string // the server's good-bye
	ended string // the last line with a tag, without it
	alert string // the last alert without a tag
	// sealed: what is read is TLS, in which there are no lines
	sealed bool
}

func newWire(conn net.Conn) *wire {
	return &wire{Conn: probe.Limit(conn, maxIMAP), greeted: make(chan struct{})}
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.whole {
		line, _, ended := bytes.Cut(b[:n], []byte("\n"))
		w.first = append(w.first, line[:min(len(line), maxGreeting-len(w.first))]...)
		if w.whole = ended || err != nil || len(w.first) == maxGreeting; w.whole {
			close(w.greeted)
		}
	}
	if !w.sealed {
		w.watch(b[:n], err != nil)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// watch keeps the last line that does not begin like an answer of IMAP: "* ", "+", or the tag of a command.
func (w *wire) watch(b []byte, last bool) {
	for _, c := range b {
		if c != '\n' {
			if len(w.line) < maxGreeting {
				w.line = append(w.line, c)
			}
			continue
		}
		w.judgeLine()
	}
	if last {
		w.judgeLine()
	}
}

func (w *wire) judgeLine() {
	line := strings.TrimRight(string(w.line), "\r\x00 ")
	w.line = w.line[:0]
	if bye, ok := strings.CutPrefix(strings.TrimPrefix(line, "* "), "BYE"); ok && (bye == "" || bye[0] == ' ') {
		w.bye = probe.Clean("BYE" + bye)
		return
	}
	if text := alertIn(line); text != "" {
		w.alert = text
	}
	tag, rest, _ := strings.Cut(line, " ")
	isTag := len(tag) > 1 && tag[0] == 'T' && strings.Trim(tag[1:], "0123456789") == "" // the library's tags
	if isTag {
		w.ended = probe.Clean(strings.TrimSpace(rest))
	}
	// warnings, which do not end a command: they count if nothing else came
	untagged := strings.HasPrefix(line, "* NO ") || strings.HasPrefix(line, "* BAD ")
	if line != "" && (untagged || !strings.HasPrefix(line, "*")) && !strings.HasPrefix(line, "+") && !isTag {
		w.bare = probe.Clean(line)
	}
}

// stray is the last line that is not IMAP, empty if there was none.
func (w *wire) stray() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bare
}

// forget drops such a line: what was said before a log-in is not an answer to it.
func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bare, w.ended, w.alert = "", "", ""
}

// alertIn is the text of an alert without a tag, which a client must show to its user (RFC 3501, section 7.1). The code itself is left out:
// WEBALERT of Gmail has an address with the state of a log-in in it.
func alertIn(line string) string {
	status, rest, _ := strings.Cut(strings.TrimPrefix(line, "* "), " [")
	code, text, closed := strings.Cut(rest, "]")
	name, _, _ := strings.Cut(code, " ")
	if !strings.HasPrefix(line, "* ") || !closed || !slices.Contains([]string{"OK", "NO", "BAD"}, strings.ToUpper(status)) ||
		!slices.Contains([]string{"ALERT", "WEBALERT"}, strings.ToUpper(name)) {
		return ""
	}
	return probe.Clean(strings.TrimSpace(text))
}

// alerted is the last alert without a tag, empty if there was none.
func (w *wire) alerted() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alert
}

// refusal is the last answer with a tag, NO or BAD, which the library could not read; nil if there was none.
func (w *wire) refusal() *imap.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	kind, text, _ := strings.Cut(w.ended, " ")
	e := &imap.Error{Type: imap.StatusResponseType(strings.ToUpper(kind)), Text: strings.TrimSpace(text)}
	if e.Type != imap.StatusResponseTypeNo && e.Type != imap.StatusResponseTypeBad {
		return nil
	}
	if code, ok := strings.CutPrefix(e.Text, "["); ok { // which may not be closed
		end := strings.IndexAny(code+"]", " ]")
		e.Code = imap.ResponseCode(strings.ToUpper(code[:end]))
	}
	return e
}

// accepted reports whether the last answer with a tag is OK.
func (w *wire) accepted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	kind, _, _ := strings.Cut(w.ended, " ")
	return strings.EqualFold(kind, "OK")
}

// goodbye is the server's good-bye, empty if it said none.
func (w *wire) goodbye() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bye
}

func (w *wire) Write(b []byte) (int, error) {
	<-w.greeted
	return w.Conn.Write(b)
}

// firstLine is the first line that came, safe to show.
func (w *wire) firstLine() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return probe.Clean(string(bytes.TrimRight(w.first, "\r")))
}

// cause is the first error that reading met, nil when there was none.
func (w *wire) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// SetDeadline does nothing; see wire. The same is true for SetReadDeadline and SetWriteDeadline.
func (w *wire) SetDeadline(time.Time) error { return nil }

func (w *wire) SetReadDeadline(time.Time) error { return nil }

func (w *wire) SetWriteDeadline(time.Time) error { return nil }
