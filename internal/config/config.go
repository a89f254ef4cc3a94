// Package config reads the program's own configuration. It gets a working directory, an environment and flags and returns checked
// settings, each from the strongest place that has it: flags, then CUPCLINT_* variables, then .cupclint.yaml, then the default.
// An error about a wrong setting says where the setting is and what was probably meant.
//
// Viper merges the places. It folds the case of keys and forgets positions, so the file's YAML nodes are read in addition:
// they give the positions, and the values in which case and order matter (globs, keys, reasons). No export is ever read
// through this package, and it never writes.
package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cupclint/internal/nearest"
	"cupclint/internal/safefile"
	"cupclint/lint"
	"cupclint/lint/ownrules"
	"cupclint/resolve"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// FileName is the name of the configuration file, and otherName the one that is taken as well.
const (
	FileName  = ".cupclint.yaml"
	otherName = ".cupclint.yml"
)

// maxFile bounds the configuration file, in bytes.
const maxFile = 1 << 20

// noDelimiter splits viper's keys at a byte that YAML forbids, so that a key with dots stays one key.
const noDelimiter = "\x00"

// Config is the checked configuration.
type Config struct {
	// File is the configuration file as shown to the user, or empty when there is none.
	File    string
	FailOn  string // "error", "warning", "info" or Never
	Formats []string
	Output  string
	Color   string // "auto", "always" or "never"
	Jobs    int    // 0 for one per processor
	// CertificateDays is the number of days before the expiry of a certificate in which it is reported; 0 for never.
	CertificateDays int
	// RuleURL is the address of the page of a rule, with RuleMark for its ID; empty for none.
	RuleURL string
	// Folder is the real folder of the configuration file; empty when there is none.
	Folder string
	// byFile holds the keys whose value is the file's.
	byFile  map[string]bool
	sources *sources
	// Policy holds what is set about rules, paths and findings.
	Policy *lint.Policy
	// Rules are those of Options, then those of the file; Own are the latter, or nil.
	Rules []*lint.Rule
	Own   *ownrules.Set
}

// ByFile reports whether the configuration file decides on a key. The file may come from a repository that others write to.
func (c *Config) ByFile(key string) bool { return c.byFile[key] }

// RuleMark stands for the ID of a rule in Config.RuleURL.
const RuleMark = "{rule}"

// RulePage is the address of the page of a rule, or "" where the configuration has none.
func (c *Config) RulePage(rule string) string {
	for _, r := range c.Own.Rules() {
		if r.ID == rule {
			return r.URL // an own rule is not in the pages of the project
		}
	}
	return strings.ReplaceAll(c.RuleURL, RuleMark, url.PathEscape(rule))
}

func checkRuleURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(s, RuleMark, "PRES001"))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(s, " <>\"\\^`|"):
		return fmt.Errorf("%q is not a valid address: it must begin with https:// or http:// and a host name, without a user name", s)
	case !strings.Contains(s, RuleMark):
		return fmt.Errorf("%q has no %s for the ID of the rule", s, RuleMark)
	}
	return nil
}

// CertificateSoon is CertificateDays as the live checks take it: negative for never.
func (c *Config) CertificateSoon() time.Duration {
	const most = 100_000 // days; more do not fit into a duration
	if c.CertificateDays == 0 {
		return -1
	}
	return time.Duration(min(c.CertificateDays, most)) * 24 * time.Hour
}

// Options is what Load looks at.
type Options struct {
	// WorkDir is the absolute working directory: where the search for the file begins.
	WorkDir string
	// Context ends the wait for a configuration file that is a pipe; nil waits for ever.
	Context context.Context
	// Path is the value of --config; empty means CUPCLINT_CONFIG, else search.
	Path string
	// Getenv looks into the environment.
	Getenv func(string) string
	// Flags whose name is a key win over all else where they were set. May be nil.
	Flags *pflag.FlagSet
	// Rules is the whole catalogue.
	Rules []*lint.Rule
	// Formats lists the formats that findings can be written in; nil leaves them unchecked.
	Formats []string
	// ShowSuppressed lets no suppression silence anything.
	ShowSuppressed bool
	// Now is the time that the dates of suppressions are compared with; zero means the time of the call.
	Now time.Time
}

// An Error is a setting that is wrong. What Load returns joins these and *lint.SettingError.
type Error struct {
	// At is where: file:line:column, a variable, or a flag.
	At  string
	Err error
}

