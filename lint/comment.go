package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cupclint/export"
)

// A Comment is a suppression in an export, next to what it is about:
//
//	# cupclint: ignore RULE[,RULE...] [expires=DATE] [owner=NAME] REASON
//	# cupclint: ignore-file RULE[,RULE...] [expires=DATE] [owner=NAME] REASON
type Comment struct {
	File string `json:"file"`
	// Line and Column are its own place.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Rules are the IDs of the rules.
	Rules  []string `json:"rules"`
	Reason string   `json:"reason"`
	// Expires is the last day on which it counts, in UTC; empty for ever.
	Expires string `json:"expires,omitempty"`
	Owner   string `json:"owner,omitempty"`
	// From and To are the first and the last place of the findings that it is about; both are zero where it is about the whole file.
	From export.Spot `json:"from,omitzero"`
	To   export.Spot `json:"to,omitzero"`
}

// about reports whether the comment is next to a finding of its file.
func (c *Comment) about(fd *Finding) bool {
	if c.From.Line == 0 {
		return true
	}
	at := export.Spot{Line: fd.Line, Column: fd.Column}
	return fd.Line > 0 && !at.Before(c.From) && !c.To.Before(at)
}

// aboutSecrets are the rules that no comment silences: a person who can write to a file must not be able to hide a
// secret in it. The configuration can silence them.
var aboutSecrets = [...]string{"CRED008", "CRED009", "JAB009", "TFTP107"}

// notByComment says why a rule cannot be silenced by a comment, or "".
func notByComment(id string) string {
	switch {
	case slices.Contains(aboutSecrets[:], id):
		return "a comment cannot suppress a finding about a secret: use suppress in .cupclint.yaml"
	case id == UnusedSuppression || id == ExpiredSuppression || id == InvalidSuppression:
		return "a comment cannot suppress a finding about a suppression"
	}
	return ""
}

// parseComment reads what follows "cupclint:". rules are all that can be named.
func parseComment(text string, rules []*Rule) (c Comment, wholeFile bool, err error) {
	verb := export.Verb(text)
	switch verb {
	case "ignore":
	case "ignore-file":
		wholeFile = true
	default:
		return c, false, fmt.Errorf("%q is unknown: write \"cupclint: ignore RULE reason\" or \"cupclint: ignore-file RULE reason\"", verb)
	}
	rest := strings.TrimLeft(text, " \t")[len(verb):]
	if rest, err = c.takeRules(rest, rules); err != nil {
		return c, false, err
	}
	for {
		rest = strings.TrimLeft(rest, " \t")
		word, after, _ := strings.Cut(rest, " ")
		key, value, ok := strings.Cut(word, "=")
		switch {
		case ok && strings.EqualFold(key, "expires"):
			c.Expires = value
			if value == "" {
				return c, false, errors.New("expires is empty: write the last day as 2027-03-31")
			}
			if _, err := validityOf(value, time.Time{}); err != nil {
				return c, false, err
			}
		case ok && strings.EqualFold(key, "owner"):
			c.Owner = value
		default:
			c.Reason = reasonOf(rest)
			if c.Reason == "" {
				return c, false, errors.New("the reason is missing: write after the rule why the finding is accepted")
			}
			return c, wholeFile, c.checkReason(rules)
		}
		rest = after
	}
}

// takeRules reads rules with commas between them and returns the rest.
func (c *Comment) takeRules(rest string, rules []*Rule) (string, error) {
	for more := true; more; {
		rest = strings.TrimLeft(rest, " \t:")
		end := strings.IndexAny(rest, " \t,")
		if end < 0 {
			end = len(rest)
		}
		name := strings.TrimRight(rest[:end], ":;")
		rest = strings.TrimLeft(rest[end:], " \t")
		if rest, more = strings.CutPrefix(rest, ","); more && strings.TrimLeft(rest, " \t,") == "" {
			more = false
		}
		if name == "" {
			return rest, errors.New("the rule is missing: name the rules whose findings are accepted, separated by commas")
		}
		r, err := Find(rules, name)
		if err != nil {
			return rest, err
		}
		if why := notByComment(r.ID); why != "" {
			return rest, fmt.Errorf("%s: %s", r.ID, why)
		}
		if !slices.Contains(c.Rules, r.ID) {
			c.Rules = append(c.Rules, r.ID)
		}
	}
	return rest, nil
}

// checkReason refuses a reason that begins with a rule: a comma was forgotten.
func (c *Comment) checkReason(rules []*Rule) error {
	word, _, _ := strings.Cut(c.Reason, " ")
	if r, err := Find(rules, strings.TrimRight(word, ",;:.")); err == nil {
		return fmt.Errorf("%s is where the reason should begin: separate rules by commas", r.ID)
	}
	return nil
}

