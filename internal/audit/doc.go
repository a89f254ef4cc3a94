// Package audit joins lint and the live checks. Exports go in; a Plan of every probe that they call for comes out, then a
// Case: what lint found and what the probes saw, as plain data without secrets. A Case becomes one list of findings, at once or
// later from a file, without touching the network.
//
// The package never prints and never decides how a log-in is spared: the checkers do that with the budget they are given.
package audit
