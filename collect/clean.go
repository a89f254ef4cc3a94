package collect

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"cupclint/export"
	"cupclint/internal/secret"
)

// A cleaner takes secrets out of answers before they are written. It is safe for use by many goroutines.
type cleaner struct {
	mu sync.Mutex
	// scrubs take the passwords out that this run has sent, in all forms in which they were sent.
	scrubs []func(string) string
	// tokens are keys of sessions that this run has got.
	tokens []string
}

func (c *cleaner) add(scrub func(string) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scrubs = append(c.scrubs, scrub)
}

// token notes the key of a session. A short one would tear words apart.
func (c *cleaner) token(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(key) >= 6 && !slices.Contains(c.tokens, key) {
		c.tokens = append(c.tokens, key)
	}
}

// used takes out what this run itself has sent or got.
func (c *cleaner) used(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.scrubs {
		text = s(text)
	}
	for _, t := range c.tokens {
		text = strings.ReplaceAll(text, t, export.Redacted)
	}
	return text
}

// Rules of the manifest's field redacted.
const (
	byRules    = "secret"        // a name or a place that secrets have
	byElement  = "element"       // an element that holds a secret
	byUse      = "used"          // a password or a session of this run
	byLastLook = "last-look"     // what is likely a secret
	leftClass  = "a secret left" // the answer was not written
)

// clean returns an answer without its secrets, and how many were taken out by which rule. ok is false where a last look still finds what is
// likely a secret: such an answer is not written.
func (c *cleaner) clean(name string, data []byte) (_ []byte, redacted map[string]int, ok bool) {
	redacted = map[string]int{}
	data, n := cleanElements(data)
	count(redacted, byElement, n)
	if used := c.used(string(data)); used != string(data) {
		data = []byte(used)
		count(redacted, byUse, 1)
	}
	out := export.Scrub(name, data)
	count(redacted, byRules, len(out.Lines))
	if len(out.Left) == 0 {
		return out.Data, redacted, true
	}
	count(redacted, byLastLook, len(out.Left))
	again := export.Scrub(name, coverLines(out.Data, out.Left))
	count(redacted, byRules, len(again.Lines))
	return again.Data, redacted, len(again.Left) == 0
}

func count(redacted map[string]int, rule string, n int) {
	if n > 0 {
		redacted[rule] += n
	}
}

// secretElements are elements of AXL and of the client configuration service whose text is a secret, in lower case.
var secretElements = [...]string{"ldappassword", "password", "pin", "digestcredentials", "session-key", "app-session-id"}

// cleanElements masks the text of elements whose name says that it is a secret. It does not parse: an answer that was cut or is not XML at
// all is searched, too.
func cleanElements(data []byte) ([]byte, int) {
	if !bytes.Contains(data, []byte("</")) {
		return data, 0
	}
	var out bytes.Buffer
	n, at := 0, 0
	for i := 0; i < len(data); {
		open := bytes.IndexByte(data[i:], '<')
		if open < 0 {
			break
		}
		open += i
		end := bytes.IndexByte(data[open:], '>')
		if end < 0 {
			break
		}
		end += open
		i = end + 1
		tag := string(data[open+1 : end])
		if tag == "" || strings.IndexByte("/!?", tag[0]) >= 0 || strings.HasSuffix(tag, "/") {
			continue
		}
		words := strings.Fields(tag)
		if len(words) == 0 || !secretElement(words[0]) {
			continue
		}
		closing := bytes.Index(data[end:], []byte("</"))
		if closing < 0 {
			closing = len(data) - end
		}
		closing += end
		text := strings.TrimSpace(string(data[end+1 : closing]))
		if text == "" || text == export.Redacted || strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
			continue
		}
		if strings.HasPrefix(text, "<") && !strings.HasPrefix(text, "<![CDATA[") {
			continue // an element that holds others
		}
		out.Write(data[at : end+1])
		out.WriteString(export.Redacted)
		at, i = closing, closing
		n++
	}
	if n == 0 {
		return data, 0
	}
	out.Write(data[at:])
	return out.Bytes(), n
}

func secretElement(name string) bool {
	if _, local, ok := strings.Cut(name, ":"); ok {
		name = local
	}
	return slices.Contains(secretElements[:], strings.ToLower(name)) || secret.Name(name, nil) >= secret.Strong
}

// coverLines masks lines: the whole line of a text, of XML what is between tags.
func coverLines(data []byte, lines []int) []byte {
	xml := bytes.HasPrefix(bytes.TrimSpace(data), []byte("<"))
	var out bytes.Buffer
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if !slices.Contains(lines, n) {
			out.Write(line)
			continue
		}
		end := len(bytes.TrimRight(line, "\r\n"))
		if !xml {
			out.WriteString(export.Redacted)
			out.Write(line[end:])
			continue
		}
		rest := line[:end]
		for len(rest) > 0 {
			tag := bytes.IndexByte(rest, '<')
			text := rest
			if tag >= 0 {
				text = rest[:tag]
			}
			if len(bytes.TrimSpace(text)) > 0 {
				out.WriteString(export.Redacted)
			} else {
				out.Write(text)
			}
			if tag < 0 {
				break
			}
			rest = rest[tag:]
			closing := bytes.IndexByte(rest, '>')
			if closing < 0 {
				break // a tag that continues in the next line is dropped
			}
			out.Write(rest[:closing+1])
			rest = rest[closing+1:]
		}
		out.Write(line[end:])
	}
	return out.Bytes()
}
