package dnscheck

import (
	"net/netip"
	"strings"

	"cupclint/resolve"
)

// A Role says what a deployment uses a name for.
type Role string

// The roles.
const (
	RolePresence  Role = "presence" // what clients register to
	RoleDomain    Role = "domain"   // the SIP domain
	RoleRoute     Role = "static-route"
	RoleDirectory Role = "directory"
	RoleCTI       Role = "cti"
	RoleTFTP      Role = "tftp"
	RoleCCMCIP    Role = "ccmcip"
	RoleVoicemail Role = "voicemail"
	RoleMail      Role = "mail"
	RoleCalendar  Role = "calendar"
	RoleMeeting   Role = "conferencing"
	RoleServices  Role = "services-domain" // what Jabber looks for its discovery records in
	RoleUDS       Role = "uds"
	RoleXMPP      Role = "xmpp"
	RoleNode      Role = "node"
	RoleUCService Role = "uc-service"
	RoleWeb       Role = "web"
)

// Text names the role in a sentence.
func (r Role) Text() string {
	for _, named := range roleTexts {
		if named.role == r {
			return named.text
		}
	}
	return ""
}

var roleTexts = [...]struct {
	role Role
	text string
}{
	{RolePresence, "presence address"},
	{RoleDomain, "SIP domain"},
	{RoleRoute, "target of a static route"},
	{RoleDirectory, "directory server"},
	{RoleCTI, "CTI server"},
	{RoleTFTP, "TFTP server"},
	{RoleCCMCIP, "CCMCIP server"},
	{RoleVoicemail, "voicemail server"},
	{RoleMail, "mail store"},
	{RoleCalendar, "calendar server"},
	{RoleMeeting, "conferencing server"},
	{RoleServices, "services domain"},
	{RoleUDS, "UDS server"},
	{RoleXMPP, "presence server"},
	{RoleNode, "node"},
	{RoleUCService, "UC service"},
	{RoleWeb, "web server"},
}

// A Place is the place in an export. The zero Place is the command line.
type Place struct {
	File                             string
	Key                              string
	Line, Column, EndLine, EndColumn int
	Index                            int    // of the export, or of the pair, in the order of the run
	Source                           string // the line, secrets masked, or a part of it
	SourceColumn                     int    // of Source's first character
}

// A Use is one place that needs a name.
type Use struct {
	Role Role
	Rank string // "primary", "backup", "backup2", or empty
	Place
}

// A Kind says how a subject is checked.
type Kind uint8

// The kinds of subjects.
const (
	Host    Kind = iota // a name that must have an address
	Address             // an address: only its reverse record can be asked for
	Domain              // a domain: NAPTR, SRV, and its address if there are none
)

var kindNames = [...]string{"host", "address", "domain"}

func (k Kind) String() string { return kindNames[k] }

// A Subject is one name that a deployment depends on. Names that differ in case are different subjects.
type Subject struct {
	Name string // as written in the export, or as the client makes it of node name and domain
	Kind Kind
	Uses []Use // the first maxUses of them
	More int   // uses beyond those kept
	// Node and NodeDomain are what a presence address was made of; Step says how.
	Node, NodeDomain string
	Step             resolve.Step
	Generation       resolve.Generation
	// Routed says that a static route serves the domain.
	Routed bool

	right bool // it is known that resolve finds nothing wrong with the presence address
}

// maxUses bounds the places kept for one name; a fleet has one place for each of its ten thousand files.
const maxUses = 8

// presence reports whether clients register to the name.
func (s *Subject) presence() bool { return s.used(RolePresence) }

func (s *Subject) used(r Role) bool {
	for i := range s.Uses {
		if s.Uses[i].Role == r {
			return true
		}
	}
	return false
}

// kindOf distinguishes names from addresses. A value that only looks like an address is asked for as a name, as the client does.
func kindOf(value string) Kind {
	if strings.IndexByte(value, ':') < 0 && (value == "" || value[len(value)-1] < '0' || value[len(value)-1] > '9') {
		return Host // an address of IPv4 ends with a digit; most names do not
	}
	if _, err := netip.ParseAddr(value); err == nil {
		return Address
	}
	return Host
}
