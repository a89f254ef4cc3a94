package appliance

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/lazy"
)

var (
	licenceHead  = lazy.Pattern{Expr: `(?m)\bINCREMENT\s+(\S+)\s+(\S+)\s+(\d+(?:\.\d+)?)\s+(\S+)\s+(\S+)`}
	licenceCount = lazy.Pattern{Expr: `(?i)<Count>\s*(\d+)\s*</Count>`}
	licenceOrig  = lazy.Pattern{Expr: `(?i)<OrigMacId>\s*([0-9A-F:.-]+)\s*</OrigMacId>`}
	licenceHost  = lazy.Pattern{Expr: `(?i)\bHOSTID\s*=\s*"?([0-9A-Fa-f:.-]+)`}
	licenceSign  = lazy.Pattern{Expr: `(?i)\bSIGN\d?\s*=\s*(?:"([^"]*)"|([0-9A-F]{4,}(?:[ \t\\\n]+[0-9A-F]{4,})*))`}
)

// isLicence is the sign of a licence line with other text before it: a sentence, the quote of a cell.
func isLicence(line string) bool {
	m := licenceHead.Get().FindStringSubmatch(line)
	return m != nil && (strings.EqualFold(m[4], "permanent") || strings.Count(m[4], "-") == 2)
}

// readLicence reads a FlexLM licence file: one line for each feature, continued with a backslash. Copies break tags in the middle, so
// blanks in them do not count.
func readLicence(t *Text, o *Out) {
	heads := licenceHead.Get().FindAllStringSubmatchIndex(t.S, -1)
	for i, m := range heads {
		end := len(t.S)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		o.Record("")
		o.Put(LicenceFeature, m[2], m[3])
		o.Put(LicenceVersion, m[6], m[7])
		o.Put(LicenceExpiry, m[8], m[9])
		body, at := withoutBlanksInTags(t.S[m[1]:end])
		put := func(f Field, p []int) {
			if p != nil {
				o.PutAs(f, body[p[2]:p[3]], m[1]+at[p[2]], m[1]+at[p[3]-1]+1)
			}
		}
		put(LicenceCount, licenceCount.Get().FindStringSubmatchIndex(body))
		put(LicenceOrigMAC, licenceOrig.Get().FindStringSubmatchIndex(body))
		put(LicenceHostID, licenceHost.Get().FindStringSubmatchIndex(body))
		for _, p := range licenceSign.Get().FindAllStringSubmatchIndex(t.S[m[1]:end], -1) {
			if p[2] < 0 {
				p[2], p[3] = p[4], p[5]
			}
			o.Put(LicenceSign, m[1]+p[2], m[1]+p[3])
		}
	}
}

// withoutBlanksInTags returns the text with the blanks between < and > taken out, and where each byte was.
func withoutBlanksInTags(s string) (string, []int) {
	var b strings.Builder
	at := make([]int, 0, len(s))
	inTag := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
		case inTag && (chars.Blank(c) || c == '\\'):
			continue
		}
		b.WriteByte(s[i])
		at = append(at, i)
	}
	return b.String(), at
}

var licenceStates = lazy.Pattern{Expr: `(?i)\b(OUT OF COMPLIANCE|OUT_OF_COMPLIANCE|EVALUATION MODE|EVAL MODE|UNREGISTERED|AUTHORIZATION EXPIRED|AUTH EXPIRED|EVAL EXPIRED|EVALUATION EXPIRED|REGISTERED|AUTHORIZED)\b`}

// readLicenceSummary reads the states of smart licensing. Routers and other products print the same lines, so an output without its command
// has to name a licence of the call manager or its identifier.
func readLicenceSummary(t *Text, o *Out) {
	if o.block.At == o.block.Start && !strings.Contains(t.S, "com.cisco.UCM_") && !strings.Contains(t.S, "PID:UCM") {
		return
	}
	for _, m := range licenceStates.Get().FindAllStringIndex(t.S, -1) {
		// "Evaluation Mode: Not In Use" is a label and its value: the mode that a registered node has left.
		if value, ok := strings.CutPrefix(strings.TrimLeft(t.S[m[1]:], " \t"), ":"); ok && !evaluating.Get().MatchString(value) {
			continue
		}
		o.Record("")
		o.Put(LicenceState, m[0], m[1])
	}
}

var evaluating = lazy.Pattern{Expr: `(?i)^\s*In Use\b`}
