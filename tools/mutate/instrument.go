package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one small change.
type mutant struct {
	id    int
	where string // file:line:column
	what  string // as "x < y becomes x <= y"
}

// edit inserts a text, or replaces the bytes from offset to until with it. Those around a node come in pairs.
type edit struct {
	offset, until int
	text          string
	opens         bool // is the first of a pair
	partner       int  // the offset of the other one
	number        int  // of the mutant
}

//go:embed helpers.go.txt
var helpers string

// overlay writes the changed files, and the file for go build -overlay that has them take the place of the package's own. It gives the name
// of that.
func (s *source) overlay(work string) (string, error) {
	replace := map[string]string{}
	put := func(path, text string) error {
		to := filepath.Join(work, filepath.Base(path))
		replace[path] = to
		return os.WriteFile(to, []byte(text), 0o600)
	}
	for _, f := range s.files {
		if err := put(f.path, f.changed()); err != nil {
			return "", err
		}
	}
	text := strings.NewReplacer("PACKAGE", s.types.Name(), "COUNT", fmt.Sprint(s.next)).Replace(helpers)
	if err := put(filepath.Join(s.dir, "zz_mutants.go"), text); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(work, "overlay.json")
	return name, os.WriteFile(name, data, 0o600)
}

// changed is the text of the file with all edits.
func (f *file) changed() string {
	slices.SortFunc(f.edits, func(a, b edit) int {
		switch {
		case a.offset != b.offset:
			return a.offset - b.offset
		case a.opens != b.opens && a.opens: // what ends here ends before the next begins
			return 1
		case a.opens != b.opens:
			return -1
		case a.partner != b.partner: // what ends later begins first, and what began later ends first
			return b.partner - a.partner
		case a.opens: // around one node: what was found first is further out
			return a.number - b.number
		}
		return b.number - a.number
	})
	var out strings.Builder
	at := 0
	for _, e := range f.edits {
		out.Write(f.text[at:e.offset])
		out.WriteString(e.text)
		at = max(e.offset, e.until)
	}
	out.Write(f.text[at:])
	return out.String()
}

// instrument finds the mutants of the package and notes the edits for all of them.
func (s *source) instrument() []mutant {
	var all []mutant
	for _, f := range s.files {
		w := &finder{source: s, file: f}
		ast.PreorderStack(f.syntax, nil, w.visit)
		all = append(all, w.mutants...)
	}
	return all
}

// finder walks over a file and makes the edits.
type finder struct {
	*source
	file    *file
	mutants []mutant
	stack   []ast.Node // around the node that is looked at
}

// visit finds the mutants of a node, and says whether there may be more inside it.
func (w *finder) visit(n ast.Node, stack []ast.Node) bool {
	w.stack = stack
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.BlockStmt:
		w.statements(n.List)
	case *ast.CaseClause:
		w.statements(n.Body)
	case *ast.CommClause:
		w.statements(n.Body)
	case *ast.ReturnStmt:
		w.returns(n)
	case *ast.IfStmt:
		w.condition(n.Cond)
	case *ast.ForStmt:
		w.condition(n.Cond)
	case *ast.BinaryExpr:
		if !w.constant(n) {
			w.binary(n)
		}
	}
	if e, ok := n.(ast.Expr); ok {
		return !w.constant(e)
	}
	return true
}

// constant says that the compiler computes the value, and so nothing can be put in its place.
func (w *finder) constant(e ast.Expr) bool { return w.info.Types[e].Value != nil }

// statements removes statements, and turns the ones that count around.
func (w *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && !w.panics(call) {
				w.remove(s)
			}
		case *ast.DeferStmt, *ast.SendStmt, *ast.GoStmt:
			w.remove(s)
		case *ast.BranchStmt:
			if s.Tok == token.BREAK || s.Tok == token.CONTINUE {
				w.remove(s)
			}
		case *ast.IncDecStmt:
			other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[s.Tok]
			w.instead(s, w.text(w.file, s.X)+other)
		case *ast.AssignStmt:
			w.assignment(s)
		}
	}
}

