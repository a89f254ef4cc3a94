package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/collect"
	"cupclint/docs"
	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/report"
)

// addCompletions has the shell offer the values of flags and arguments, for a command and those below it. It takes time, so a run that
// names its command goes without.
func addCompletions(cmd *cobra.Command, env *environment) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, has := cmd.GetFlagCompletionFunc(f.Name); has || f.Value.Type() == "bool" {
			return
		}
		if offer := completionOf(cmd, f, env); offer != nil {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, offer) // the flag exists
		}
	})
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = argumentsOf(cmd)
	}
	for _, c := range cmd.Commands() {
		addCompletions(c, env)
	}
}

// completionOf returns the function that completes the value of a flag; nil if files are offered.
func completionOf(cmd *cobra.Command, f *pflag.Flag, env *environment) cobra.CompletionFunc {
	if values := closedValues(cmd, f); values != nil {
		return offer(f, func() []cobra.Completion { return values })
	}
	switch f.Name {
	case "only", "enable", "skip", "disable":
		return offer(f, func() []cobra.Completion { return rulesAndAreas(cmd, env) })
	case "answer":
		return offer(f, answers)
	case "config":
		if !readsConfig(cmd) {
			return nil
		}
		return cobra.FixedCompletions([]cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt)
	case "ca-file", "tls-cert", "tls-key":
		return cobra.FixedCompletions([]cobra.Completion{"pem", "crt", "cer", "key"}, cobra.ShellCompDirectiveFilterFileExt)
	case "case", "replay", "findings", "baseline", "write-baseline":
		return cobra.FixedCompletions([]cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt)
	case "history":
		return cobra.FixedCompletions([]cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt)
	case "out", "resume", "folder":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	}
	value, _ := pflag.UnquoteUsage(f)
	if strings.Contains(value, "FILE") || strings.HasSuffix(f.Name, "-file") || slices.Contains([]string{"output", "resolv-conf"}, f.Name) {
		return nil
	}
	return cobra.NoFileCompletions
}

// readsConfig reports whether a command reads .cupclint.yaml, which its --config names. That of route names a description of the proxy.
func readsConfig(cmd *cobra.Command) bool {
	return cmd.Flags().Lookup("config") != nil && cmd.Name() != "route"
}

// closedValues lists the values of a flag that takes no others; nil for any other flag.
func closedValues(cmd *cobra.Command, f *pflag.Flag) []cobra.Completion {
	name := cmd.Name()
	switch f.Name {
	case "format":
		switch {
		case name == "keys":
			return []cobra.Completion{"text", "json", "xsd"}
		case name == "resolve":
			return []cobra.Completion{"text", "json", "jsonl"}
		case name == "compare":
			return compareFormats()
		case name == "diagnose" || f.Value.Type() == "string":
			return []cobra.Completion{"text", "json"}
		}
		return report.Formats()
	case "fail-on":
		return []cobra.Completion{"error\tonly errors make the exit code 1", "warning\twarnings, too", "info\tall findings",
			"never\tno finding does"}
	case "color":
		return []cobra.Completion{"auto", "always", "never"}
	case "profile":
		return []cobra.Completion{"first-light\ta deployment that is being brought up"}
	case "generation":
		return []cobra.Completion{"sip\tclients 1.2 to 7.x", "xmpp\tclients 8.x and Jabber"}
	case "input-format":
		return export.FormatNames()
	case "symptom":
		return diagnose.Symptoms()
	case "family":
		return []cobra.Completion{"prefer-ipv4", "prefer-ipv6", "ipv4", "ipv6"}
	case "view":
		return []cobra.Completion{"auto", "inside", "outside"}
	case "types":
		return []cobra.Completion{"a", "aaaa", "ptr", "srv", "naptr", "all"}
	case "role":
		return []cobra.Completion{"client", "cucm-auth", "cucm-sync"}
	case "product":
		return []cobra.Completion{"unity-connection", "exchange2003", "exchange2007", "exchange2010"}
	case "protocol":
		return []cobra.Completion{"WebDAV", "EWS"}
	case "security", "transport":
		switch name {
		case "sip":
			return []cobra.Completion{"tls", "tcp", "udp"}
		case "xmpp":
			return []cobra.Completion{"starttls", "tls"}
		}
		return []cobra.Completion{"plain", "tls", "starttls"}
	case "interfaces":
		var all []cobra.Completion
		for _, i := range collect.Interfaces() {
			all = append(all, string(i))
		}
		return all
	case "nodes":
		return []cobra.Completion{collect.FoundPublishers, collect.FoundAll, collect.FoundNone}
	case "hide", "pseudonyms":
		return []cobra.Completion{"addresses", "names"}
	case "misbehave":
		return lab.Misbehaviours()
	case "from":
		return []cobra.Completion{"ocs"}
	case "demo":
		if f.Value.Type() == "string" {
			return []cobra.Completion{string(lab.CUPC), string(lab.Jabber)}
		}
	}
	return nil
}

