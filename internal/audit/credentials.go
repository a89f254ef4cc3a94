package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
	"cupclint/internal/platform"
)

// A Credential is the password of one account, which counts without regard to case.
type Credential struct {
	Account  string
	Password loginbudget.Secret
	Line     int // in the file that it comes from
}

// ReadCredentials reads a file of passwords: a line each, account, tab, password. A line that begins with # is a comment. An error is an
// *export.Error with the place; it never shows the line, which may hold a password.
func ReadCredentials(name string, text []byte) ([]Credential, error) {
	var out []Credential
	lines := bufio.NewScanner(bytes.NewReader(platform.Text(text)))
	for number := 1; lines.Scan(); number++ {
		account, password, ok := strings.Cut(strings.TrimSuffix(lines.Text(), "\r"), "\t")
		switch {
		case strings.TrimSpace(account) == "" && !ok, strings.HasPrefix(account, "#"):
			continue
		case !ok || account == "" || password == "":
			return nil, &export.Error{File: name, Line: number, Column: 1, Err: errors.New("the line is not an account, a tab and a password")}
		}
		out = append(out, Credential{Account: account, Password: loginbudget.NewSecret(password), Line: number})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the credentials from %s: %w", name, err)
	}
	return out, nil
}

// Give hands the password to every target that logs in with the account, and reports whether there is one.
func (p *Plan) Give(c Credential) bool { return give(logins(p.Tasks()), c, true) }

// Lacking lists the accounts of an area whose password is not known, each once.
func (p *Plan) Lacking(area string) []string {
	var missing []string
	for _, l := range logins(p.Of(area)) {
		if !l.Secret.Set() && *l.User != "" && !hasFold(missing, *l.User) {
			missing = append(missing, *l.User)
		}
	}
	return missing
}

// GiveLacking hands the password to the targets of an area that log in with the account and have none.
func (p *Plan) GiveLacking(area string, c Credential) { give(logins(p.Of(area)), c, false) }

func give(logins []area.Login, c Credential, replace bool) (used bool) {
	for _, l := range logins {
		if strings.EqualFold(*l.User, c.Account) && (replace || !l.Secret.Set()) {
			*l.Secret, used = c.Password, true
		}
	}
	return used
}

// logins are the accounts of the tasks that log in at all.
func logins(tasks []area.Task) (out []area.Login) {
	for _, t := range tasks {
		if l := t.Login(); l.User != nil && !l.Anonymous {
			out = append(out, l)
		}
	}
	return out
}

func hasFold(list []string, s string) bool {
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return true
		}
	}
	return false
}
