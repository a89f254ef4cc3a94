package export

import (
	"fmt"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A Format is a way in which exports are written.
type Format uint8

// The formats. Auto stands for recognising one from the content.
const (
	Auto            Format = iota
	SOAP                   // answer of the client configuration web service
	Properties             // key = value text: logs, a pasted Show Server Health, .properties
	YAML                   // our own keys
	JSON                   // our own keys
	Registry               // Windows registry export
	Jabber                 // jabber-config.xml
	JabberBootstrap        // jabber-bootstrap.properties
	AXL                    // answer of Unified CM's administrative XML interface
	RunSQL                 // output of the CLI command "run sql"
	Cluster                // output of the CLI command "show network cluster"
	CLI                    // a session or an output of the CLI of a server, and files that belong to such evidence
	JabberLog              // log of a Jabber client
	JabberInstall          // command line of Jabber's installer, in a script
	JabberLink             // ciscojabber://provision link, in any text
	JabberEMM              // settings that a device management system hands to Jabber: plist, .mobileconfig, JSON
	JabberLocal            // jabberLocalConfig.xml
	JabberUpdate           // update file of Jabber
)

// formats has the name of each format, as --input-format takes it, and what messages call it.
var formats = [...]struct {
	name, title string
	records     bool
}{
	Auto:            {"auto", "", false},
	SOAP:            {"soap", "the SOAP response of the client configuration web service", false},
	Properties:      {"properties", "key = value text", false},
	YAML:            {"yaml", "YAML", false},
	JSON:            {"json", "JSON", false},
	Registry:        {"registry", "a Windows registry export", false},
	Jabber:          {"jabber", "jabber-config.xml", false},
	JabberBootstrap: {"jabber-bootstrap", "jabber-bootstrap.properties", false},
	AXL:             {"axl", "an AXL answer", true},
	RunSQL:          {"run-sql", "the output of run sql", true},
	Cluster:         {"cluster", "the output of show network cluster", true},
	CLI:             {"cli", "output of CLI commands", true},
	JabberLog:       {"jabber-log", "a log of a Jabber client", false},
	JabberInstall:   {"jabber-install", "a command line of Jabber's installer", false},
	JabberLink:      {"jabber-link", "text with a ciscojabber: link", false},
	JabberEMM:       {"jabber-emm", "app configuration of a device management system", false},
	JabberLocal:     {"jabber-local", "jabberLocalConfig.xml", false},
	JabberUpdate:    {"jabber-update", "an update file of Jabber", false},
}

// A formatReader recognises and reads one format.
type formatReader struct {
	format Format
	// mine asks whether a text is of the format. The text begins with the first character that is not blank. The question is cheap: it
	// looks at the first lines. Nil for a format that another one's reader turns to.
	mine func(text string) bool
	read func(*Reader) error
}

// readers are all formats, in the order in which a text is asked whose it is. A new format is a constant, a name in formats and a line
// here. Kinds of XML documents are in xmlKinds, and outputs of CLI commands in package appliance.
var readers = [...]formatReader{
	{JabberLog, isJabberLog, (*Reader).readJabberLog},
	{JabberLink, isJabberLink, (*Reader).readJabberLink},
	{SOAP, isXML, (*Reader).readXML},
	{Jabber, nil, (*Reader).readXML},
	{AXL, nil, (*Reader).readXML},
	{Registry, isAnyRegistry, (*Reader).readRegistry},
	{JSON, isJSON, (*Reader).readJSON},
	{JabberBootstrap, isBootstrap, (*Reader).readBootstrap},
	{JabberInstall, isJabberInstall, (*Reader).readJabberInstall},
	{JabberEMM, nil, (*Reader).readXML},
	{JabberLocal, nil, (*Reader).readXML},
	{JabberUpdate, nil, (*Reader).readXML},
	{CLI, isSession, (*Reader).readSession},
	{RunSQL, nil, (*Reader).readSession},
	{Cluster, nil, (*Reader).readSession},
	{YAML, isYAML, (*Reader).readYAML},
	{Properties, isPairs, (*Reader).readText},
}

func (f Format) String() string { return formats[f].name }

// Records reports whether a format holds records of a server rather than settings: fields that are not keys are not mistakes there.
func (f Format) Records() bool { return formats[f].records }

// Printed reports whether a format is output of a server's command line, with facts of package appliance.
func (f Format) Printed() bool { return f == Cluster || f == CLI }

// ParseFormat reads the value of --input-format.
func ParseFormat(s string) (Format, error) {
	for i := range formats {
		if formats[i].name == s {
			return Format(i), nil
		}
	}
	return Auto, fmt.Errorf("unknown input format %q: use %s", s, strings.Join(FormatNames(), ", "))
}

// FormatNames lists what ParseFormat takes.
func FormatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// Formats is a set of formats.
type Formats uint64

// Has reports whether the set has the format.
func (s Formats) Has(f Format) bool { return s&(1<<f) != 0 }

func (s Formats) String() string {
	var names []string
	for f := SOAP; int(f) < len(formats); f++ {
		if s.Has(f) {
			names = append(names, f.String())
		}
	}
	return strings.Join(names, ", ")
}

// readerOf returns the reader of a format, or of the one that a text is in; nil where no format knows it.
func readerOf(f Format, text string) *formatReader {
	trimmed := strings.TrimLeft(text, " \t\r\n")
	for i := range readers {
		r := &readers[i]
		if f == r.format || f == Auto && r.mine != nil && trimmed != "" && r.mine(trimmed) {
			return r
		}
	}
	return nil
}

// isXML takes what begins as a tag, a declaration or a comment does. A line of a log may begin with "<13>".
func isXML(text string) bool {
	if len(text) < 2 || text[0] != '<' {
		return false
	}
	switch c := text[1]; {
	case c == '?', c == '!': // no level begins with it
		return true
	default:
		return (chars.Letter(c) || c == '_' || c >= 0x80) && !isLevel(text) && !isTagged(text)
	}
}

// isTagged tells a log whose lines begin with a word in brackets, such as "<main> DEBUG key = value", from markup: nothing in it ends an
// element.
func isTagged(text string) bool {
	word, rest, found := strings.Cut(text[1:min(len(text), 64)], ">")
	if !found || strings.ContainsAny(word, " \t\r\n=\"'/<") {
		return false
	}
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.TrimSpace(line)
	return line != "" && line[0] != '<' && !strings.Contains(text, "</") && !strings.Contains(text, "/>")
}

// isLevel tells a log whose lines begin with a level in brackets, such as "<Info> 09:10 key = value", from markup.
func isLevel(text string) bool {
	word, rest, found := strings.Cut(text[1:min(len(text), 64)], ">")
	if !found {
		return false
	}
	switch strings.ToLower(word) {
	case "trace", "debug", "info", "information", "notice", "warn", "warning", "err", "error", "crit", "critical", "alert", "emerg", "fatal",
		"severe", "verbose":
		line, _, _ := strings.Cut(rest, "\n")
		return strings.TrimSpace(line) != "" && !strings.Contains(text, "</"+word)
	}
	return false
}

func isRegistry(text string) bool {
	// The settings of Windows Time are evidence of a time source.
	return registryAt(text) >= 0 && (strings.Contains(text, "AdminData") || !strings.Contains(text, `\W32Time`))
}

// isAnyRegistry leaves a script that installs Jabber to the reader of that: its arguments count more.
func isAnyRegistry(text string) bool {
	if isRegistry(text) {
		return true
	}
	const most = 64 << 10 // more than the lines that are looked at
	return fold.Index(text[:min(len(text), most)], adminDataFolded) >= 0 &&
		(isRegistryQuery(text) || isRegistryAdd(text) && !isJabberInstall(text))
}

func isJSON(text string) bool {
	rest, list := strings.CutPrefix(text, "[")
	return strings.HasPrefix(text, "{") || list && strings.IndexAny(strings.TrimLeft(rest, " \t\r\n"), "[{\"]") == 0
}

func isYAML(text string) bool { return detectLines(text) == YAML }

func isPairs(text string) bool { return detectLines(text) == Properties }
