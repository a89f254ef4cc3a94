package cli

import (
	"bufio"
	"bytes"
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
	var domain, user, format, generation, failOn string
	var check checkFlags
	cmd := &cobra.Command{
		Use:   "resolve NODE --domain DOMAIN | resolve -",
		Short: "Compute the presence address of a node name and a domain",
		Long: `Says which presence address a client of the SIP generation registers to, and why, step by step. Nothing is looked up, and the
values are taken byte for byte: case, blanks and dots count. With --check DNS is asked for the address, see cupclint dns.

With - one pair a line is read from standard input: node name, tab, domain. The line ends with LF or CR LF; all else belongs to
the values.

Exit code 1 means that a verdict is wrong. It is 0 with --generation xmpp, because the steps are those of the SIP generation (1.2 to 7.x), and
with --fail-on never.`,
		Example: `  cupclint resolve cup1 --domain cisco.com
  cupclint resolve cups.cisco.com --domain CISCO.COM --user alice
  cupclint resolve cup1 --domain cisco.com --check           with the verdict of DNS
  printf 'cup1\tcisco.com\n' | cupclint resolve - --format jsonl`,
		Args: takes(1, 1, "name one node, or - for pairs of node name and domain from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch format {
			case "text", "json", "jsonl":
			default:
				return fmt.Errorf("unknown format %q: use text, json or jsonl", format)
			}
			fails := true
			if generation != "" {
				g, err := resolve.ParseGeneration(generation)
				if err != nil {
					return fmt.Errorf("--generation: %w", err)
				}
				fails = g == resolve.SIP
			}
			switch failOn {
			case "error", "warning", "info":
			case "never":
				fails = false
			default:
				return fmt.Errorf("--fail-on: unknown value %q: use error, warning, info, never", failOn)
			}
			if args[0] == "-" {
				if cmd.Flags().Changed("domain") {
					return errors.New("with - the domain comes from standard input, after a tab")
				}
				if check.on {
					return errors.New("--check takes one pair: for many use cupclint dns --pairs -")
				}
				return resolveMany(env, format, user, fails)
			}
			if !cmd.Flags().Changed("domain") {
				return errors.New("--domain is missing: the SIP proxy domain service parameter (it may be empty)")
			}
			if check.on {
				return checkAddress(cmd, env, &check, resolve.Presence(hideTyped(args[0]), hideTyped(domain)), format, user)
			}
			w := bufio.NewWriter(env.stdout)
			a := resolve.Presence(hideTyped(args[0]), hideTyped(domain))
			width := env.width
			if format != "text" {
				width = 0
			}
			err := folded(w, width, func(w io.Writer) error { return writeAddress(w, a, format, user) })
			if err := errors.Join(err, w.Flush()); err != nil {
				return err
			}
			return exitWith(verdictCode(a, fails))
		},
	}
	cmd.Flags().StringVarP(&domain, "domain", "d", "", "the SIP domain")
	cmd.Flags().StringVarP(&user, "user", "u", "user", "user part of the address")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or jsonl")
	cmd.Flags().StringVar(&generation, "generation", "",
		"client generation: sip (1.2 to 7.x), xmpp (8.x and Jabber), whose clients append nothing (default sip)")
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "error, warning, info: exit with 1 when a verdict is wrong; never: exit with 0")
	mainFlags.put(cmd, "domain", "user", "generation", "fail-on")
	outputFlags.put(cmd, "format")
	check.add(cmd)
	return cmd
}

// verdictCode is exitFindings for an address that is wrong, where that counts.
func verdictCode(a resolve.Address, fails bool) int {
	if fails && a.Verdict() == resolve.Wrong {
		return exitFindings
	}
	return exitClean
}

func writeAddress(w io.Writer, a resolve.Address, format, user string) error {
	if format != "text" {
		enc := json.NewEncoder(report.SafeJSON(w))
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
	if a.Problems&(resolve.AppendedToFQDN|resolve.CaseMismatch) != 0 {
		fmt.Fprintln(w, "holds for     clients of the SIP generation (1.2 to 7.x); from 8.x on, and in Jabber, a node name in another domain "+
			"is a supported design")
	}
	if rules := a.Rules(); len(rules) > 0 {
		fmt.Fprintf(w, "rules         %s (cupclint explain %s)\n", strings.Join(rules, ", "), rules[0])
	}
	return nil
}

// maxLine bounds one pair on standard input, in bytes.
const maxLine = 1 << 20

// resolveMany answers each line in turn. What was answered goes out before the next line is waited for, so that a program can ask
// and read the answer. A line that is not a pair is an error that does not stop the others.
func resolveMany(env *environment, format, user string, fails bool) error {
	in := bufio.NewReaderSize(env.stdin, maxLine)
	out := bufio.NewWriter(env.stdout)
	code := exitClean
	open, comma, end := "", "", ""
	if format == "json" {
		open, comma, end = "[", ",", "]\n"
	}
	out.WriteString(open)
	first := true
	for number := 1; ; number++ {
		if ready, _ := in.Peek(in.Buffered()); bytes.IndexByte(ready, '\n') < 0 {
			if err := out.Flush(); err != nil { // before a wait
				return err
			}
		}
		line, err := nextLine(in)
		if err == io.EOF {
			break
		}
		var node, domain string
		if err == nil {
			var ok bool
			if node, domain, ok = strings.Cut(line, "\t"); !ok {
				err = errNoTab
			}
		}
		if err != nil {
			out.Flush()
			env.complain(fmt.Errorf("standard input:%d: %w", number, err))
			code = exitInput
			if err == errNoTab || err == errLongLine {
				continue
			}
			break
		}
		if !first {
			out.WriteString(comma)
		}
		first = false
		a := resolve.Presence(hideTyped(node), hideTyped(domain))
		if err := writeAddress(out, a, format, user); err != nil {
			return err
		}
		code = max(code, verdictCode(a, fails)) // an unreadable line outweighs a verdict
		if format == "text" {
			out.WriteString("\n")
		}
	}
	out.WriteString(end)
	if err := out.Flush(); err != nil {
		return err
	}
	return exitWith(code)
}

// What can be wrong with a line of pairs.
var (
	errNoTab          = errors.New("no tab between node name and domain")
	errLongLine error = longLineError{}
)

type longLineError struct{}

func (longLineError) Error() string { return fmt.Sprintf("a line has at most %d bytes", maxLine) }

// nextLine reads a line without its end, LF or CR LF. A line that is too long is read over. The last line needs no end.
func nextLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		for err == bufio.ErrBufferFull {
			_, err = in.ReadSlice('\n')
		}
		return "", errLongLine
	}
	if err != nil && (err != io.EOF || len(line) == 0) {
		return "", err
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r"))), nil
}