// offer completes a value, or the last one of a list with commas.
func offer(f *pflag.Flag, values func() []cobra.Completion) cobra.CompletionFunc {
	list := f.Value.Type() == "stringSlice"
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before, rest := "", begun
		if i := strings.LastIndexByte(begun, ','); list && i >= 0 {
			before, rest = begun[:i+1], begun[i+1:]
		}
		var out []cobra.Completion
		for _, v := range values() {
			if word, _, _ := strings.Cut(v, "\t"); len(word) >= len(rest) && strings.EqualFold(word[:len(rest)], rest) {
				out = append(out, before+v)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// rulesAndAreas lists what --only and --skip take.
func rulesAndAreas(cmd *cobra.Command, env *environment) (all []cobra.Completion) {
	rules := append(catalogue.All(), ownRules(cmd, env)...)
	seen := map[string]bool{}
	for _, r := range rules {
		if !seen[r.Area] {
			seen[r.Area] = true
			all = append(all, r.Area+"\tall rules of this area")
		}
	}
	for _, a := range catalogue.Areas(nil) {
		for _, word := range []string{a.Info().Name, a.Info().Command} {
			if word != "" && !seen[word] {
				seen[word] = true
				all = append(all, word+"\twhat this command probes")
			}
		}
	}
	return append(all, completionsOf(rules, "")...)
}

// answers lists the answers of all questions of diagnose.
func answers() (all []cobra.Completion) {
	k, err := diagnose.Load()
	if err != nil {
		return nil
	}
	for _, q := range k.Questions {
		for _, word := range q.Words() {
			all = append(all, q.ID+"="+word)
		}
	}
	return all
}

// argumentsOf completes arguments; nil for files.
func argumentsOf(cmd *cobra.Command) cobra.CompletionFunc {
	none := cobra.NoFileCompletions
	words := func(list func() []cobra.Completion) cobra.CompletionFunc {
		return func(_ *cobra.Command, _ []string, begun string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
			for _, w := range list() {
				if len(w) >= len(begun) && strings.EqualFold(w[:len(begun)], begun) {
					out = append(out, w)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		}
	}
	switch cmd.Name() {
	case "keys":
		return words(func() (all []cobra.Completion) {
			for _, k := range export.Keys() {
				all = append(all, cobra.CompletionWithDesc(k.Name, k.Meaning))
			}
			return all
		})
	case "resolve", "releases", "collect", "version", "init", "serve", "show", "up":
		return none
	case "audit":
		return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if demo := cmd.Flags().Lookup("demo"); demo != nil && demo.Value.String() == "true" {
				return []cobra.Completion{string(lab.CUPC), string(lab.Jabber)}, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		}
	}
	return nil
}

// terms lists the terms of the glossary, for explain.
func terms(begun string) (all []cobra.Completion) {
	for _, t := range docs.Glossary() {
		if name := t.Names[0]; len(name) >= len(begun) && strings.EqualFold(name[:len(begun)], begun) {
			all = append(all, cobra.CompletionWithDesc(name, t.Meaning))
		}
	}
	return all
}
