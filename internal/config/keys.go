package config

import (
	"strings"

	"cupclint/lint"
)

// A Type says what a key's value may be.
type Type string

// The types of values.
const (
	Word     Type = "word"     // one of Key.Values
	Text     Type = "text"     // any text that is not empty
	Number   Type = "number"   // a whole number, 0 or more
	Words    Type = "words"    // one text, or a list of them
	Globs    Type = "globs"    // a list of globs
	Levels   Type = "levels"   // a map from rule, area or "all" to a level
	Suppress Type = "suppress" // a list of suppressions
	Paths    Type = "paths"    // a map from a name to a glob or a list of globs
)

// OwnRules is a list of own rules; package ownrules knows their form.
const OwnRules Type = "own-rules"

// A Key is one setting the program knows. The table of keys drives both what Load accepts and what
// docs/configuration.md says.
type Key struct {
	Name    string
	Type    Type
	Values  []string // of a Word; nil where they depend on the program that loads
	Default string   // as shown; "" for none
	Sources Source   // where it can be set
	Meaning string   // one or two sentences
	Shown   string   // the flag's name for people where it has another; the name of the key stays valid
	Hidden  bool     // accepted without effect, for configurations of earlier versions

	item func(string) error // checks one of Words; nil takes all
}

// Source is a set of places a key can be set in.
type Source uint8

// The places.
const (
	File Source = 1 << iota
	Environment
	Flag

	everywhere = File | Environment | Flag
)

// Variable returns the key's environment variable.
func (k *Key) Variable() string {
	return "CUPCLINT_" + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_"))
}

// Never as the value of fail-on: findings never make the program fail.
const Never = "never"

// Keys returns the table of keys in the order of the documentation.
func Keys() []Key {
	return []Key{
		{Name: "fail-on", Type: Word, Values: []string{"error", "warning", "info", Never}, Default: "error", Sources: everywhere,
			Meaning: "The lowest severity that makes the command exit with code 1."},
		{Name: "format", Type: Words, Default: "text", Sources: everywhere,
			Meaning: "How findings are written. `cupclint lint --help` lists the formats. `NAME=FILE` writes to a file, with the same bounds as " +
				"`output`."},
		{Name: "output", Type: Text, Sources: everywhere,
			Meaning: "The file that findings are written to instead of standard output. In the configuration file it is relative to the folder of " +
				"that file and must stay in it: no absolute path, no `..`, no symbolic link, nothing in `.git`."},
		{Name: "color", Type: Word, Values: []string{"auto", "always", "never"}, Default: "auto", Sources: everywhere,
			Meaning: "Whether text output has colour. `auto` means on a terminal that is not dumb and without `NO_COLOR`."},
		{Name: "profile", Type: Word, Values: lint.Profiles(), Sources: everywhere,
			Meaning: "The stage a deployment is in. `first-light` is a deployment being brought up, TCP before TLS and plain passwords while " +
				"testing: rules about encryption are then less severe."},
		{Name: "generation", Type: Word, Values: []string{"sip", "xmpp"}, Sources: everywhere,
			Meaning: "The client generation, for all exports: `sip` for 1.2 to 7.x, `xmpp` from 8.x on and for Jabber. Without it each export " +
				"decides (`Client.Generation`, `Client.Version`, its format), then its folder or deployment: with Jabber's own files it is " +
				"`xmpp`. If nothing else is known, it is `sip`."},
		{Name: "jobs", Type: Number, Default: "0", Sources: everywhere,
			Meaning: "How many files are read, or how many servers and names are queried, at the same time. 0 means a number that fits " +
				"the command: for files, one for each processor."},
		{Name: "certificate-days", Type: Number, Default: "30", Sources: everywhere,
			Meaning: "The live checks report a certificate that expires within this number of days. 0 reports only certificates that have " +
				"expired."},
		{Name: "rule-url", Type: Text, Sources: File | Environment,
			Meaning: "The address of the pages of the rules, with `{rule}` for the ID: " +
				"`https://wiki.example.com/cupclint/{rule}.html`. " +
				"Without it reports name the command that shows the page, `cupclint explain ID`."},
		{Name: "cache", Type: Text, Sources: everywhere, Hidden: true, Meaning: "Without effect. Earlier versions kept the results of runs."},
		{Name: "ignore", Type: Globs, Sources: File,
			Meaning: "Paths that are not linted, see [Globs](#globs)."},
		{Name: "rules", Type: Levels, Sources: File,
			Meaning: "The severity of rules, see [Rules](#rules)."},
		{Name: "suppress", Type: Suppress, Sources: File,
			Meaning: "Findings that are known and accepted, see [Suppressions](#suppressions)."},
		{Name: "deployments", Type: Paths, Sources: File,
			Meaning: "Exports that are judged together, see [Deployments](#deployments)."},
		{Name: "own-rules", Type: OwnRules, Sources: File,
			Meaning: "Rules of your own, see [own-rules.md](own-rules.md)."},
		{Name: "only", Type: Words, Sources: Environment | Flag,
			Meaning: "Run these rules and no others."},
		{Name: "enable", Type: Words, Sources: Environment | Flag,
			Meaning: "Run these rules too, even if the file switches them off."},
		{Name: "disable", Shown: "skip", Type: Words, Sources: Environment | Flag,
			Meaning: "Do not run these rules, and skip what only they need. Wins over `only` and `enable`."},
	}
}

// suppressKeys are the keys of one suppression.
var suppressKeys = [...]string{"rule", "path", "key", "reason", "expires", "owner"}
