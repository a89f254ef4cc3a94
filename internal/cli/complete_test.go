package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/testrace"
)

// A flag whose help lists its values has them completed.
func TestFlagsWithAClosedSetOfValuesCompleteIt(t *testing.T) {
	testrace.Slow(t, "runs hundreds of command lines, one after the other")
	closed := 0
	allCommands(func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" || f.Hidden {
				return
			}
			values := closedValues(cmd, f)
			if values == nil {
				if f.Name == "format" || f.Name == "fail-on" || strings.HasPrefix(f.Usage, "plain, ") || f.Name == "color" {
					t.Errorf("%s --%s: no values are completed: %s", cmd.CommandPath(), f.Name, f.Usage)
				}
				return
			}
			closed++
			args := append([]string{"__complete"}, strings.Fields(cmd.CommandPath())[1:]...)
			_, out, _ := cupclint(t, "", append(args, "--"+f.Name+"=")...)
			for _, v := range values {
				if word, _, _ := strings.Cut(v, "\t"); !slices.ContainsFunc(strings.Split(out, "\n"), func(l string) bool {
					l, _, _ = strings.Cut(l, "\t")
					return l == word
				}) {
					t.Errorf("%s --%s does not offer %s:\n%s", cmd.CommandPath(), f.Name, word, out)
				}
			}
		})
	})
	if closed < 60 {
		t.Errorf("%d flags with a closed set of values", closed)
	}
}

func TestCompletedValues(t *testing.T) {
	for line, want := range map[string]string{
		"explain PRES00":                  "PRES001\t",
		"explain refer":                   "referral\t",
		"rules pres":                      "presence",
		"keys Directory.Pri":              "Directory.Primary.Address\t",
		"lint --only pres":                "presence\t",
		"lint --only presence,LDAP00":     "presence,LDAP001\t",
		"lint --skip mai":                 "mail",
		"lint --fail-on w":                "warning\t",
		"lint --format js":                "jsonl",
		"lint --config x":                 "yaml",
		"diagnose --symptom voi":          "voicemail",
		"diagnose --answer who=every":     "who=everyone",
		"audit --demo jab":                "jabber",
		"sip --security ud":               "udp",
		"lab up --misbehave axl-403,ssh-": "axl-403,ssh-",
		"lin":                             "lint\t",
	} {
		_, out, _ := cupclint(t, "", append([]string{"__complete"}, strings.Fields(line)...)...)
		if !strings.Contains("\n"+out, "\n"+want) {
			t.Errorf("%q does not offer %q:\n%s", line, want, out)
		}
	}
}
