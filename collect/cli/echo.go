package cli

// An echo removes the command's echo from the beginning of what comes back. The echo may be folded, drawn again, or preceded by the
// prompt; it may be absent. Blanks, line ends and escape sequences inside it are ignored.
type echo struct {
	target  string // the prompt and the command without blanks
	start   int    // where the command begins in target
	at      []int  // how much of target may have been read
	held    []byte // what was read and not passed on
	done    bool
	cr      bool // the last character was a carriage return
	newline bool // held has a line end
	esc     int  // bytes of the escape sequence that is being read
}

func newEcho(prompt, command string) *echo {
	p := dense(prompt)
	return &echo{target: p + dense(command), start: len(p), at: []int{0, len(p)}}
}

// dense removes blanks.
func dense(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] > ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// filter takes the next piece and returns what is not the echo.
func (e *echo) filter(p []byte) []byte {
	for i, b := range p {
		if e.done {
			return p[i:]
		}
		if !e.take(b) {
			return append(e.release(), p[i+1:]...)
		}
	}
	return nil
}

// release gives up: what was held back is output.
func (e *echo) release() []byte {
	e.done = true
	out := e.held
	e.held = nil
	return out
}

// take reports whether b may belong to the echo.
func (e *echo) take(b byte) bool {
	e.held = append(e.held, b)
	if len(e.held) > 64<<10 {
		return false
	}
	if e.esc > 0 {
		e.esc++
		if e.esc > 2 && b >= '@' && b <= '~' || e.esc == 2 && b != '[' || e.esc > 64 {
			e.esc = 0
		}
		return true
	}
	whole := e.whole()
	switch {
	case b == escape:
		e.esc = 1
		return true
	case b == '\n':
		e.newline = true
		if whole {
			e.done, e.held = true, nil
		}
		return true
	case b <= ' ' || b == 0x7f:
		e.cr = e.cr || b == '\r' || b == '\b'
		return true
	}
	next := e.at[:0:0]
	add := func(n int) {
		for _, have := range next {
			if have == n {
				return
			}
		}
		next = append(next, n)
	}
	for _, n := range e.at {
		if n < len(e.target) && e.target[n] == b {
			add(n + 1)
		}
		// A line editor repeats the character at the fold.
		if e.cr && n > 0 && e.target[n-1] == b {
			add(n)
		}
	}
	if e.cr && !whole {
		for _, n := range [...]int{0, e.start} { // drawn again from the beginning
			if n < len(e.target) && e.target[n] == b {
				add(n + 1)
			}
		}
	}
	e.cr = false
	if len(next) == 0 {
		if whole { // output begins in the line of the echo
			e.held = []byte{b}
		}
		return false
	}
	e.at = next
	return true
}

func (e *echo) whole() bool {
	for _, n := range e.at {
		if n == len(e.target) {
			return true
		}
	}
	return false
}
