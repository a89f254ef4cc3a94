// Package cli drives the command line of an appliance over SSH: CUCM, CUPS and IM and Presence, Emergency Responder, Unity Connection.
//
// In come an address, an account and commands of a fixed table; out comes what each command printed, as a copy from a terminal gives
// it, and how the command ended. One session per node serves all commands and ends with "quit".
//
// The package is read-only by construction: Run accepts only a whole line of the table commands.tsv, compared literally. A question is
// never answered: the command is stopped with Ctrl-C. The password is handed out at most once in a connection, to one question for a
// password without echo, so that one run costs at most one failed log-in. Old algorithms are used only if the caller allows them. An
// unknown host key is the caller's decision, and it is made before the password is sent.
//
// The facts (prompt, pagers, questions, refusals, limits) come from the Command Line Interface Reference Guide for Cisco Unified
// Communications Solutions 12.5(1), and from public tools that drive this command line (Unicon's platform "vos", AletheiaUC).
package cli
