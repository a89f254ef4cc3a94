package lab

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

func text(p *ber.Packet) string {
	s, _ := p.Value.(string)
	return s
}

func number(p *ber.Packet) int {
	n, _ := p.Value.(int64)
	return int(n)
}

// serve answers one connection until it closes. Anything that is not an LDAP message ends it.
func (p *port) serve(c net.Conn) {
	in := bufio.NewReader(c)
	bound := false
	for {
		m, err := ber.ReadPacket(in)
		if err != nil || len(m.Children) < 2 {
			return
		}
		id, op := m.Children[0], m.Children[1]
		var answers []*ber.Packet
		switch int(op.Tag) {
		case ldap.ApplicationBindRequest:
			var answer *ber.Packet
			answer, bound = p.bind(op)
			answers = append(answers, answer)
		case ldap.ApplicationSearchRequest:
			answers = p.search(op, bound)
		case ldap.ApplicationExtendedRequest:
			answers = append(answers, result(ldap.ApplicationExtendedResponse, ldap.LDAPResultProtocolError, "this operation is not offered"))
		case ldap.ApplicationUnbindRequest, ldap.ApplicationAbandonRequest:
			if int(op.Tag) == ldap.ApplicationUnbindRequest {
				return
			}
		default:
			return
		}
		for _, a := range answers {
			if _, err := c.Write(envelope(number(id), a).Bytes()); err != nil {
				return
			}
		}
	}
}

func envelope(id int, op *ber.Packet) *ber.Packet {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(id), ""))
	m.AppendChild(op)
	return m
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func result(tag int, code int64, message string, referrals ...string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ber.Tag(tag), nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets(""))
	op.AppendChild(octets(message))
	if len(referrals) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		for _, r := range referrals {
			list.AppendChild(octets(r))
		}
		op.AppendChild(list)
	}
	return op
}

// The texts of AD's answers; data 525 says that there is no such user, 52e that the password is wrong, 775 that the account is locked
// (Microsoft Learn, "LDAP bind error codes", AcceptSecurityContext).
const (
	noUser    = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 525, v3839"
	badLogin  = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839"
	lockedOut = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 775, v3839"
	notBound  = "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the " +
		"connection., data 0, v3839"
)

func (p *port) bind(op *ber.Packet) (answer *ber.Packet, bound bool) {
	const tag = ldap.ApplicationBindResponse
	if len(op.Children) < 3 || op.Children[2].Tag != 0 {
		return result(tag, ldap.LDAPResultAuthMethodNotSupported, "simple binds only"), false
	}
	name, password := text(op.Children[1]), op.Children[2].Data.String()
	if password == "" { // anonymous, with a name or without (RFC 4513, section 5.1.2)
		return result(tag, ldap.LDAPResultSuccess, ""), false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.account(name)
	switch {
	case e == nil:
		return result(tag, ldap.LDAPResultInvalidCredentials, noUser), false
	case e.locked():
		return result(tag, ldap.LDAPResultInvalidCredentials, lockedOut), false
	case password != p.password:
		e.failed(p.locks)
		return result(tag, ldap.LDAPResultInvalidCredentials, badLogin), false
	}
	return result(tag, ldap.LDAPResultSuccess, ""), true
}

// account takes the forms of a bind name: DN, user@domain, DOMAIN\user.
func (p *port) account(name string) *entry {
	_, short, _ := strings.Cut(name, `\`)
	for i := range p.entries {
		e := &p.entries[i]
		if len(e.attrs["samaccountname"]) > 0 &&
			(strings.EqualFold(e.dn, name) || e.has("userPrincipalName", name) || short != "" && e.has("sAMAccountName", short)) {
			return e
		}
	}
	return nil
}

// failed counts a wrong password and, where accounts lock, locks this one at the threshold, as a domain controller does (MS-SAMR, section
// 3.1.5.14.6). A good log-in leaves the count as it is here, so that the deployment looks the same to every run.
func (e *entry) failed(locks bool) {
	n, _ := strconv.Atoi(e.attrs["badpwdcount"][0])
	e.attrs["badpwdcount"] = []string{strconv.Itoa(n + 1)}
	e.attrs["badpasswordtime"] = []string{fileTime(time.Now())}
	if locks && n+1 >= lockoutThreshold {
		e.attrs["lockouttime"] = []string{fileTime(time.Now())}
		e.lockedUntil = time.Now().Add(lockDuration)
	}
}

func (p *port) search(op *ber.Packet, bound bool) []*ber.Packet {
	const done = ldap.ApplicationSearchResultDone
	if len(op.Children) < 8 {
		return []*ber.Packet{result(done, ldap.LDAPResultProtocolError, "a search request has eight parts")}
	}
	base, scope := text(op.Children[0]), number(op.Children[1])
	if !bound && (base != "" || scope != ldap.ScopeBaseObject) {
		return []*ber.Packet{result(done, ldap.LDAPResultOperationsError, notBound)}
	}
	found, exists := p.find(base, scope, op.Children[6])
	if !exists {
		return []*ber.Packet{result(done, ldap.LDAPResultNoSuchObject, "")}
	}
	var answers []*ber.Packet
	for _, e := range found {
		if p.refer && strings.HasSuffix(e.dn, emea) {
			continue
		}
		answers = append(answers, e.packet(op.Children[7]))
	}
	if p.refer && scope != ldap.ScopeBaseObject && strings.EqualFold(base, root) { // directoryReferral
		reference := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
		reference.AppendChild(octets("ldap://emea.acme.test/" + emea))
		answers = append(answers, reference)
	}
	return append(answers, result(done, ldap.LDAPResultSuccess, ""))
}

// packet is the entry with the attributes asked for; none asked for means all, as does "*".
func (e *entry) packet(wanted *ber.Packet) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	op.AppendChild(octets(e.dn))
	list := ber.NewSequence("")
	add := func(name string) {
		values := e.attrs[strings.ToLower(name)]
		if len(values) == 0 {
			return
		}
		attr, set := ber.NewSequence(""), ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		attr.AppendChild(octets(name))
		for _, v := range values {
			set.AppendChild(octets(v))
		}
		attr.AppendChild(set)
		list.AppendChild(attr)
	}
	all := len(wanted.Children) == 0
	for _, w := range wanted.Children {
		all = all || text(w) == "*"
		add(text(w))
	}
	if all {
		for name := range e.attrs {
			add(name)
		}
	}
	op.AppendChild(list)
	return op
}
