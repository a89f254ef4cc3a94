// Command gendocs writes the parts of the documentation that code knows better: docs/keys.md, docs/rules/README.md,
// the head and source of each page of a rule, docs/compatibility.md and the JSON Schemas of .cupclint.yaml and of saved cases.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cupclint/export"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendocs DOCS-FOLDER")
		os.Exit(2)
	}
	for name, text := range map[string]string{"keys.md": keys(), "rules/README.md": rules(), "compatibility.md": compatibility(),
		"schema/config.schema.json": configSchema(), "schema/case.schema.json": caseSchema()} {
		if err := os.WriteFile(filepath.Join(os.Args[1], filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			fail(err)
		}
	}
	if err := rulePages(filepath.Join(os.Args[1], "rules")); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gendocs:", err)
	os.Exit(1)
}

const generated = "<!-- Written by go generate ./docs. Edit the table in %s instead. -->\n\n"

func keys() string {
	var b strings.Builder
	b.WriteString("# Keys\n\n")
	fmt.Fprintf(&b, generated, "export/keys")
	b.WriteString("cupclint reads every export into these keys. Upper and lower case do not matter in keys; values are used unchanged. " +
		"`{n}` stands for a " +
		"number\n" +
		"from 1. `cupclint keys` prints the same table.\n\n" +
		"For facts that are not in any export, cupclint has its own keys. Write these facts down yourself, in YAML, JSON or `key = value` " +
		"text.\n\n")
	section := ""
	for _, k := range export.Keys() {
		if head, _, _ := strings.Cut(k.Name, "."); head != section {
			section = head
			fmt.Fprintf(&b, "## %s\n\n", head)
		}
		fmt.Fprintf(&b, "### `%s`\n\n", k.Name)
		if k.Meaning != "" {
			b.WriteString(k.Meaning + "\n\n")
		}
		line := func(what, text string) {
			if text != "" {
				fmt.Fprintf(&b, "- %s: %s\n", what, text)
			}
		}
		if len(k.Sections) > 0 {
			line("section", codes(k.Sections)+" of jabber-config.xml")
		}
		line("type", typeOf(&k))
		line("values", codes(k.Values))
		if k.Default != "" {
			line("default", "`"+k.Default+"`")
		}
		line("versions", k.Versions)
		line("also known as", codes(k.Aliases))
		line("formats", k.Formats.String())
		if name := k.RegistryName(); name != "" {
			line("registry", "`"+name+"` below AdminData")
		}
		switch {
		case k.Gone:
			line("replaced by", "nothing: later clients do not read it")
		case k.ReplacedBy != export.NoKey:
			line("replaced by", "`"+k.ReplacedBy.String()+"`")
		}
		line("note", k.Note)
		line("source", k.Source)
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// typeOf is the type with its bounds.
func typeOf(k *export.Key) string {
	text := k.Type.String()
	switch {
	case k.Most > 0:
		text += fmt.Sprintf(", %d to %d", k.Least, k.Most)
	case k.Least > 0:
		text += fmt.Sprintf(", at least %d", k.Least)
	}
	if sep, ok := map[string]string{",": "commas", ";": "semicolons", " ": "blanks"}[k.Separator]; ok {
		text += ", separated by " + sep
	}
	return text
}

func codes(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "`" + strings.Join(words, "`, `") + "`"
}
