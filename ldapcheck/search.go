package ldapcheck

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// The usual searches for people. AD's is the base filter that Cisco's Parameters Reference for Jabber gives as the
// default; the other one names the class that OpenLDAP's schema has for people (RFC 2798).
const (
	filterAD    = "(&(objectCategory=person)(objectClass=user))"
	filterOther = "(objectClass=inetOrgPerson)"
)

func (r *run) filter() string {
	switch {
	case r.r.Filter != "":
		return r.r.Filter
	case r.o.RootDSE != nil && (r.o.RootDSE.ActiveDirectory || r.o.RootDSE.Lightweight):
		return filterAD
	default:
		return filterOther
	}
}

// CheckFilter reports what is wrong with a search filter (RFC 4515). A probe with a wrong one would look like an error of the
// server.
func CheckFilter(filter string) error {
	if _, err := ldap.CompileFilter(filter); err != nil {
		return fmt.Errorf("%q is not a search filter: %w", filter, errors.Unwrap(err))
	}
	return nil
}

// attributes asked for: those the deployment maps, else none at all ("1.1", RFC 4511, section 4.5.1.8): people's data
// is not needed to see that people are found.
func (r *run) attributes() []string {
	if len(r.r.Attributes) > 0 {
		return r.r.Attributes
	}
	return []string{"1.1"}
}

// bases looks at every search base, and makes the client's own search below those that exist.
func (r *run) bases(ctx context.Context, s *session) error {
	for _, b := range r.r.Bases {
		seen, err := r.base(ctx, s, b)
		r.o.Bases = append(r.o.Bases, seen)
		if err != nil {
			return err
		}
	}
	return nil
}

// base returns an error only when the connection broke or the answer was malformed.
func (r *run) base(ctx context.Context, s *session, b Base) (BaseSeen, error) {
	seen := BaseSeen{Base: Base{DN: probe.Clean(b.DN), Recursive: b.Recursive}}
	res, err := s.search(ctx, ldap.NewSearchRequest(b.DN, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 10, false, "(objectClass=*)",
		[]string{"1.1"}, nil))
	done, err := seen.take("base", res, err)
	seen.clean(s)
	if done {
		return seen, err
	}
	// The root of a Global Catalog has no entry of its own; a search below it works anyway.
	seen.Exists = len(res.Entries) > 0 || b.DN == ""
	err = r.people(ctx, s, b, &seen)
	seen.clean(s)
	return seen, err
}

// clean removes the password that was sent from what was recorded.
func (b *BaseSeen) clean(s *session) {
	b.Text, b.Matched, b.Referrals = s.said(b.Text), s.said(b.Matched), s.saidAll(b.Referrals)
}

// take records a result that is not success. done says that it ends the work on this base.
func (b *BaseSeen) take(step string, res *ldap.SearchResult, err error) (done bool, _ error) {
	b.Referrals = cleanReferrals(append(b.Referrals, res.Referrals...))
	if err == nil || errors.Is(err, ldap.ErrSizeLimitExceeded) || ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return false, nil
	}
	code, text, server := resultOf(err)
	if !server {
		return true, err
	}
	b.Step, b.Code, b.Text, b.Matched = step, code, text, matchedDN(err)
	b.Referrals = cleanReferrals(append(b.Referrals, referralsOf(err)...))
	return true, nil
}

// people makes the client's own search, in pages (RFC 2696), until it is done or the limit is reached.
func (r *run) people(ctx context.Context, s *session, b Base, seen *BaseSeen) error {
	limit, page := r.c.Limit, r.c.PageSize
	if limit <= 0 {
		limit = 200
	}
	if page <= 0 {
		page = 50
	}
	scope := ldap.ScopeSingleLevel
	if b.Recursive {
		scope = ldap.ScopeWholeSubtree
	}
	paging := ldap.NewControlPaging(uint32(page))
	for {
		req := ldap.NewSearchRequest(b.DN, scope, ldap.NeverDerefAliases, page+1, 10, false, r.filter(), r.attributes(), []ldap.Control{paging})
		res, err := s.search(ctx, req)
		seen.Pages++
		seen.Entries += len(res.Entries)
		if done, err := seen.take("search", res, err); done {
			return err
		}
		if err != nil {
			seen.More = true // more than the page asked for
			return nil
		}
		next, _ := ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if next == nil || len(next.Cookie) == 0 {
			return nil
		}
		if seen.Entries >= limit || seen.Pages >= (limit+page-1)/page+1 {
			seen.More = true
			return nil
		}
		paging.SetCookie(slices.Clone(next.Cookie))
	}
}
