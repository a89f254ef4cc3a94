package lint

import (
	"hash/maphash"

	"cupclint/export"
	"cupclint/resolve"
)

// Input is what a rule sees of one export: its properties, and the questions that rules share. It is valid
// during the check only; one worker uses one Input for all its exports.
type Input struct {
	*export.Export
	// Generation of the client: from the command line, the export itself, or sip.
	Generation resolve.Generation
	// Profile is the configured profile, such as "first-light"; empty when none is set.
	Profile string
	// WithJabber is set where Jabber's own files are next to the export, in its folder or deployment: then presence is XMPP unless the
	// export says otherwise.
	WithJabber bool
	// Deployment is the name of the first deployment of the configuration that the export is part of; empty for none.
	Deployment string
	// Index is the place of the export in the order of the run.
	Index int

	rule   *Rule // the one that looks now
	policy *Policy
	failed func(*RuleError)
	homes  homes
	nodes  presenceNodes
	// Whether the export is of Jabber: 0 is not known yet.
	jabber int8
}

// NewInput makes an Input for one export outside of a run, as tests of rules do. The generation is the
// export's own (see GenerationOf).
func NewInput(e *export.Export) *Input {
	in := new(Input)
	in.reset(e, 0, GenerationOf(e))
	return in
}

// reset points the input to another export and forgets all that was derived from the one before.
func (in *Input) reset(e *export.Export, index int, g resolve.Generation) {
	in.Export = e
	in.Index = index
	in.Generation = g
	in.nodes.known = false
	in.jabber = 0
}

// Jabber reports whether the export has keys of a Jabber client's own files.
func (in *Input) Jabber() bool {
	if in.jabber == 0 {
		in.jabber = -1
		if hasJabberKeys(in.Export) {
			in.jabber = 1
		}
	}
	return in.jabber > 0
}

func hasJabberKeys(e *export.Export) bool {
	switch e.Format {
	case export.Jabber, export.JabberBootstrap, export.JabberLog, export.JabberInstall, export.JabberLink, export.JabberEMM,
		export.JabberLocal,
		export.JabberUpdate:
		return true
	// what people write by hand can hold every key; tables hold profiles
	case export.Properties, export.YAML, export.JSON, export.AXL, export.RunSQL:
		for i := range e.Properties {
			if e.Properties[i].Key.Jabber() {
				return true
			}
		}
	}
	return false
}

// A Digest stands for a secret where two of them must be compared. It is keyed by a seed that
// lives as long as the process and is never written anywhere, so it says nothing outside of the run.
type Digest uint64

var digestSeed = maphash.MakeSeed()

// DigestOf returns the digest of a secret.
func DigestOf(secret string) Digest { return Digest(maphash.String(digestSeed, secret)) }
