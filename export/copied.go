package export

import (
	"cupclint/export/copied"
	"cupclint/internal/fold"
)

// copies is what package copied asks of the readers.
var copies = copied.Formats{
	Printed:  func(text string) bool { return isSession(text) || isRegistryQuery(text) },
	Table:    func(text string) bool { return isRunSQL("", text) },
	Log:      isJabberLog,
	XML:      isXML,
	Document: documentBegins,
	RegistryKey: func(key string) bool {
		return fold.Index(key, adminDataFolded) >= 0 || fold.Index(key, `\w32time`) >= 0
	},
	Depth: MaxDepth,
	Names: keyTable{},
}

// undecorate takes away what is not part of the text that was copied.
func (r *Reader) undecorate() {
	e := &r.exp
	if t := e.copied(); copies.Undecorate(&t) {
		e.adopt(t)
	}
}

// copied is the text with its places.
func (e *Export) copied() copied.Text {
	if e.copy.Decorated() {
		return e.copy
	}
	return copied.Text{S: e.text, Original: e.text}
}

// replace replaces parts of the text, which are in order and apart.
func (e *Export) replace(edits []copied.Edit) {
	if t := e.copied(); t.Replace(edits) {
		e.adopt(t)
	}
}

// adopt makes a text with its places the one that is read.
func (e *Export) adopt(t copied.Text) { e.text, e.copy, e.at = t.S, t, cursor{} }

// Undecorated returns a pasted text without what mail programs, editors and terminals added to it. It has the same lines.
func Undecorated(text string) string { return copies.Paste(text) }
