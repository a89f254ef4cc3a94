// Command cupclint lints the configuration of Cisco Unified Personal Communicator and Jabber clients, and computes the
// presence address that a client registers to.
package main

import (
	"os"

	"cupclint/internal/cli"
)

func main() { os.Exit(cli.Main()) }
