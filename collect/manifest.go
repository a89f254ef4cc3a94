package collect

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Schema names the form of a manifest.
const Schema = "cupclint-collect/1"

// Names of files in the folder.
const (
	ManifestFile = "manifest.json"
	LogFile      = "log.jsonl"
)

// An Outcome says how a step ended. A failed step is never an empty answer.
type Outcome string

// The outcomes.
const (
	OK          Outcome = "ok"
	Empty       Outcome = "empty"       // the server answered that there is nothing
	Refused     Outcome = "refused"     // log-in, right or certificate
	Unsupported Outcome = "unsupported" // the server does not have it
	Timeout     Outcome = "timeout"
	Asked       Outcome = "asked" // the server asked a question, which is never answered
	Failed      Outcome = "error"
	Skipped     Outcome = "skipped"
)

// OK reports whether the server answered, so that the step need not be repeated.
func (o Outcome) OK() bool { return o == OK || o == Empty }

// A Manifest says what ran and how it ended. It holds no content and no secret.
type Manifest struct {
	Schema      string       `json:"schema"`
	Tool        string       `json:"tool"`
	Plan        string       `json:"plan"` // SHA-256
	Request     Request      `json:"request"`
	Started     time.Time    `json:"started"`
	Ended       time.Time    `json:"ended"`
	Complete    bool         `json:"complete"`
	Interrupted bool         `json:"interrupted"`
	Nodes       []NodeFacts  `json:"nodes"`
	Steps       []StepResult `json:"steps"`
	Sessions    Sessions     `json:"sessions"`
	// Hidden says what is replaced by pseudonyms in the whole folder.
	Hidden []string `json:"hidden,omitempty"`
	// Notes are for people: what was found and not asked, what a server gives to anybody.
	Notes []string `json:"notes,omitempty"`
}

// NodeFacts are what was seen of a node in addition to its answers.
type NodeFacts struct {
	Name    string    `json:"name"`
	Address string    `json:"address,omitempty"`
	Role    Role      `json:"role,omitempty"`
	Version string    `json:"version,omitempty"`
	TLS     *TLSFacts `json:"tls,omitempty"`
	SSH     *SSHFacts `json:"ssh,omitempty"`
	// NotContacted says that a server named the node and no one agreed to contact it.
	NotContacted bool `json:"notContacted,omitempty"`
}

// TLSFacts are about the certificate of port 8443.
type TLSFacts struct {
	SHA256   string    `json:"sha256"`
	NotAfter time.Time `json:"notAfter"`
	Verified bool      `json:"verified"`
	Version  string    `json:"version,omitempty"`
}

// SSHFacts are what a session agreed on.
type SSHFacts struct {
	HostKey string `json:"hostKey,omitempty"`
	Kex     string `json:"kex,omitempty"`
	Cipher  string `json:"cipher,omitempty"`
}

// Sessions counts what was opened on servers and has to be closed.
type Sessions struct {
	Opened int `json:"opened"`
	Closed int `json:"closed"`
	// Left names sessions that could not be closed.
	Left []string `json:"left,omitempty"`
}

// A StepResult is how one request ended.
type StepResult struct {
	ID      string  `json:"id"`
	Node    string  `json:"node"`
	What    string  `json:"what"`
	Account string  `json:"account,omitempty"`
	Level   *int    `json:"level,omitempty"`
	LimitMs int64   `json:"limitMs"`
	TookMs  int64   `json:"tookMs"`
	Outcome Outcome `json:"outcome"`
	// Class says why in a few words that programs can compare; Detail in a sentence for people.
	Class    string         `json:"class,omitempty"`
	Detail   string         `json:"detail,omitempty"`
	File     string         `json:"file,omitempty"`
	Bytes    int            `json:"bytes,omitempty"`
	SHA256   string         `json:"sha256,omitempty"`
	Redacted map[string]int `json:"redacted,omitempty"`
	Optional bool           `json:"optional,omitempty"`
	// Kept says that a resumed run took the answer of the one before.
	Kept bool `json:"kept,omitempty"`
}

// Missing reports whether something of the plan is missing because of this step. A command that a release does not have is not missing.
func (s *StepResult) Missing() bool {
	switch {
	case s.Optional, s.Outcome.OK(), s.Outcome == Unsupported && strings.HasPrefix(s.ID, "cli."):
		return false
	case s.Outcome == Skipped:
		return s.Class != classNotNeeded && s.Class != classSchema && s.Class != classRole
	}
	return true
}

// sort puts nodes and steps into an order that does not depend on time.
func (m *Manifest) sort() {
	slices.SortFunc(m.Nodes, func(a, b NodeFacts) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(m.Steps, func(a, b StepResult) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Node, b.Node), cmp.Compare(a.What, b.What))
	})
	slices.Sort(m.Notes)
	m.Notes = slices.Compact(m.Notes)
}

func (m *Manifest) marshal() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}
