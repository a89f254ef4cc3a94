package uds

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/probe"
)

// Bounds on one answer of the service; its largest, a user's entry, has some hundred elements.
const (
	maxBody     = 512 << 10 // bytes
	maxDepth    = 32        // elements inside one another
	maxElements = 20_000
	maxServers  = 64 // servers that are kept
	maxHomes    = 8
)

// An element of an answer, without namespaces.
type element struct {
	name     string
	attrs    []xml.Attr
	text     string
	children []*element
}

// parse reads an answer. It accepts only UTF-8 and no document type, so that no entity is expanded.
func parse(body []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	var open []*element
	var root *element
	n := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if n++; n > maxElements || len(open) >= maxDepth {
				return nil, fmt.Errorf("more than %d elements, or more than %d levels", maxElements, maxDepth)
			}
			e := &element{name: t.Name.Local, attrs: t.Attr}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			case root != nil:
				return nil, errors.New("a second root element")
			default:
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			} else if len(bytes.TrimSpace(bytes.TrimPrefix(t, []byte("\ufeff")))) > 0 {
				return nil, errors.New("there is text outside of the root element")
			}
		case xml.Directive:
			return nil, errors.New("a document type declaration")
		}
	}
	if root == nil {
		return nil, errors.New("no XML element")
	}
	return root, nil
}

// child is the first child of a name; nil if there is none, also for nil.
func (e *element) child(name string) *element {
	for c := range e.all(name) {
		return c
	}
	return nil
}

func (e *element) all(name string) func(yield func(*element) bool) {
	return func(yield func(*element) bool) {
		if e == nil {
			return
		}
		for _, c := range e.children {
			if c.name == name && !yield(c) {
				return
			}
		}
	}
}

// value is the text of the first child of a name, without blanks around it and safe to show.
func (e *element) value(name string) string {
	if c := e.child(name); c != nil {
		return c.clean()
	}
	return ""
}

func (e *element) clean() string { return probe.Clean(strings.TrimSpace(e.text)) }

func (e *element) attr(name string) string {
	if e != nil {
		for _, a := range e.attrs {
			if a.Name.Local == name {
				return probe.Clean(strings.TrimSpace(a.Value))
			}
		}
	}
	return ""
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

// version reads versionInformation.
func (v *Version) read(e *element) {
	v.Version, v.Schema = e.value("version"), e.attr("version")
	v.UsersAuth = isTrue(e.child("capabilities").value("usersResourceAuthEnabled"))
}

func (s *Servers) read(e *element) {
	for c := range e.all("server") {
		switch name := c.clean(); {
		case name == "":
		case len(s.Servers) == maxServers:
			s.More++
		default:
			s.Servers = append(s.Servers, Server{Name: name})
		}
	}
}

func (u *ClusterUser) read(e *element) {
	for r := range e.all("result") {
		u.Found = u.Found || isTrue(r.attr("found"))
	}
	for h := range e.all("homeCluster") {
		if name := h.clean(); name != "" && len(u.Homes) < maxHomes {
			u.Homes = append(u.Homes, name)
		}
	}
}

func (u *User) read(e *element) {
	home := e.child("homeCluster")
	u.HomeCluster, u.Presence = home != nil && isTrue(home.clean()), isTrue(home.attr("enableImAndPresence"))
	u.LDAP = isTrue(e.child("accountType").attr("useLdapAuth"))
	for s := range e.child("imAndPresence").all("server") {
		if name := s.clean(); name != "" && len(u.PresenceServers) < maxHomes {
			u.PresenceServers = append(u.PresenceServers, name)
		}
	}
	u.ServiceProfile = profile(e.child("serviceProfile"))
	u.JabberProfile = profile(e.child("jabberProfile"))
}

// profile reports whether a profile is named: by a child uri, or by an attribute as older releases have it.
func profile(e *element) bool { return e != nil && (e.value("uri") != "" || e.attr("uri") != "") }
