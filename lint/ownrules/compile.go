package ownrules

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/internal/nearest"
	"cupclint/lint"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v3"
)

// builtins of the expression language that rules may use. All others are off: they give the time, make lists without bounds, or
// give values of any type.
var builtins = [...]string{"all", "any", "none", "one", "filter", "map", "count", "len", "lower", "upper", "trim", "trimPrefix",
	"trimSuffix", "split"}

// Builtins lists the functions of the expression language that rules may use.
func Builtins() []string { return builtins[:] }

// A program is a compiled expression, with its place in the configuration.
type program struct {
	code   *vm.Program
	nodes  int
	keys   []string // that it asks for, in the order of the text
	node   *yaml.Node
	offset int // of the expression in the scalar, in code points
}

// A problem is a mistake in an expression.
type problem struct {
	offset int // in code points
	err    error
}

// compile compiles an expression. want is reflect.Bool, or reflect.Invalid for a value that can be shown.
func compile(text string, each Each, want reflect.Kind) (*program, []problem) {
	if len(text) > maxExpression {
		return nil, []problem{{0, fmt.Errorf("the expression has %d bytes; at most %d are allowed", len(text), maxExpression)}}
	}
	g := &guard{each: each, names: make(map[string]*Name)}
	all := Names()
	for i := range all {
		g.names[all[i].Name] = &all[i]
	}
	options := []expr.Option{
		expr.Env(newEvaluator(each).env), expr.DisableAllBuiltins(), expr.MaxNodes(maxNodes), expr.Patch(g),
	}
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	if want == reflect.Bool {
		options = append(options, expr.AsBool(), expr.WarnOnAny())
	}
	code, err := expr.Compile(text, options...)
	problems := g.problems
	if err != nil {
		if p := g.explain(err, text); !slices.ContainsFunc(problems, func(q problem) bool { return q.offset == p.offset }) {
			problems = append(problems, p)
		}
	} else if want == reflect.Invalid && !showable(code.Node().Type()) {
		problems = append(problems, problem{0,
			fmt.Errorf("the value is a %s: a message shows texts, numbers and lists of texts", code.Node().Type())})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	slices.SortStableFunc(g.keys, func(a, b keyAt) int { return a.at - b.at })
	p := &program{code: code, nodes: g.nodes}
	for _, k := range g.keys {
		if !slices.Contains(p.keys, k.key) {
			p.keys = append(p.keys, k.key)
		}
	}
	return p, nil
}

func showable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		return true
	}
	return t == reflect.TypeFor[[]string]() || t == reflect.TypeFor[[]any]()
}

// at is the place of a character of the expression in the configuration.
func (p *program) at(src *source, offset int) lint.Origin { return src.within(p.node, p.offset+offset) }

// A guard looks at every node of an expression: it refuses what rules may not do, notes the keys, and puts the counting of steps in.
type guard struct {
	each     Each
	names    map[string]*Name
	nodes    int
	keys     []keyAt
	problems []problem
}

type keyAt struct {
	key string
	at  int
}

func (g *guard) refuse(n ast.Node, format string, args ...any) {
	at := n.Location().From
	if !slices.ContainsFunc(g.problems, func(p problem) bool { return p.offset == at }) { // one mistake at a place is enough
		g.problems = append(g.problems, problem{at, fmt.Errorf(format, args...)})
	}
}

// Visit is called for the parts of a node before the node itself.
func (g *guard) Visit(node *ast.Node) {
	g.nodes++
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.ConditionalNode,
		*ast.VariableDeclaratorNode, *ast.ArrayNode, *ast.UnaryNode:
	case *ast.IdentifierNode:
		if strings.HasPrefix(n.Value, "$") || strings.HasPrefix(n.Value, "_") {
			g.refuse(n, "unknown name %q", n.Value)
		}
	case *ast.PointerNode:
		if n.Name != "" && n.Name != "index" {
			g.refuse(n, "unknown name %q", "#"+n.Name)
		}
	case *ast.BinaryNode:
		g.binary(node, n)
	case *ast.MemberNode:
		if k := n.Node.Type().Kind(); k != reflect.Slice || n.Optional {
			g.refuse(n, "only lists have members, as in list(\"Presence.Domain\")[0]")
		}
	case *ast.SliceNode:
	case *ast.CallNode:
		g.call(n)
	case *ast.BuiltinNode:
		g.builtin(n)
	case *ast.PredicateNode:
		g.loop(n)
	default:
		g.refuse(n, "rules do not have %s", strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."), "Node")))
	}
}

// binary refuses operators whose cost has no bound, and has the others counted that walk over a list or make a text.
func (g *guard) binary(node *ast.Node, n *ast.BinaryNode) {
	left, right := n.Left.Type(), n.Right.Type()
	switch n.Operator {
	case "..", "**", "^", "??":
		g.refuse(n, "rules do not have the operator %s", n.Operator)
	case "==", "!=":
		if left.Kind() == reflect.Slice || right.Kind() == reflect.Slice {
			g.refuse(n, "lists are not compared: join them, or compare their members")
		}
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			g.refuse(n.Right, "the pattern of matches must be a text in quotes")
		}
	case "in":
		if _, written := n.Right.(*ast.ArrayNode); !written && right.Kind() == reflect.Slice {
			g.replace(node, "_in", n.Left, n.Right)
		}
	case "+":
		if left.Kind() == reflect.String && right.Kind() == reflect.String {
			g.replace(node, "_plus", n.Left, n.Right)
		}
	}
}

