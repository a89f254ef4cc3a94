package ownrules

import (
	"errors"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/secret"
	"cupclint/lint"
	"cupclint/resolve"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// An evaluator runs programs over one input after the other. One goroutine uses it at a time.
type evaluator struct {
	machine vm.VM
	env     map[string]any
	in      *lint.Input // with each: property and export
	site    *site       // with each: deployment

	nodes, steps, weight int
}

// newEvaluator makes one for rules of a kind. Its environment also gives the compiler the types of names.
func newEvaluator(each Each) *evaluator {
	e := &evaluator{env: make(map[string]any)}
	e.machine.MemoryBudget = maxMemory
	for _, n := range Names() {
		if slices.Contains(n.Each, each) {
			e.env[n.Name] = n.make(e)
		}
	}
	e.env["_step"] = func(nodes int) bool { e.charge(nodes); return true }
	e.env["_in"] = e.contains
	e.env["_plus"] = func(a, b string) string {
		if len(a)+len(b) > maxJoined {
			panic(errJoined)
		}
		return e.see(a + b)
	}
	return e
}

// An evalError is a program that failed.
type evalError struct {
	program *program
	offset  int
	err     error
}

// run evaluates a program. longest is the longest text that it gets as a variable.
func (e *evaluator) run(p *program, longest string) (any, *evalError) {
	e.nodes, e.steps, e.weight = p.nodes, 0, 1+len(longest)/longValue
	if p.nodes*e.weight > maxSteps {
		return nil, &evalError{p, 0, errSteps}
	}
	out, err := e.machine.Run(p.code, e.env)
	if err == nil {
		return out, nil
	}
	failed := &evalError{p, 0, errors.New(firstLine(err.Error()))}
	if at, ok := errors.AsType[*file.Error](err); ok {
		failed.offset, failed.err = at.From, errors.New(firstLine(at.Message))
	}
	return nil, failed
}

// yes evaluates a condition; a nil one is true.
func (e *evaluator) yes(p *program, longest string) (bool, *evalError) {
	if p == nil {
		return true, nil
	}
	out, err := e.run(p, longest)
	yes, _ := out.(bool)
	return yes, err
}

// shown is what an expression may know of a value.
func shown(p *export.Property) string {
	if p.Secret() {
		return secret.Mask
	}
	return p.Value
}

// find returns the first property with the key, and with the number where the key has one.
func find(in *lint.Input, k export.KeyID, n int) *export.Property {
	if n == 0 {
		return in.Get(k)
	}
	for p := range in.All(k) {
		if p.N == n {
			return p
		}
	}
	return nil
}

// mustKey is lookupKey for a name that the expression put together.
func mustKey(name string) (export.KeyID, int) {
	k, n, ok := export.Lookup(name)
	if !ok {
		if k, n, ok = lookupKey(name); !ok {
			panic(checkKey(strings.Clone(name)))
		}
	}
	return k, n
}

func (e *evaluator) get(name string) string {
	if p := e.property(name); p != nil {
		return e.see(shown(p))
	}
	return ""
}

func (e *evaluator) property(name string) *export.Property {
	k, n := mustKey(name)
	return find(e.in, k, n)
}

func (e *evaluator) has(name string) bool {
	p := e.property(name)
	return p != nil && p.Value != ""
}

func (e *evaluator) list(name string) []string {
	if e.site != nil {
		return e.seeAll(e.site.values(name))
	}
	k, n := mustKey(name)
	list := []string{}
	for p := range e.in.All(k) {
		if n == 0 || p.N == n {
			list = append(list, shown(p))
		}
	}
	return e.seeAll(list)
}

func (e *evaluator) named(name string) string {
	e.charge(1 + len(e.in.Export.Properties)/longValue)
	for i := range e.in.Export.Properties {
		if p := &e.in.Export.Properties[i]; p.Key == export.NoKey && strings.EqualFold(p.Name, name) {
			return e.see(shown(p))
		}
	}
	return ""
}

func (e *evaluator) same(name string) bool { return len(e.site.values(name)) < 2 }

func (e *evaluator) missing(name string) int { return e.site.missing(name) }

func (e *evaluator) presenceAddress() string {
	node, domain := e.get("Presence.Primary.Address"), e.get("Presence.Domain")
	return e.see(resolve.Presence(node, domain).Value)
}