func (e *Error) Error() string { return e.At + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Load finds, reads and checks the configuration.
func Load(o Options) (*Config, error) {
	path, named, err := locate(o)
	if err != nil {
		return nil, err
	}
	if o.Context == nil {
		o.Context = context.Background()
	}
	c := &Config{Rules: o.Rules}
	settings := lint.Settings{Base: o.WorkDir, WorkDir: o.WorkDir, ShowSuppressed: o.ShowSuppressed, Now: o.Now}
	v := viper.NewWithOptions(viper.KeyDelimiter(noDelimiter))
	keys := keysFor(o, c)
	c.sources = &sources{path: "searched", keys: keys, merged: v, from: map[string]string{}, at: map[string]lint.Origin{}}
	switch {
	case o.Path != "":
		c.sources.path = "--config"
	case named:
		c.sources.path = "CUPCLINT_CONFIG"
	}
	var problems []error
	if path != "" {
		c.File = shown(o, path)
		settings.Base = filepath.Dir(path)
		c.Folder = settings.Base
		problems = readFile(o.Context, v, path, named, document{name: c.File, keys: keys, settings: &settings, config: c, at: c.sources.at})
	}
	c.byFile = make(map[string]bool)
	for _, k := range keys {
		c.byFile[k.Name] = v.InConfig(k.Name)
	}
	problems = append(problems, merge(v, keys, o, c.byFile, c.sources.from)...)
	c.sources.Settings = settings
	if err := c.take(v, &settings); err != nil {
		problems = append(problems, err)
	}
	policy, err := lint.NewPolicy(c.Rules, settings)
	if err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	c.Policy = policy
	return c, nil
}

// locate returns the absolute path of the configuration file, or "", and whether the user named it.
func locate(o Options) (path string, byUser bool, err error) {
	named, by := o.Path, "--config"
	if named == "" {
		named, by = o.Getenv("CUPCLINT_CONFIG"), "CUPCLINT_CONFIG"
	}
	if named != "" {
		if !filepath.IsAbs(named) {
			named = filepath.Join(o.WorkDir, named)
		}
		if _, err := os.Stat(named); err != nil {
			return "", false, &Error{At: by, Err: err}
		}
		return named, true, nil
	}
	for dir := o.WorkDir; ; dir = filepath.Dir(dir) {
		path, err := lookIn(dir)
		if err != nil || path != "" {
			return path, false, err
		}
		if filepath.Dir(dir) == dir {
			return "", false, nil
		}
	}
}

// lookIn returns the configuration file of a folder, or "". Two of them are an error, and so is a file that looks like one.
func lookIn(dir string) (string, error) {
	found := ""
	for _, name := range [...]string{FileName, otherName} {
		path := filepath.Join(dir, name)
		_, err := os.Stat(path)
		switch {
		case err == nil && found != "":
			return "", &Error{At: path, Err: fmt.Errorf("%s is in the same folder. Only one of the two is read, so remove the other one", FileName)}
		case err == nil:
			found = path
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
			return "", &Error{At: path, Err: err}
		}
	}
	for _, name := range nearMisses {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && !info.IsDir() && mistaken(path) {
			return "", &Error{At: path, Err: fmt.Errorf("the configuration file is named %s: rename this one, or name it with --config", FileName)}
		}
	}
	return found, nil
}

// nearMisses are the names that people give a configuration file and that are not looked for.
var nearMisses = [...]string{".cupclint.json", ".cupclint.toml", ".cupclint", ".cupclintrc", "cupclint.yaml", "cupclint.yml"}

// mistaken reports whether a file is meant as the configuration: by its name if it is hidden, else by a key of the configuration in it.
func mistaken(path string) bool {
	if strings.HasPrefix(filepath.Base(path), ".") {
		return true
	}
	head, err := safefile.Head(path, nearMissHead)
	if err != nil {
		return false
	}
	keys := Keys()
	for line := range bytes.Lines(head) {
		key, _, found := bytes.Cut(line, []byte(":"))
		if found && slices.ContainsFunc(keys, func(k Key) bool { return k.Sources&File != 0 && k.Name == string(key) }) {
			return true
		}
	}
	return false
}

// nearMissHead is how much is read of a file that may be meant as the configuration, in bytes.
const nearMissHead = 64 << 10

// shown returns the path as messages show it: as given, else relative to the working directory.
func shown(o Options, path string) string {
	if o.Path != "" {
		return filepath.ToSlash(o.Path)
	}
	if rel, err := filepath.Rel(o.WorkDir, path); err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// readFile checks the file's keys and hands it to viper.
func readFile(ctx context.Context, v *viper.Viper, path string, named bool, d document) []error {
	var text []byte
	var err error
	if named { // which may be a pipe
		text, err = safefile.Read(ctx, path, maxFile)
	} else {
		text, err = safefile.ReadFound(path, maxFile)
	}
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // At has the name already
		}
		return []error{&Error{At: d.name, Err: err}}
	}
	if d.check(text); len(d.problems) > 0 {
		return d.problems
	}
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(text)); err != nil {
		return []error{&Error{At: d.name, Err: err}}
	}
	return nil
}