func (g *guard) replace(node *ast.Node, function string, args ...ast.Node) {
	nature := *(*node).Nature()
	callee := &ast.IdentifierNode{Value: function}
	callee.SetLocation((*node).Location())
	ast.Patch(node, &ast.CallNode{Callee: callee, Arguments: args})
	(*node).SetNature(nature)
}

func (g *guard) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		g.refuse(n, "only a function by its name can be called")
		return
	}
	name := g.names[callee.Value]
	switch {
	case name == nil || !name.Function():
		g.refuse(n, "%s", g.unknown(callee.Value, true))
		return
	case !slices.Contains(name.Each, g.each):
		g.refuse(n, "%s", g.elsewhere(name))
		return
	}
	for i, arg := range n.Arguments {
		if name.list(i) && arg.Type().Kind() != reflect.Slice {
			g.refuse(arg, "%s needs a list", name.Form)
		}
		text, written := arg.(*ast.StringNode)
		check := name.check[i]
		if check == nil || !written {
			continue
		}
		if err := check(text.Value); err != nil {
			g.refuse(arg, "%w", err)
		} else if name.key() {
			g.keys = append(g.keys, keyAt{text.Value, arg.Location().From})
		}
	}
	if name.key() && g.each == Deployment && len(n.Arguments) > 0 {
		if _, written := n.Arguments[0].(*ast.StringNode); !written {
			g.refuse(n.Arguments[0], "with each: deployment, a key must be a text in quotes: it is looked up while the exports are read")
		}
	}
	if callee.Value == "presenceAddress" {
		g.keys = append(g.keys, keyAt{"Presence.Primary.Address", n.Location().From})
	}
}

// key reports whether the first argument is a key.
func (n *Name) key() bool { return strings.Contains(n.Form, "(key)") }

// list reports whether a parameter is a list.
func (n *Name) list(i int) bool {
	_, parameters, _ := strings.Cut(strings.TrimSuffix(n.Form, ")"), "(")
	words := strings.Split(parameters, ", ")
	return i < len(words) && (words[i] == "list" || words[i] == "entries")
}

func (g *guard) builtin(n *ast.BuiltinNode) {
	if !slices.Contains(builtins[:], n.Name) {
		g.refuse(n, "%s", g.unknown(n.Name, true))
	}
}

// loop has every round of a loop counted.
func (g *guard) loop(n *ast.PredicateNode) {
	inside := &counter{}
	ast.Walk(&n.Node, inside)
	step := &ast.CallNode{Callee: &ast.IdentifierNode{Value: "_step"}, Arguments: []ast.Node{&ast.IntegerNode{Value: inside.nodes}}}
	for _, part := range []ast.Node{step, step.Callee, step.Arguments[0]} {
		part.SetLocation(n.Location())
	}
	body := &ast.SequenceNode{Nodes: []ast.Node{step, n.Node}}
	body.SetLocation(n.Location())
	body.SetNature(*n.Node.Nature())
	n.Node = body
}

type counter struct{ nodes int }

func (c *counter) Visit(*ast.Node) { c.nodes++ }

// explain turns an error of the language into one of ours.
func (g *guard) explain(err error, text string) problem {
	at, ok := errors.AsType[*file.Error](err)
	if !ok {
		return problem{0, fmt.Errorf("%s", firstLine(err.Error()))}
	}
	if at.Line > 0 { // only the place by line is always set
		at.From = offsetOf(text, at.Line, at.Column)
	}
	message := firstLine(at.Message)
	if name, found := strings.CutPrefix(message, "unknown name "); found {
		if n := g.names[name]; n != nil && !slices.Contains(n.Each, g.each) {
			message = g.elsewhere(n)
		} else {
			message = g.unknown(name, n != nil && n.Function())
		}
	}
	return problem{at.From, errors.New(message)}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}

// offsetOf counts the code points in front of a line, counted from 1, and a column, counted from 0.
func offsetOf(text string, line, column int) int {
	offset := 0
	for l := range strings.Lines(text) {
		if line--; line == 0 {
			break
		}
		offset += utf8.RuneCountInString(l)
	}
	return offset + column
}

func (g *guard) unknown(name string, called bool) string {
	var known []string
	for _, n := range g.names {
		if slices.Contains(n.Each, g.each) && n.Function() == called {
			known = append(known, n.Name)
		}
	}
	if called {
		known = append(known, builtins[:]...)
	}
	slices.Sort(known)
	if near := nearest.Word(name, known); near != "" {
		return fmt.Sprintf("unknown %s %q: did you mean %q?", map[bool]string{false: "variable", true: "function"}[called], name, near)
	}
	if called {
		return fmt.Sprintf("unknown function %q: docs/own-rules.md lists those that rules have", name)
	}
	return fmt.Sprintf("unknown variable %q: a rule with each: %s has %s", name, g.each, strings.Join(known, ", "))
}

func (g *guard) elsewhere(n *Name) string {
	words := make([]string, len(n.Each))
	for i, each := range n.Each {
		words[i] = "each: " + string(each)
	}
	return fmt.Sprintf("%s is only for rules with %s; this one has each: %s", n.Form, strings.Join(words, " or "), g.each)
}
