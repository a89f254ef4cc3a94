// Package sshcli plays the command line of an appliance as an SSH server: a shell with a terminal, the prompt "admin:", an echo, the
// pager, questions.
//
// In come the account, what each command prints, and which misbehaviours are wanted, each a switch; out come SSH sessions on
// connections that the caller accepts, and a record of everything that was sent: passwords tried, keys typed and where, questions
// answered, sessions left open. The package opens no socket and runs nothing: a command's output is a text.
//
// What it prints follows the Command Line Interface Reference Guide for Cisco Unified Communications Solutions 12.5(1) and public
// tools that drive this command line.
package sshcli
