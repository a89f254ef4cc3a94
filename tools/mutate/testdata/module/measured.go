// Package measured has tests that notice some mutants and not others.
package measured

import (
	"errors"
	"time"
)

const limit = 3 * 4

var errTooMany = errors.New("too many")

// Take counts down from n.
func Take(n int, by ...int) (left int, err error) {
	if n > limit || n < 0 && len(by) > 0 {
		return 0, errTooMany
	}
	left = n
	for _, b := range by {
		if b == 0 {
			continue
		}
		left -= b
	}
	return left - 0, nil
}

// Wait is reached by no test.
func Wait(n int) time.Duration { return time.Duration(n) * time.Second }

// Until has mutants that do not end.
func Until(n int) int {
	i := 0
	for i < n {
		i++
	}
	return i
}

// Generic and local types have names that a mutant can not write.
func Generic[T any](x T) func() T {
	type pair struct{ a, b T }
	f := func() pair { return pair{x, x} }
	return func() T { return f().b }
}
