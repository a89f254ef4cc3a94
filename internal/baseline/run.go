package baseline

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"cupclint/lint"
)

// Usual is the usual place of the baseline: next to the configuration file if there is one, else in the working directory.
func Usual(configFile string) string {
	if configFile == "" {
		return FileName
	}
	return filepath.Join(filepath.Dir(filepath.FromSlash(configFile)), FileName)
}

// RunOf says what a run of the linter looked at. An input that could not be read was not looked at. folders are those that were named.
func RunOf(o lint.Options, result *lint.Result, folders []string) Run {
	failed := map[string]bool{}
	for i := range result.Errors {
		archive, _, _ := strings.Cut(result.Errors[i].File, "!")
		failed[result.Errors[i].File], failed[archive] = true, true
	}
	on := sync.OnceValue(func() map[string]bool { // only a baseline asks
		on := map[string]bool{lint.UnusedSuppression: true}
		for _, r := range o.Rules {
			on[r.ID] = r.Kind != lint.LiveKind && o.Policy.On(r)
		}
		return on
	})
	run := Run{Ran: func(id string) bool {
		ran, known := on()[id]
		return ran || !known // a rule that is no more never comes back
	}}
	for _, s := range o.Sources {
		if !failed[s.Name] {
			run.Sources = append(run.Sources, s.Name)
		}
	}
	for _, f := range folders {
		run.Folders = append(run.Folders, filepath.ToSlash(f))
	}
	return run
}

// String names the rule and key of an entry, and its file or how many it has.
func (e *Entry) String() string {
	what := e.Rule
	if e.Key != "" {
		what += " " + e.Key
	}
	return what + " in " + e.files()
}

// files names the file of an entry, or counts them.
func (e *Entry) files() string {
	if len(e.Files) != 1 {
		return fmt.Sprintf("%d files", len(e.Files))
	}
	for name, n := range e.Files {
		switch {
		case name == "":
			return "this run"
		case n > 1:
			return fmt.Sprintf("%s (%d times)", name, n)
		}
		return name
	}
	return ""
}