func (w *finder) assignment(s *ast.AssignStmt) {
	other := map[token.Token]string{
		token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+=", token.MUL_ASSIGN: "/=", token.QUO_ASSIGN: "*=", token.AND_ASSIGN: "|=",
		token.OR_ASSIGN: "&=",
	}[s.Tok]
	switch {
	case s.Tok == token.DEFINE:
	case other != "" && number(w.info.TypeOf(s.Lhs[0])):
		w.instead(s, w.text(w.file, s.Lhs[0])+" "+other+" "+w.text(w.file, s.Rhs[0]))
	default:
		for _, to := range s.Lhs {
			if id, ok := to.(*ast.Ident); ok && id.Name == "_" {
				return
			}
		}
		w.remove(s)
	}
}

func (w *finder) panics(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "panic" && w.info.Uses[id] == types.Universe.Lookup("panic")
}

// returns puts zero values in the place of what a function returns.
func (w *finder) returns(s *ast.ReturnStmt) {
	results := w.signature().Results()
	if len(s.Results) != results.Len() {
		return // none, or those of a call
	}
	for i, e := range s.Results {
		t := results.At(i).Type()
		if isBool(t) {
			if _, ok := e.(*ast.BinaryExpr); !ok || w.constant(e) { // the others are mutants of their own
				w.negate(e)
			}
			continue
		}
		if w.zero(e) {
			continue
		}
		if name, ok := w.typeName(t); ok {
			w.wrap(e, fmt.Sprintf("mutantZero[%s](%d, ", name, w.next), "returns "+w.short(e)+": returns the zero value")
		}
	}
}

// signature is that of the function around.
func (w *finder) signature() *types.Signature {
	for _, n := range slices.Backward(w.stack) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return w.info.Defs[n.Name].Type().(*types.Signature)
		case *ast.FuncLit:
			return w.info.TypeOf(n).(*types.Signature)
		}
	}
	panic("a return outside of functions")
}

// typeName writes a type as the file can, if it can.
func (w *finder) typeName(t types.Type) (string, bool) {
	known := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == w.types {
			return ""
		}
		name := w.file.imports[p.Path()]
		known = known && name != "" && name != "_" && name != "."
		return name
	})
	if named, ok := t.(interface{ Obj() *types.TypeName }); ok && named.Obj().Parent() != nil {
		scope := named.Obj().Parent()
		known = known && (scope == types.Universe || named.Obj().Pkg() != nil && scope == named.Obj().Pkg().Scope())
	}
	return name, known
}

// zero says that an expression is the zero value as it is written.
func (w *finder) zero(e ast.Expr) bool {
	v := w.info.Types[e]
	if v.IsNil() {
		return true
	}
	if literal, ok := e.(*ast.CompositeLit); ok && len(literal.Elts) == 0 {
		return true
	}
	switch {
	case v.Value == nil:
		return false
	case v.Value.Kind() == constant.String:
		return constant.StringVal(v.Value) == ""
	}
	return constant.Sign(v.Value) == 0
}

// condition turns a condition around that is not a comparison; those are mutants of their own.
func (w *finder) condition(e ast.Expr) {
	if e == nil {
		return
	}
	if _, ok := ast.Unparen(e).(*ast.BinaryExpr); !ok {
		w.negate(e)
	}
}

func (w *finder) negate(e ast.Expr) {
	if isBool(w.info.TypeOf(e)) {
		w.wrap(e, fmt.Sprintf("mutantNot(%d, ", w.next), w.short(e)+": the opposite")
	}
}

