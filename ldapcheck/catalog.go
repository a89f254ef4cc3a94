package ldapcheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// tryGlobalCatalog repeats what gave a referral on the Global Catalog port of the same host, to prove the fix. It tries each
// base as configured, then the forest's root, with every form of the bind name that the directory itself gave for this
// account. It tries a form only with a password that this run proved right.
func (r *run) tryGlobalCatalog(ctx context.Context) {
	d := r.o.RootDSE
	if d == nil || !d.ActiveDirectory {
		r.o.GCError = "the directory is not Active Directory, so it has no Global Catalog"
		return
	}
	t, ok := gcPort(r.r.Target)
	if !ok {
		r.o.GCError = "this is the Global Catalog already"
		return
	}
	for _, form := range r.bindForms() {
		if !r.tryForm(ctx, t, form) {
			return
		}
	}
}

type bindForm struct{ form, name string }

// bindForms lists the names to bind with: first as configured, then what the account's own entry says.
func (r *run) bindForms() []bindForm {
	form, _ := splitBindName(r.r.Login.DN)
	forms := []bindForm{{form, r.r.Login.DN}}
	if a := r.o.Account; a != nil {
		for _, f := range []bindForm{{formDN, a.DN}, {formUPN, a.UPN}, {formDown, a.Down}} {
			if f.name != "" && f.form != form {
				forms = append(forms, f)
			}
		}
	}
	return forms
}

// tryForm makes the trials with one bind name. It reports whether trying other names makes sense.
func (r *run) tryForm(ctx context.Context, t probe.Target, form bindForm) bool {
	var side probe.Observation
	s, err := open(ctx, r.c.Prober, t, &side)
	if err != nil {
		r.o.GCError = fmt.Sprintf("port %d: %s", t.Port, err)
		return false
	}
	defer s.close()
	trial := GCTrial{Port: t.Port, BindDN: probe.Clean(form.name), Form: form.form}
	if r.wantsBind() {
		b, err := r.c.login(ctx, s, Login{DN: form.name, Password: r.r.Login.Password}, r.account(r.r.Login.DN, form.name), r.policy())
		r.remember(b)
		if err != nil || !b.OK {
			trial.Text = bindText(b, err)
			r.o.GC = append(r.o.GC, trial)
			return false // a second failure with another name would be a second failure on the account
		}
	}
	for _, b := range r.gcBases() {
		seen, err := r.base(ctx, s, b)
		got := trial
		got.Base, got.Entries, got.More = seen.DN, seen.Entries, seen.More
		got.Works = err == nil && seen.Exists && seen.Code == 0 && len(seen.Referrals) == 0
		switch {
		case err != nil:
			got.Text = probe.Clean(err.Error())
		case seen.Code != 0:
			got.Text = resultText(seen.Code, seen.Text)
		}
		r.o.GC = append(r.o.GC, got)
		if err != nil {
			return false
		}
	}
	return true
}

// gcBases are the bases that gave a referral, and the forest's root, because the catalog holds every domain below it.
func (r *run) gcBases() []Base {
	var bases []Base
	for _, b := range r.o.Bases {
		if len(b.Referrals) > 0 {
			bases = append(bases, b.Base)
		}
	}
	if len(bases) == 0 { // the bind itself was referred
		bases = append(bases, r.r.Bases...)
	}
	root := Base{DN: r.o.RootDSE.ForestRoot, Recursive: true}
	known := slices.ContainsFunc(bases, func(b Base) bool { return strings.EqualFold(b.DN, root.DN) })
	if root.DN != "" && !known && !r.o.anyGCWorks() {
		bases = append(bases, root)
	}
	return bases
}

func (o *Observation) anyGCWorks() bool {
	return slices.ContainsFunc(o.GC, func(t GCTrial) bool { return t.Works })
}

func bindText(b *Bind, err error) string {
	switch {
	case err != nil:
		return probe.Clean(err.Error())
	case b.NotMade != "":
		return b.NotMade
	default:
		return "bind refused: " + b.Why().Text
	}
}

// readSchema looks up which mapped attributes the Global Catalog does not hold: isMemberOfPartialAttributeSet of the
// attribute's schema entry (MS-ADTS, section 3.1.1.2.3). It asks the domain port, which holds the whole schema.
func (r *run) readSchema(ctx context.Context, s *session) {
	d := r.o.RootDSE
	if d == nil || d.SchemaContext == "" || len(r.r.Attributes) == 0 {
		return
	}
	r.onDomainPort(ctx, s, "the schema", func(s *session) error {
		missing, err := s.notInCatalog(ctx, d.SchemaContext, r.r.Attributes)
		if err == nil {
			r.o.NotInGC, r.o.SchemaRead = missing, true
		}
		return err
	})
}

// maxMapped bounds the attributes looked up in the schema.
const maxMapped = 64

func (s *session) notInCatalog(ctx context.Context, schema string, attrs []string) ([]string, error) {
	attrs = attrs[:min(len(attrs), maxMapped)]
	var or strings.Builder
	for _, a := range attrs {
		fmt.Fprintf(&or, "(lDAPDisplayName=%s)", ldap.EscapeFilter(a))
	}
	res, err := s.search(ctx, ldap.NewSearchRequest(schema, ldap.ScopeSingleLevel, ldap.NeverDerefAliases, maxMapped+1, 10, false,
		"(&(objectClass=attributeSchema)(|"+or.String()+"))", []string{"lDAPDisplayName", "isMemberOfPartialAttributeSet"}, nil))
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, e := range res.Entries {
		in[strings.ToLower(value(e, "lDAPDisplayName"))] = strings.EqualFold(value(e, "isMemberOfPartialAttributeSet"), "TRUE")
	}
	var missing []string
	for _, a := range attrs {
		if held, known := in[strings.ToLower(a)]; known && !held {
			missing = append(missing, a)
		}
	}
	return missing, nil
}
