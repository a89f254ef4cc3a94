// Package diagnose ranks the causes of what a caller complains about. Symptoms, findings, lines of a pasted Show Server Health and answers
// to questions go in; causes come out in order, each with why it fits, what would settle it and what to do.
//
// The knowledge is data, in causes.yaml. The package opens no socket and runs no command.
package diagnose
