package page

import (
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// kept is what one page hands over to the next in a field of its form: what was understood of the case, never the inputs. It is sealed
// with a key of the process, so what comes back is what was given.
type kept struct {
	Complaint string
	Symptoms  []string
	Answers   map[string]string
	Facts     map[string]diagnose.Answer
	Pastes    []*diagnose.Paste
	Findings  []audit.Finding
	Looked    []diagnose.Looked
	Addresses []lint.AddressRow
	Errors    []lint.InputError
	Inputs    []string // names of the files
	Probed    []string // targets that were contacted
}

// maxKept bounds what is handed over before it is packed, in bytes. maxSealed bounds it as a field.
const maxKept = 4 << 20

// Bounds of what is handed over: the next page cannot use more.
const (
	maxItems    = 1000
	maxFindings = 500
	maxRows     = 100
)

var errSeal = errors.New("not a field of this process")

func (h *handler) seal(c *caseFile) (string, error) {
	text, err := json.Marshal(c.kept())
	if err != nil {
		return "", err
	}
	if len(text) > maxKept {
		return "", nil // the page goes without questions rather than with half of what is known
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	out := base64.RawURLEncoding.EncodeToString(append(h.mac(packed.Bytes()), packed.Bytes()...))
	if len(out) > maxSealed {
		return "", nil
	}
	return out, nil
}

func (h *handler) mac(packed []byte) []byte {
	m := hmac.New(sha256.New, h.key[:])
	_, _ = m.Write(packed) // a hash takes everything
	return m.Sum(nil)
}

// unseal looks at the seal first: what another program packed is not unpacked, since much can come out of little.
func (h *handler) unseal(field string) (*caseFile, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil || len(sealed) < sha256.Size {
		return nil, errSeal
	}
	packed := sealed[sha256.Size:]
	if !hmac.Equal(h.mac(packed), sealed[:sha256.Size]) {
		return nil, errSeal
	}
	var k kept
	if err := json.NewDecoder(flate.NewReader(bytes.NewReader(packed))).Decode(&k); err != nil {
		return nil, errSeal
	}
	return k.restored(), nil
}

func (c *caseFile) kept() *kept {
	k := &kept{Complaint: c.complaint, Symptoms: c.in.Symptoms, Answers: c.in.Answers, Facts: c.in.Facts, Looked: c.in.Looked,
		Errors: c.errors[:min(len(c.errors), maxRows)], Addresses: c.addresses[:min(len(c.addresses), maxRows)],
		Inputs: c.inputs[:min(len(c.inputs), maxRows)], Probed: c.probed}
	room := maxItems
	for _, p := range c.in.Pastes {
		short := *p
		short.Items = telling(p.Items, room)
		room -= len(short.Items)
		short.Findings = nil // they are among those of the case
		k.Pastes = append(k.Pastes, &short)
	}
	findings := c.in.Findings
	if len(findings) > maxFindings {
		findings = slices.Clone(findings)
		slices.SortStableFunc(findings, func(a, b lint.Finding) int { return int(b.Severity) - int(a.Severity) })
		findings = firstOfEach(findings)
	}
	for i := range findings {
		f := findings[i]
		f.Edits = nil
		k.Findings = append(k.Findings, audit.Finding{Finding: f, Source: f.Source, SourceColumn: f.SourceColumn})
	}
	return k
}

// telling chooses the items that decide: the first of each kind, since causes look at no other, then the rest while there is room.
func telling(items []diagnose.Item, room int) []diagnose.Item {
	if len(items) <= room {
		return items
	}
	seen := make(map[string]bool)
	chosen := make([]bool, len(items))
	n := 0
	for i := range items {
		it := &items[i]
		for _, s := range it.Signs {
			if key := it.Name + "\x00" + s; !seen[key] {
				seen[key] = true
				if !chosen[i] {
					chosen[i] = true
					n++
				}
			}
		}
	}
	for i := range items {
		if n >= room {
			break
		}
		if !chosen[i] && !items[i].Quiet {
			chosen[i] = true
			n++
		}
	}
	var out []diagnose.Item
	for i := range items {
		if chosen[i] {
			out = append(out, items[i])
		}
	}
	return out
}

// firstOfEach takes the first finding of each rule and key, then others up to the bound.
func firstOfEach(findings []lint.Finding) []lint.Finding {
	seen := make(map[[2]string]bool)
	var first, rest []lint.Finding
	for _, f := range findings {
		key := [2]string{f.Rule, f.Key}
		if seen[key] {
			rest = append(rest, f)
			continue
		}
		seen[key] = true
		first = append(first, f)
	}
	out := append(first, rest...)
	return out[:min(len(out), maxFindings)]
}

func (k *kept) restored() *caseFile {
	c := newCase()
	c.complaint, c.addresses, c.errors, c.inputs, c.probed = k.Complaint, k.Addresses, k.Errors, k.Inputs, k.Probed
	c.in.Symptoms, c.in.Facts, c.in.Looked, c.in.Pastes = k.Symptoms, k.Facts, k.Looked, k.Pastes
	for q, w := range k.Answers {
		c.in.Answers[q] = w
	}
	for _, f := range k.Findings {
		one := f.Finding
		one.Source, one.SourceColumn = f.Source, f.SourceColumn
		c.in.Findings = append(c.in.Findings, one)
	}
	return c
}
