package house

import (
	"os/exec"
	"strings"
	"testing"
)

// Git for Windows makes CR LF of line ends unless .gitattributes says otherwise. What is embedded would then differ from the released
// program, and pages would differ from what their tests write.
func TestLineEndsAreTheSameOnEverySystem(t *testing.T) {
	said, err := exec.Command("git", "-C", root, "ls-files", "--eol").Output()
	if err != nil {
		t.Skip("not a git checkout: ", err)
	}
	for line := range strings.Lines(string(said)) {
		attributes, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && !strings.Contains(attributes, "attr/-text") && !strings.Contains(attributes, "eol=lf") {
			t.Errorf("%s: git may change its line ends (.gitattributes)", name)
		}
	}
}
