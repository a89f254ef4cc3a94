package export

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Redacted is what Redact writes in the place of a secret.
const Redacted = "REDACTED"

// Redact returns a copy of an export in which every secret value reads Redacted, in the file's own encoding and
// syntax, and every other byte is the same. It returns how many values it replaced. Empty values stay: whether a secret
// is there at all is what rules ask. Errors are those of Parse.
func Redact(file string, data []byte, force Format) ([]byte, int, error) {
	r := Reader{Force: force}
	e, err := r.Parse(file, bytes.Clone(data)) // the lexer writes into what it reads
	if err != nil {
		return nil, 0, err
	}
	var cuts []span
	for i := range e.Properties {
		p := &e.Properties[i]
		if p.valueStart == p.valueEnd || !p.Secret() || p.Value == Redacted {
			continue
		}
		cuts = append(cuts, span{e.original(int(p.valueStart)), e.original(int(p.valueEnd)), e.standIn(p)})
	}
	slices.SortFunc(cuts, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	at, n := 0, 0
	for _, c := range cuts {
		if c.start < at {
			continue // the strings of one multi-string value, an anchor used twice
		}
		out.Write(data[at:c.start])
		out.Write(e.encode(c.text))
		at = c.end
		n++
	}
	out.Write(data[at:])
	return out.Bytes(), n, nil
}

type span struct {
	start, end int
	text       string
}

// standIn adds quotes where the value had none and the format wants text in them.
func (e *Export) standIn(p *Property) string {
	quoted := p.valueStart > 0 && strings.IndexByte(`"'`, e.text[p.valueStart-1]) >= 0
	if !quoted && (e.Format == JSON || e.Format == Registry) {
		return `"` + Redacted + `"`
	}
	return Redacted
}