// keysFor returns the table of keys with what depends on the program that loads, and on the rules that c has at the end.
func keysFor(o Options, c *Config) []Key {
	keys := Keys()
	for i := range keys {
		switch keys[i].Name {
		case "format":
			if o.Formats != nil {
				keys[i].item = func(format string) error {
					name, _, _ := strings.Cut(format, "=") // FORMAT=FILE
					return oneOf(name, o.Formats)
				}
			}
		case "only", "enable", "disable":
			keys[i].item = func(name string) error {
				_, err := lint.Select(c.Rules, name)
				return err
			}
		}
	}
	return keys
}

// merge lays the environment over the file and the flags over both.
func merge(v *viper.Viper, keys []Key, o Options, byFile map[string]bool, from map[string]string) []error {
	var problems []error
	for _, k := range keys {
		if k.Default != "" {
			v.SetDefault(k.Name, k.Default)
		}
		lay := func(at string, values []string, set func() error) {
			for _, value := range values {
				if err := k.check(value); err != nil {
					problems = append(problems, &Error{At: at, Err: err})
					return
				}
			}
			byFile[k.Name], from[k.Name] = false, at
			if err := set(); err != nil {
				problems = append(problems, &Error{At: at, Err: err})
			}
		}
		if value := o.Getenv(k.Variable()); k.Sources&Environment != 0 && value != "" {
			lay(k.Variable(), []string{value}, func() error {
				return v.MergeConfigMap(map[string]any{k.Name: value})
			})
		}
		if k.Sources&Flag == 0 || o.Flags == nil {
			continue
		}
		if f := o.Flags.Lookup(k.Name); f != nil && f.Changed {
			values := []string{f.Value.String()}
			if list, ok := f.Value.(pflag.SliceValue); ok {
				values = list.GetSlice()
			}
			lay("--"+k.shown(), values, func() error { return v.BindPFlag(k.Name, f) })
		}
	}
	return problems
}

// check checks a value that came as text.
func (k *Key) check(value string) error {
	switch {
	case k.Type == Word:
		return oneOf(value, k.Values)
	case k.Type == Number:
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return fmt.Errorf("%q is not a whole number, 0 or more", value)
		}
	case k.item != nil:
		for _, word := range splitWords(value) {
			if err := k.item(word); err != nil {
				return err
			}
		}
	}
	return nil
}

func oneOf(value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	if near := nearest.Word(value, values); near != "" {
		return fmt.Errorf("unknown value %q: did you mean %q?", value, near)
	}
	return fmt.Errorf("unknown value %q: use %s", value, strings.Join(values, ", "))
}

// take reads the merged values.
func (c *Config) take(v *viper.Viper, s *lint.Settings) error {
	c.FailOn = v.GetString("fail-on")
	c.Formats = words(v, "format")
	c.Output = v.GetString("output")
	c.Color = v.GetString("color")
	c.Jobs = v.GetInt("jobs")
	c.CertificateDays = v.GetInt("certificate-days")
	c.RuleURL = v.GetString("rule-url")
	if err := checkRuleURL(c.RuleURL); err != nil {
		return &Error{At: "rule-url", Err: err}
	}
	s.Profile = v.GetString("profile")
	s.Only, s.Enable, s.Disable = words(v, "only"), words(v, "enable"), words(v, "disable")
	if g := v.GetString("generation"); g != "" {
		generation, err := resolve.ParseGeneration(g)
		if err != nil {
			return &Error{At: "generation", Err: err}
		}
		s.Generation = generation
	}
	return nil
}

// words reads a list, whose items may be lists with commas themselves.
func words(v *viper.Viper, key string) []string {
	var list []string
	for _, item := range v.GetStringSlice(key) {
		list = append(list, splitWords(item)...)
	}
	return list
}

func splitWords(text string) []string {
	var list []string
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}
