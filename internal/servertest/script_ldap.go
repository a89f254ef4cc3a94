package servertest

import (
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// An LDAPScript has the results of a directory.
type LDAPScript struct {
	TLS      bool // from the first byte
	StartTLS bool // is taken
	RootDSE  map[string][]string
	Bind     LDAPResults // one for each bind; the last one continues
	Base     LDAPResult  // of a question with base scope
	Search   LDAPResult  // of all other searches
}

// LDAPResults may be one result in YAML, or a list.
type LDAPResults []LDAPResult

// UnmarshalYAML reads a list or one result.
func (r *LDAPResults) UnmarshalYAML(unmarshal func(any) error) error {
	var list []LDAPResult
	if unmarshal(&list) == nil {
		*r = list
		return nil
	}
	var one LDAPResult
	err := unmarshal(&one)
	*r = []LDAPResult{one}
	return err
}

// An LDAPResult is a result with what comes before it.
type LDAPResult struct {
	Code          int
	Text, Matched string
	Referrals     []string
	Controls      []LDAPControl
	// Entries are DNs that are found where the filter has Need and has not Not; References come with every search of a whole subtree.
	Need, Not           string
	Entries, References []string
}

// An LDAPControl is a control of a result.
type LDAPControl struct{ OID, Value, Hex string }

func (p *LDAPScript) serve(s *Scripted, c net.Conn) {
	for {
		packet, err := ber.ReadPacket(c)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		id, op := packet.Children[0].Value, packet.Children[1]
		send := func(op *ber.Packet, controls []LDAPControl) {
			m := ber.NewSequence("LDAP Response")
			m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "MessageID"))
			m.AppendChild(op)
			if len(controls) > 0 {
				list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "Controls")
				for _, control := range controls {
					list.AppendChild(control.packet())
				}
				m.AppendChild(list)
			}
			_, _ = c.Write(m.Bytes())
		}
		switch op.Tag {
		case ldap.ApplicationBindRequest:
			r := p.bind(s, op)
			send(r.packet(ldap.ApplicationBindResponse), r.Controls)
		case ldap.ApplicationSearchRequest:
			p.search(s, op, send)
		case ldap.ApplicationExtendedRequest:
			if !p.StartTLS {
				send((&LDAPResult{Code: ldap.LDAPResultProtocolError}).packet(ldap.ApplicationExtendedResponse), nil)
				continue
			}
			send((&LDAPResult{}).packet(ldap.ApplicationExtendedResponse), nil)
			c = tls.Server(c, s.tls)
		case ldap.ApplicationUnbindRequest:
			return
		default:
			send((&LDAPResult{Code: ldap.LDAPResultUnwillingToPerform}).packet(op.Tag+1), nil)
		}
	}
}

func (p *LDAPScript) bind(s *Scripted, op *ber.Packet) *LDAPResult {
	s.log(fmt.Sprintf("BIND %v", op.Children[1].Value))
	if len(p.Bind) == 0 {
		return &LDAPResult{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.binds
	s.binds++
	return &p.Bind[min(n, len(p.Bind)-1)]
}

func (p *LDAPScript) search(s *Scripted, op *ber.Packet, send func(*ber.Packet, []LDAPControl)) {
	base, _ := op.Children[0].Value.(string)
	scope, _ := op.Children[1].Value.(int64)
	filter, _ := ldap.DecompileFilter(op.Children[6])
	s.log(fmt.Sprintf("SEARCH %d %s %s", scope, base, filter))
	done := func(r *LDAPResult) { send(r.packet(ldap.ApplicationSearchResultDone), r.Controls) }
	switch {
	case base == "" && scope == ldap.ScopeBaseObject:
		if p.RootDSE != nil {
			send(entry("", p.RootDSE), nil)
		}
		done(&LDAPResult{})
	case scope == ldap.ScopeBaseObject:
		if p.Base.Code == 0 {
			send(entry(base, nil), nil)
		}
		done(&p.Base)
	default:
		lower := strings.ToLower(filter)
		if strings.Contains(lower, strings.ToLower(p.Search.Need)) &&
			(p.Search.Not == "" || !strings.Contains(lower, strings.ToLower(p.Search.Not))) {
			for _, dn := range p.Search.Entries {
				send(entry(dn, nil), nil)
			}
		}
		if scope == ldap.ScopeWholeSubtree {
			for _, url := range p.Search.References {
				reference := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "Reference")
				reference.AppendChild(octets(url))
				send(reference, nil)
			}
		}
		done(&p.Search)
	}
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func (r *LDAPResult) packet(op ber.Tag) *ber.Packet {
	out := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op, nil, "Result")
	out.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, r.Code, "resultCode"))
	out.AppendChild(octets(r.Matched))
	out.AppendChild(octets(r.Text))
	if len(r.Referrals) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "Referral")
		for _, url := range r.Referrals {
			list.AppendChild(octets(url))
		}
		out.AppendChild(list)
	}
	return out
}

func (c *LDAPControl) packet() *ber.Packet {
	out := ber.NewSequence("Control")
	out.AppendChild(octets(c.OID))
	value := c.Value
	if b, err := hex.DecodeString(c.Hex); err == nil && c.Hex != "" {
		value = string(b)
	}
	if value != "" {
		out.AppendChild(octets(value))
	}
	return out
}

func entry(dn string, attributes map[string][]string) *ber.Packet {
	out := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "Entry")
	out.AppendChild(octets(dn))
	list := ber.NewSequence("Attributes")
	var names []string
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		attribute := ber.NewSequence("Attribute")
		attribute.AppendChild(octets(name))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "Values")
		for _, v := range attributes[name] {
			values.AppendChild(octets(v))
		}
		attribute.AppendChild(values)
		list.AppendChild(attribute)
	}
	out.AppendChild(list)
	return out
}
