package export

import "cupclint/export/copied"

// An Export is one configuration export: the properties of one file or archive member in the order
// in which they are there. It is valid until the Reader that made it reads again; what outlives
// that must be copied (strings.Clone). One goroutine uses it at a time.
type Export struct {
	// File is the name findings carry: the path as the user gave it, with forward slashes;
	// "archive!member" inside an archive; "-" for standard input.
	File string
	// Format is what the content was recognised as.
	Format Format
	// Properties in file order. Duplicates stay: they are findings, not errors.
	Properties []Property
	// Evidence is what a log says of failed attempts; nil for all other formats.
	Evidence []Evidence
	// Hollow are answers of servers that hold nothing.
	Hollow []Hollow
	// Problem is set where the export is judged and an error must be reported as well: the export holds secrets and nothing else that
	// is understood, or a table that is damaged. It is an *Error.
	Problem error
	// Asked is what was asked of the export since it was cleared.
	Asked Asked

	ignored    int               // lines, or elements of XML, that were skipped
	ignoredAt  [maxIgnored]span0 // the first of them
	recognised bool              // the reader knows what this is, although it may hold no property
	empty      bool              // it knows that there is no configuration in it
	looks      string            // what it is instead, as far as the reader saw
	hint       string
	nothing    Hollow // the first query that found nothing

	text     string // the decoded text that all offsets below refer to
	enc      encoding
	unmarked bool // UTF-16 without a byte order mark
	// copy is text with its places in the decoded text of the file, where something was taken out of that. Else it is the zero value: text is
	// that of the file.
	copy   copied.Text
	coded  []codedText // what of the text is in the file in base64
	lifted []mailPart  // the parts of a mail that the text is made of
	rawAt  rawCursor   // where a place in copy.Original was last looked for
	// from and to are where the XML document is in the text, where there is prose around it.
	from, to int
	// other is where another document begins, which is not read; 0 where none does.
	other int
	first [NumKeys]int32 // index+1 of the first property with that key

	// Found are secrets that are not properties: a part of another value (user info of a URL, a query), or something in text without
	// structure. Their names say what they are called there. They are valid as long as Properties.
	Found []Property

	at           cursor // where seek was last
	secrets      []span // values to mask in source lines, in order; collected when first asked for
	secretsKnown bool
	scanned      []span // secrets that the scanner found in the whole text
	whole        bool   // the whole text was scanned
	// harmless are lines of this export and of earlier ones in which the scanner found no secret, by themselves.
	harmless map[string]string
	cells    []cellSpan
	types    []tableCell // words for the types of values in a table of settings
	// without are parts of the text, in order, in which a reader saw no remark. It is used where unsure is not set.
	without []span0
	unsure  bool
}

// A Property is one setting as it is in the file.
type Property struct {
	// Key identifies a known key; NoKey when the key space does not have it.
	Key KeyID
	// N is the number in an indexed key (SIPProxy.IncomingACL.3 has 3), else 0.
	N int
	// Name is the key as written.
	Name string
	// Value is the value as written, decoded only as far as the format demands (XML character
	// references, YAML and JSON quoting, registry value types) and otherwise untouched: never
	// trimmed, never folded.
	Value string
	// Origin is where a log says that the client has the value from, as "TftpConfigStore"; "" for settings of a file.
	Origin string

	// Byte ranges of key and value in the decoded text; see Export.Range for the original file.
	nameStart, nameEnd   int32
	valueStart, valueEnd int32
	secret               bool // the value is one, though the key does not say so
	covered              bool // a part of the value was a secret and is Mask now
	seenName, seenValue  uint32
}

// A Range is a place in the original file.
type Range struct {
	// Line and Column count from 1. Columns count Unicode code points.
	Line, Column int
	// EndLine and EndColumn name the first place after the range.
	EndLine, EndColumn int
	// Start and End are byte offsets in the original file (before any decoding), End exclusive.
	Start, End int
}

// Get returns the first property with the key, or nil. It is an array look-up.
func (e *Export) Get(k KeyID) *Property {
	if i := e.first[k]; i > 0 {
		e.Asked.Value(k)
		return &e.Properties[i-1]
	}
	return nil
}

// Value returns the value of the first property with the key, and whether the export has one.
func (e *Export) Value(k KeyID) (string, bool) {
	if p := e.Get(k); p != nil {
		return p.Value, true
	}
	return "", false
}

// All yields every property with the key, in file order: duplicates, and the members of an indexed key.
func (e *Export) All(k KeyID) func(yield func(*Property) bool) {
	return func(yield func(*Property) bool) {
		i := int(e.first[k])
		if i == 0 {
			return
		}
		e.Asked.Value(k)
		for i--; i < len(e.Properties); i++ {
			if e.Properties[i].Key == k && !yield(&e.Properties[i]) {
				return
			}
		}
	}
}

// Secret reports whether the value must never be shown: the key says so, or for a key that is unknown its name and the value.
func (p *Property) Secret() bool { return p.secret || p.Key.Secret() }

// Covered reports whether Value is not what is in the file: a secret inside it, as the password of a URL, reads Mask.
func (p *Property) Covered() bool { return p.covered }
