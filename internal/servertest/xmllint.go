package servertest

import (
	"os/exec"
	"testing"
)

// XMLLint returns the path of the program xmllint, an XML parser and validator that is not ours.
func XMLLint(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		missing(t, "xmllint is not installed (scripts/install-servers.sh does that)")
	}
	return path
}