// reasonOf takes off what people write in front of a reason.
func reasonOf(text string) string {
	text = strings.Trim(text, " \t-\u2013\u2014:;,")
	if rest, ok := cutFold(text, "reason"); ok && (rest == "" || strings.IndexByte(" \t:=-", rest[0]) >= 0) {
		text = strings.Trim(rest, " \t-:=\"'")
	}
	if strings.IndexFunc(text, func(r rune) bool { return r > ' ' && r != '-' && r != '.' && r != '*' && r != '?' }) < 0 {
		return ""
	}
	return text
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// comments are those of the exports of a run.
type comments struct {
	any atomic.Bool // most runs have none

	mu   sync.RWMutex
	file map[string][]*comment
}

type comment struct {
	Comment
	validity
	used []atomic.Bool // as Rules
}

// AddComments makes suppressions in comments count for the findings that come after.
func (f *Filter) AddComments(list ...Comment) {
	if len(list) == 0 {
		return
	}
	f.comments.mu.Lock()
	defer f.comments.mu.Unlock()
	if f.comments.file == nil {
		f.comments.file = make(map[string][]*comment)
	}
	for i := range list {
		c := &comment{Comment: list[i], used: make([]atomic.Bool, len(list[i].Rules))}
		var err error
		if c.validity, err = validityOf(c.Expires, f.policy.clock()); err != nil {
			c.validity = expired
		}
		f.comments.file[c.File] = append(f.comments.file[c.File], c)
	}
	f.comments.any.Store(true)
}

// Comments returns the suppressions in comments by file and place.
func (f *Filter) Comments() []Comment {
	var list []Comment
	f.comments.mu.RLock()
	defer f.comments.mu.RUnlock()
	for _, of := range f.comments.file {
		for _, c := range of {
			list = append(list, c.Comment)
		}
	}
	slices.SortFunc(list, func(a, b Comment) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return list
}

// byComment returns the comment that silences a finding, or nil.
func (f *Filter) byComment(fd *Finding) *comment {
	if !f.comments.any.Load() || f.policy.showAll || notByComment(fd.Rule) != "" {
		return nil
	}
	f.comments.mu.RLock()
	defer f.comments.mu.RUnlock()
	var by *comment
	for _, c := range f.comments.file[fd.File] {
		i := slices.Index(c.Rules, fd.Rule)
		if i < 0 || c.validity == expired || !c.about(fd) {
			continue
		}
		c.used[i].Store(true)
		by = c
	}
	return by
}

// reviewedComments does for comments what reviewed does for the configuration.
func (f *Filter) reviewedComments() (found []Finding) {
	for _, of := range f.comments.file {
		for _, c := range of {
			for i, id := range c.Rules {
				found = append(found, f.reviewedComment(c, id, c.used[i].Load())...)
			}
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return Compare(&a, &b) })
	return found
}

func (f *Filter) reviewedComment(c *comment, id string, used bool) (found []Finding) {
	of := f.rules[id]
	if of == nil {
		return nil // the rule is off, or does not run
	}
	name := fmt.Sprintf("the comment that suppresses %s (%s)", of.ID, of.Name)
	about := strings.Join([]string{id, c.Reason}, "\x00")
	add := func(fd Finding) {
		fd.File, fd.Line, fd.Column, fd.EndLine, fd.EndColumn = c.File, c.Line, c.Column, c.Line, c.Column
		fd.Evidence = reviewEvidence(c.Reason, c.Owner)
		fd.Kind = ExportKind // it is in one export
		found = append(found, fd)
	}
	if r := f.rules[ExpiredSuppression]; r != nil && c.validity != valid {
		add(expiryFinding(r, about, name, c.Expires, c.validity))
	}
	if r := f.rules[UnusedSuppression]; r != nil && !used && c.validity != expired && !f.policy.showAll {
		where := "next to it"
		if c.From.Line == 0 {
			where = "in this file"
		}
		fd := r.New(about, "%s matches no finding %s", name, where)
		fd.Fix = "Remove the comment, or move it to the line before the setting that it is about."
		add(fd)
	}
	return found
}

// CommentsOf returns the suppressions in the comments of an export, which may name these rules. Those that are wrong are left out: a run of
// lint reports them.
func CommentsOf(e *export.Export, rules []*Rule) []Comment {
	return eachComment(e, rules, func(*export.Remark, error) {})
}

func eachComment(e *export.Export, rules []*Rule, wrong func(*export.Remark, error)) (list []Comment) {
	remarks, more := e.Remarks()
	for i := range remarks {
		r := &remarks[i]
		if r.Misplaced != "" {
			wrong(r, errors.New(r.Misplaced))
			continue
		}
		c, wholeFile, err := parseComment(r.Text, rules)
		if err != nil {
			wrong(r, err)
			continue
		}
		c.File, c.Line, c.Column = strings.Clone(e.File), r.At.Line, r.At.Column
		if !wholeFile {
			c.From, c.To = r.From, r.To
		}
		list = append(list, c)
	}
	if more {
		wrong(&remarks[len(remarks)-1],
			fmt.Errorf("only %d comments are used in one file, and this is the first one after them", export.MaxRemarks))
	}
	return list
}

// comments takes the suppressions in the comments of the current export, and reports those that are wrong.
func (w *worker) comments() {
	w.filter.AddComments(eachComment(w.input.Export, w.filter.named(), w.wrongComment)...)
}

// wrongComment reports a comment that was meant to suppress something and does not.
func (w *worker) wrongComment(r *export.Remark, err error) {
	if w.invalid == nil {
		return
	}
	w.input.rule = w.invalid
	pl := w.input.PlaceAt(r.At)
	pl.value = r.Text
	f := pl.Finding("this comment suppresses nothing: %v", err)
	f.Fix = `Write "cupclint: ignore RULE reason" in a comment on the line before the setting, or remove the comment.`
	w.keep(&f)
}
