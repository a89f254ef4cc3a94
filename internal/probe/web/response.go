package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"cupclint/internal/probe"
)

// ReadResponse reads the answer to a request; answers of 1xx that come before it are not returned. It reads what clients read: net/http
// rejects a whole answer for one line that is not a header, a control character, or a length that is none, and the probe would have to
// say that the server does not speak HTTP. Such lines are left out. What does not begin as an answer of HTTP is an error of net/http.
func ReadResponse(in io.Reader, req *http.Request) (*http.Response, error) {
	for br := bufio.NewReader(in); ; {
		head, err := readHead(br)
		if err != nil {
			return nil, err
		}
		if _, status, _ := strings.Cut(head, " "); !strings.HasPrefix(status, "1") || strings.HasPrefix(status, "101") {
			return http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader(head), br)), req)
		}
	}
}

// readHead reads to the empty line after the headers, or one line if that is not the status of an answer. At the end of the stream it
// returns what there was.
func readHead(in *bufio.Reader) (string, error) {
	var head strings.Builder
	var seen headers
	for begun := false; ; {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		text := strings.TrimRight(line, "\r\n")
		switch {
		case text == "" && !begun && err == nil:
			continue // before the status
		case !begun:
			if begun = len(text) > 5 && strings.EqualFold(text[:5], "HTTP/"); !begun {
				return line, nil
			}
			head.WriteString("HTTP/" + text[5:] + "\r\n")
		default:
			head.WriteString(seen.tidy(text))
		}
		if err != nil || text == "" {
			return head.String(), nil
		}
		if head.Len() > maxHeader {
			return "", fmt.Errorf("%w: headers of more than %d bytes", probe.ErrTooMuch, maxHeader)
		}
	}
}

// readLine reads a line with its end, bounded.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxHeader {
			return "", fmt.Errorf("%w: a line of more than %d bytes", probe.ErrTooMuch, maxHeader)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(line), err
		}
	}
}

// tokens are the characters of the names of headers (RFC 9110, section 5.6.2).
const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// headers remembers what the lines that follow depend on.
type headers struct {
	kept   bool // the last line was: lines that begin with a blank continue it
	length bool // there was a Content-Length
}

// tidy makes a header line that net/http accepts, with its end: empty for a line that is none. The line must not have its end.
func (h *headers) tidy(line string) string {
	if line == "" {
		return "\r\n"
	}
	bytes := []byte(line)
	for i, c := range bytes {
		if c < ' ' && c != '\t' || c == 0x7f {
			bytes[i] = ' '
		}
	}
	clean := string(bytes)
	if line[0] == ' ' || line[0] == '\t' {
		if !h.kept {
			return ""
		}
		return clean + "\r\n"
	}
	name, value, ok := strings.Cut(clean, ":")
	name, value = strings.TrimRight(name, " \t"), strings.TrimSpace(value)
	h.kept = ok && name != "" && strings.Trim(name, tokens) == ""
	switch strings.ToLower(name) {
	case "content-length":
		h.kept = h.kept && !h.length && value != "" && strings.Trim(value, "0123456789") == "" && len(value) < 19
		h.length = h.length || h.kept
	case "transfer-encoding":
		h.kept = h.kept && strings.EqualFold(value, "chunked")
	}
	if !h.kept {
		return ""
	}
	return name + ": " + value + "\r\n"
}
