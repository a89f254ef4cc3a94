// Package collect reads a deployment from its own servers into a folder that lint, audit and diagnose take. Addresses, accounts and a
// folder go in; files and a manifest come out.
//
// It only reads. What it may send is a table (steps.tsv): whole commands, operations that get or list, fixed queries. A password is tried
// once for each interface, node and account, through loginbudget. Secrets in answers are removed before anything is written. A step that
// fails is recorded and the run continues; a failed step is never an empty answer.
package collect
