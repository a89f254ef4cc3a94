package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/collect"
	"cupclint/export"
	"cupclint/internal/loginbudget"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/internal/secret"
)

// A certificateMemory is the file of certificates that a person accepted: host:port, tab, fingerprint.
type certificateMemory struct{ name string }

// maxCertificates bounds it, in bytes.
const maxCertificates = 1 << 20

func (c certificateMemory) read(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	text, err := safefile.Read(ctx, c.name, maxCertificates)
	if errors.Is(err, os.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the accepted certificates: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		where, print, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok {
			out[where] = print
		}
	}
	return out, nil
}

func (c certificateMemory) add(where, print string) error {
	known, err := c.read(context.Background())
	if err != nil {
		return err
	}
	known[where] = print
	if err := os.MkdirAll(filepath.Dir(c.name), 0o700); err != nil {
		return err
	}
	return safefile.Write(c.name, 0o600, func(w io.Writer) error {
		for _, where := range slices.Sorted(maps.Keys(known)) {
			if _, err := fmt.Fprintf(w, "%s\t%s\n", where, known[where]); err != nil {
				return err
			}
		}
		return nil
	})
}

// A credentialLine is a line of --credentials.
type credentialLine struct {
	of      collect.Interface // empty for all
	account string
	node    string // empty for all
	secret  loginbudget.Secret
}

func (f *collectFlags) readCredentials(ctx context.Context, env *environment) error {
	if f.credentials == "" {
		return nil
	}
	text, err := env.readFile(ctx, f.credentials, maxCredentials, "the credentials")
	if err != nil {
		return unreadable(fmt.Errorf("read the file that --credentials names: %w", unnamed(err)))
	}
	in := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; in.Scan(); number++ {
		account, password, ok := strings.Cut(strings.TrimSuffix(in.Text(), "\r"), "\t")
		switch {
		case strings.TrimSpace(account) == "" && !ok, strings.HasPrefix(account, "#"):
			continue
		case !ok || account == "" || password == "": // never show the line: it may hold a password
			return unreadable(&export.Error{File: f.credentials, Line: number, Column: 1,
				Err: errors.New("the line is not an account, a tab and a password")})
		case swapped(account, password): // what a plan shows as the account would be the password
			return unreadable(&export.Error{File: f.credentials, Line: number, Column: 1,
				Err: errors.New("the columns may be in the wrong order: write the account first, then a tab and the password")})
		}
		l := credentialLine{account: account, secret: loginbudget.NewSecret(password)}
		if of, rest, ok := strings.Cut(account, ":"); ok && collect.Interface(of).LogsIn() {
			l.of, l.account = collect.Interface(of), rest
		}
		if name, node, ok := strings.Cut(l.account, "@"); ok && l.of == collect.CLI {
			l.account, l.node = name, strings.ToLower(node)
		}
		f.lines = append(f.lines, l)
	}
	return nil
}

// swapped reports a line whose first column looks like a password and whose second looks like an account with its domain.
func swapped(first, second string) bool {
	name, domain, ok := strings.Cut(second, "@")
	return ok && name != "" && strings.Contains(domain, ".") && !strings.ContainsAny(second, " !$%&/()=?*+#:;,") &&
		!strings.Contains(first, "@") && secret.Value(first, secret.Weak)
}

// secret finds the password of an account: in the file, in the flags of its interface, in those of all, or from a prompt, which is asked
// once for each account.
func (f *collectFlags) secret(ctx context.Context, env *environment, view *collectView, i collect.Interface, node,
	user string) (loginbudget.Secret, error) {
	best, weight := loginbudget.Secret{}, 0
	for _, l := range f.lines {
		w := 1
		if l.of == i {
			w++
		}
		if l.node != "" {
			w += 2
		}
		short, _, _ := strings.Cut(node, ".")
		if strings.EqualFold(l.account, user) && (l.of == "" || l.of == i) && (l.node == "" || l.node == node || l.node == short) && w > weight {
			best, weight = l.secret, w
		}
	}
	if best.Set() {
		return best, nil
	}
	from, variable := &f.password, "CUPCLINT_COLLECT_PASSWORD"
	if own := f.passwords[i]; own.given() {
		from = own
	} else if *f.users[i] != "" && f.user != "" && *f.users[i] != f.user {
		from, variable = own, "" // the password of another account
	}
	key := from.prefix + "\x00" + user
	if s, ok := f.asked[key]; ok {
		return s, nil
	}
	view.pause()
	defer view.resume()
	s, err := from.read(ctx, env, variable, "Password of "+report.Clean(user)+" ("+string(i)+")")
	if err == nil {
		f.asked[key] = s
	}
	return s, err
}
