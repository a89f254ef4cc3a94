// Package lazy holds values that are made when they are first asked for.
//
// sync.OnceValue does the same, but its result must be made while the program starts, before main: every run then pays for all of them.
// The types of this package are plain data, which the linker lays out, so a package variable of them costs nothing until it is used.
package lazy

import (
	"regexp"
	"sync"
)

// A Value is what New returns. New runs once, when Get is first called, and must be set. A Value may be used by many goroutines and must
// not be copied after its first use.
type Value[T any] struct {
	New func() T

	once sync.Once
	made T
}

// Get returns the value.
func (v *Value[T]) Get() T {
	v.once.Do(v.make)
	return v.made
}

func (v *Value[T]) make() { v.made = v.New() }

// A Pattern is the regular expression Expr, which Get compiles when it is first called. An expression that is not valid is a mistake in the
// program: Get panics. A Pattern may be used by many goroutines and must not be copied after its first use.
type Pattern struct {
	Expr string

	once     sync.Once
	compiled *regexp.Regexp
}

// Get returns the compiled expression.
func (p *Pattern) Get() *regexp.Regexp {
	p.once.Do(p.compile)
	return p.compiled
}

func (p *Pattern) compile() { p.compiled = regexp.MustCompile(p.Expr) }
