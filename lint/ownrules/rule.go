package ownrules

import (
	"cmp"
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/lint"

	"go.yaml.in/yaml/v3"
)

// A rule is one rule of the configuration.
type rule struct {
	set  *Set
	src  *source
	rule *lint.Rule
	each Each

	when, must   *program // when may be nil
	message, fix *template
	keys         []pattern // with each: property
	byKey        *[export.NumKeys]bool
	key          string   // that findings point to; empty for the export as a whole
	asked        []string // with each: deployment, the keys that expressions ask for, and key
	examples     []example
	node         *yaml.Node
}

// A pattern names keys.
type pattern struct {
	text string // in small letters
	key  export.KeyID
	n    int // the number that an indexed key must have; 0 for any
}

// evaluator takes one out of the pool; the caller puts it back.
func (r *rule) evaluator() *evaluator {
	e, _ := r.set.pools[r.each].Get().(*evaluator)
	return e
}

func (r *rule) release(e *evaluator) {
	e.in, e.site = nil, nil
	r.set.pools[r.each].Put(e)
}

// ruleError is the error for the engine about an evaluation that failed.
func (r *rule) ruleError(e *evalError) *lint.RuleError {
	return &lint.RuleError{Rule: r.rule, Origin: e.program.at(r.src, e.offset),
		Err: fmt.Errorf("%w (character %d of the expression)", e.err, e.offset+1)}
}

// checkExport judges one export.
func (r *rule) checkExport(in *lint.Input) []lint.Finding {
	e := r.evaluator()
	defer r.release(e)
	e.in = in
	e.common(in)
	message, fix, err := r.judge(e, "")
	if err != nil {
		in.Fail(r.ruleError(err))
		return nil
	}
	if message == "" {
		return nil
	}
	f := r.finding(in, message)
	f.Fix = fix
	return []lint.Finding{f}
}

// finding points to the property that the rule is about.
func (r *rule) finding(in *lint.Input, message string) lint.Finding {
	if r.key == "" {
		return in.At(nil, "%s", message)
	}
	k, n := mustKey(r.key)
	if p := find(in, k, n); p != nil {
		return in.At(p, "%s", message)
	}
	f := in.Missing(k, nil, "%s", message)
	f.Key = k.Name(n)
	return f
}

// checkProperties judges each property that the patterns name.
func (r *rule) checkProperties(in *lint.Input) (findings []lint.Finding) {
	var e *evaluator
	var failed *evalError
	for i := range in.Export.Properties {
		p := &in.Export.Properties[i]
		if p.Value == "" || !r.byKey[p.Key] || p.Secret() || !r.names(p) {
			continue
		}
		if e == nil {
			e = r.evaluator()
			defer r.release(e)
			e.in = in
			e.common(in)
		}
		e.env["value"], e.env["key"], e.env["index"] = p.Value, p.Canonical(), p.N
		message, fix, err := r.judge(e, p.Value)
		switch {
		case err != nil && failed == nil:
			failed = err
		case err == nil && message != "":
			f := in.At(p, "%s", message)
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	if failed != nil {
		in.Fail(r.ruleError(failed))
	}
	return findings
}

// names reports whether a pattern names the property. That its key may be named is known already.
func (r *rule) names(p *export.Property) bool {
	lower := ""
	for _, pat := range r.keys {
		if pat.key != export.NoKey {
			if pat.key == p.Key && (pat.n == 0 || pat.n == p.N) {
				return true
			}
			continue
		}
		if lower == "" {
			lower = strings.ToLower(p.Canonical())
		}
		if lint.MatchKey(pat.text, lower) {
			return true
		}
	}
	return false
}

// judge returns an empty message if nothing is wrong.
func (r *rule) judge(e *evaluator, longest string) (message, fix string, err *evalError) {
	applies, err := e.yes(r.when, longest)
	if err != nil || !applies {
		return "", "", err
	}
	ok, err := e.yes(r.must, longest)
	if err != nil || ok {
		return "", "", err
	}
	if message, err = r.message.fill(e, longest); err != nil {
		return "", "", err
	}
	message = cmp.Or(message, r.rule.Summary)
	if fix, err = r.fix.fill(e, longest); err != nil {
		return "", "", err
	}
	return message, fix, nil
}

// common sets the variables that every rule on one export has.
func (e *evaluator) common(in *lint.Input) {
	e.env["file"], e.env["format"] = in.File, in.Format.String()
	e.env["generation"], e.env["deployment"] = string(in.Generation), in.Deployment
}