var (
	boundaries = map[token.Token][2]string{
		token.LSS: {"Less", "<="}, token.LEQ: {"LessEqual", "<"}, token.GTR: {"More", ">="}, token.GEQ: {"MoreEqual", ">"},
	}
	arithmetic = map[token.Token][2]string{
		token.ADD: {"Add", "-"}, token.SUB: {"Subtract", "+"}, token.MUL: {"Multiply", "/"}, token.QUO: {"Divide", "*"},
	}
)

func (w *finder) binary(e *ast.BinaryExpr) {
	if boundary, ok := boundaries[e.Op]; ok {
		w.negate(e)
		w.call(e, boundary)
	}
	if operation, ok := arithmetic[e.Op]; ok && number(w.info.TypeOf(e)) {
		w.call(e, operation)
	}
	switch e.Op {
	case token.EQL, token.NEQ:
		w.negate(e)
	case token.LAND:
		w.drop(e.X, "True", e)
		w.drop(e.Y, "True", e)
	case token.LOR:
		w.drop(e.X, "False", e)
		w.drop(e.Y, "False", e)
	}
}

// drop leaves one side of a condition out.
func (w *finder) drop(side ast.Expr, how string, whole *ast.BinaryExpr) {
	if inner, ok := side.(*ast.BinaryExpr); ok && inner.Op == whole.Op || w.constant(side) || !isBool(w.info.TypeOf(side)) {
		return // a && b && c: its parts are dropped one by one
	}
	w.wrap(side, fmt.Sprintf("mutant%s(%d, ", how, w.next), fmt.Sprintf("%s %s: always %s", whole.Op, w.short(side), strings.ToLower(how)))
}

// call puts a function in the place of an operator.
func (w *finder) call(e *ast.BinaryExpr, f [2]string) {
	at := w.offset(e.OpPos)
	w.file.edits = append(w.file.edits, edit{offset: at, until: at + len(e.Op.String()), text: ",", opens: true, number: w.next})
	w.wrap(e, fmt.Sprintf("mutant%s(%d, ", f[0], w.next), fmt.Sprintf("%s: %s instead of %s", w.short(e), f[1], e.Op))
}

func (w *finder) remove(s ast.Stmt) {
	w.around(s, fmt.Sprintf("if mutantKeep(%d) { ", w.next), " }", w.short(s)+": removed")
}

func (w *finder) instead(s ast.Stmt, other string) {
	w.around(s, fmt.Sprintf("if mutantOn(%d) { %s } else { ", w.next, other), " }",
		w.short(s)+": "+strings.Join(strings.Fields(other), " ")+" instead")
}

func (w *finder) wrap(e ast.Expr, before, what string) { w.around(e, before, ")", what) }

// around notes a mutant, and puts texts before and after a node. What is put around the same node later comes inside.
func (w *finder) around(n ast.Node, before, after, what string) {
	from, to := w.offset(n.Pos()), w.offset(n.End())
	w.file.edits = append(w.file.edits,
		edit{offset: from, text: before, opens: true, partner: to, number: w.next},
		edit{offset: to, text: after, partner: from, number: w.next})
	at := w.fset.Position(n.Pos())
	name := filepath.Base(at.Filename)
	w.mutants = append(w.mutants, mutant{id: w.next, where: fmt.Sprintf("%s:%d:%d", name, at.Line, at.Column), what: what})
	w.next++
}

func (w *finder) offset(p token.Pos) int { return w.fset.Position(p).Offset }

// text is a node as it is written.
func (s *source) text(f *file, n ast.Node) string {
	return string(f.text[s.fset.Position(n.Pos()).Offset:s.fset.Position(n.End()).Offset])
}

// short is the beginning of a node's text, on one line.
func (w *finder) short(n ast.Node) string {
	text := []rune(strings.Join(strings.Fields(w.text(w.file, n)), " "))
	if len(text) > 60 {
		text = append(text[:57], '.', '.', '.')
	}
	return string(text)
}

// isBool says that a type is bool itself: functions that stand for a condition give no other one.
func isBool(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func number(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}
