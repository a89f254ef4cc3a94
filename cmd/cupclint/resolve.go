package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/internal/report"
	"cupclint/resolve"
)

// A resolved address in JSON, published as docs/schema/resolve.schema.json.
type resolved struct {
	Node    string          `json:"node"`
	Domain  string          `json:"domain"`
	Address string          `json:"address"`
	Step    resolve.Step    `json:"step"`
	Verdict resolve.Verdict `json:"verdict"`
	Reason  string          `json:"reason"`
	Rules   []string        `json:"rules"`
}

func newResolved(a resolve.Address) resolved {
	rules := a.Rules()
	if rules == nil {
		rules = []string{} // [] and not null
	}
	return resolved{a.Node, a.Domain, a.Value, a.Step, a.Verdict(), a.Reason(), rules}
}

func newResolveCmd(env *environment) *cobra.Command {
	var domain, user, format string
	var check checkFlags
	cmd := &cobra.Command{
		Use:   "resolve NODE --domain DOMAIN | resolve -",
		Short: "Compute the presence address of a node name and a domain",
		Long: `Says which presence address a client of the SIP generation registers to, and why, step by step. Nothing is looked up, and the
values are taken byte for byte: case, blanks and dots count. With --check DNS is asked for the address, see cupclint dns.

With - one pair a line is read from standard input: node name, tab, domain. The line ends with LF or CR LF; all else belongs to
the values. Exit code 0 means that the command worked, whatever the verdict.`,
		Example: `  cupclint resolve cup1 --domain cisco.com
  cupclint resolve cups.cisco.com --domain CISCO.COM --user alice
  cupclint resolve cup1 --domain cisco.com --check           with the verdict of DNS
  printf 'cup1\tcisco.com\n' | cupclint resolve - --format jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch format {
			case "text", "json", "jsonl":
			default:
				return fmt.Errorf("unknown format %q: use text, json or jsonl", format)
			}
			if args[0] == "-" {
				if cmd.Flags().Changed("domain") {
					return errors.New("with - the domain comes from standard input, behind a tab")
				}
				if check.on {
					return errors.New("--check takes one pair: for many use cupclint dns --pairs -")
				}
				return resolveMany(env, format, user)
			}
			if !cmd.Flags().Changed("domain") {
				return errors.New("--domain is missing: the SIP proxy domain service parameter (it may be empty)")
			}
			if check.on {
				return checkAddress(cmd, env, &check, resolve.Presence(args[0], domain), format, user)
			}
			w := bufio.NewWriter(env.stdout)
			if err := writeAddress(w, resolve.Presence(args[0], domain), format, user); err != nil {
				return err
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringVarP(&domain, "domain", "d", "", "the SIP domain")
	cmd.Flags().StringVarP(&user, "user", "u", "user", "user part of the address")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or jsonl")
	check.add(cmd)
	return cmd
}

func writeAddress(w io.Writer, a resolve.Address, format, user string) error {
	if format != "text" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(newResolved(a))
	}
	fmt.Fprintf(w, "node name  %q\ndomain     %q\n\n", a.Node, a.Domain)
	for i, l := range a.Explain() {
		fmt.Fprintf(w, "  %d. %s\n     %s\n", i+1, report.Clean(l.Question), report.Clean(l.Answer))
	}
	if a.Value == "" {
		fmt.Fprintf(w, "  There is no node name, so there is no address.\n")
	} else {
		fmt.Fprintf(w, "\nregisters to  %s\n", report.Clean(a.For(user)))
	}
	fmt.Fprintf(w, "verdict       %s: %s\n", a.Verdict(), report.Clean(a.Reason()))
	if rules := a.Rules(); len(rules) > 0 {
		fmt.Fprintf(w, "rules         %s (cupclint explain %s)\n", strings.Join(rules, ", "), rules[0])
	}
	return nil
}

// maxLine bounds one pair on standard input, in bytes.
const maxLine = 1 << 20

// resolveMany answers each line in turn, so that a program can ask and wait for the answer. A line without a tab is an error that
// does not stop the others.
func resolveMany(env *environment, format, user string) error {
	in := bufio.NewScanner(env.stdin)
	in.Buffer(make([]byte, 64<<10), maxLine)
	out := bufio.NewWriter(env.stdout)
	code := exitClean
	number := 0
	if format == "json" {
		out.WriteString("[")
	}
	comma := ""
	for in.Scan() {
		number++
		node, domain, ok := strings.Cut(in.Text(), "\t")
		if !ok {
			out.Flush()
			env.complain(fmt.Errorf("standard input:%d: no tab between node name and domain", number))
			code = exitInput
			continue
		}
		if format == "json" {
			out.WriteString(comma)
			comma = ","
		}
		if err := writeAddress(out, resolve.Presence(node, domain), format, user); err != nil {
			return err
		}
		if format == "text" {
			out.WriteString("\n")
		}
	}
	if format == "json" {
		out.WriteString("]\n")
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := in.Err(); err != nil {
		return unreadable(fmt.Errorf("standard input:%d: %w (a line has at most %d bytes)", number+1, err, maxLine))
	}
	return exitWith(code)
}
