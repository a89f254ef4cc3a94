package export

import (
	"strings"

	"cupclint/internal/fold"
)

// What Windows accepts in a file of regedit, and what a mail does to its lines. Remarks begin with a semicolon: in a line of their own,
// after a value, and between the lines of bytes (tests of Wine for reg import, which hold on Windows).

// registryLine returns the end of the line at start, with the lines that a backslash joins to a hex value.
func registryLine(text string, start int) (end, next int) {
	end, next = lineAt(text, start)
	if !strings.Contains(text[start:end], "=hex") {
		return end, next
	}
	for continued(text[start:end]) && next < len(text) {
		at := next
		for {
			end, next = lineAt(text, at)
			if withoutRemark(text[at:end]) != "" || next >= len(text) {
				break
			}
			at = next
		}
		if body := strings.TrimSpace(text[at:end]); body != "" && strings.IndexByte(`["@`, body[0]) >= 0 {
			return lineEndBefore(text, at), at // what continues the bytes is missing
		}
		start = at
	}
	return end, next
}

// lineEndBefore is the end of the line before the one at a place.
func lineEndBefore(text string, at int) int {
	return len(strings.TrimRight(text[:at], "\r\n"))
}

// continued reports whether a line has a backslash at its end, before a remark.
func continued(line string) bool {
	return strings.HasSuffix(withoutRemark(line), `\`)
}

// withoutRemark is a line, or the end of one, without the remark at its end and without the blanks around it. There are no quotes in it.
func withoutRemark(line string) string {
	if i := strings.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	return strings.TrimSpace(line)
}

// withoutRemarks is withoutRemark for the bytes of a value, which may be on several lines. What is not at an end of them stays.
func withoutRemarks(data string) string {
	last := data
	if i := strings.LastIndexByte(data, '\n'); i >= 0 {
		last = data[i+1:]
	}
	if i := strings.IndexByte(last, ';'); i >= 0 {
		data = data[:len(data)-len(last)+i]
	}
	return strings.TrimRight(data, " \t\r\n")
}

// foldedKey joins the name of a key that a mail broke: it is longer than the lines of mails. It returns the name and the line after it.
func foldedKey(text, body string, next int) (key string, after int) {
	if strings.IndexByte(body, ']') >= 0 || fold.Index(body, "hkey_") < 0 {
		return body, next
	}
	key = body
	for after = next; after < len(text) && after-next < maxKeyRest; {
		end, further := lineAt(text, after)
		rest := strings.TrimSpace(text[after:end])
		if rest == "" || strings.IndexByte(`["@`, rest[0]) >= 0 {
			break
		}
		if joined := key + " " + rest; fold.Index(joined, adminDataFolded) >= 0 {
			key = joined // the line was broken inside of the words that count
		} else {
			key += rest
		}
		if after = further; strings.HasSuffix(key, "]") {
			return key, after
		}
	}
	return body, next
}

// maxKeyRest is more than a name has after its first line, in bytes.
const maxKeyRest = 512
