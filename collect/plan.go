package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/internal/lazy"
)

// Bounds of a request.
const (
	MaxAddresses = 64
	MaxUsers     = 20 // of --soap-for and of --look-at
)

// A Node is a server that is asked.
type Node struct {
	// Name is what the user typed or what a server named.
	Name string `json:"name"`
	Role Role   `json:"role,omitempty"`
	// Assumed says that the role is a guess: the first address is treated as the publisher of the call manager.
	Assumed bool `json:"assumed,omitempty"`
}

// A Request is what the user asks for. It holds no secret, and the manifest repeats it.
type Request struct {
	Nodes      []Node      `json:"nodes"`
	Interfaces []Interface `json:"interfaces"`
	// Found says which nodes that servers name are asked as well: publishers and presence servers, all, none, or names with commas between
	// them. Anyone who names a node agrees to its being contacted.
	Found string `json:"found"`
	// Yes lets found nodes be contacted without a question.
	Yes bool `json:"yes,omitempty"`
	// Users are the accounts of the interfaces that log in. An interface without one is left out.
	Users       map[Interface]string `json:"users,omitempty"`
	SOAPFor     []string             `json:"soapFor,omitempty"`
	LookAt      []string             `json:"lookAt,omitempty"`
	JabberFiles []string             `json:"jabberFiles,omitempty"`
	Domain      string               `json:"domain,omitempty"`
	Heavy       bool                 `json:"heavy,omitempty"`
	// Ports are other ports than the usual ones: of a forwarded connection.
	Ports map[int]int `json:"ports,omitempty"`
}

// Values of Request.Found.
const (
	FoundPublishers = "publishers"
	FoundAll        = "all"
	FoundNone       = "none"
)

// ParseNode reads HOST or HOST=ROLE.
func ParseNode(s string) (Node, error) {
	name, role, given := strings.Cut(s, "=")
	n := Node{Name: strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))}
	if !validHost(n.Name) {
		return n, fmt.Errorf("%q is not a host name or an address. Write HOST or HOST=ROLE, without a scheme, an account and a port",
			hostOnly(name))
	}
	if !given {
		return n, nil
	}
	switch role {
	case "cucm":
		n.Role = CUCMPublisher
	case "imp":
		n.Role = IMPPublisher
	default:
		n.Role = Role(role)
		if !slices.Contains([]Role{CUCMPublisher, CUCMSubscriber, IMPPublisher, IMPSubscriber}, n.Role) {
			return n, fmt.Errorf("unknown role %q of %s: use cucm-publisher, cucm-subscriber, imp-publisher or imp-subscriber", role, n.Name)
		}
	}
	return n, nil
}

// hostOnly leaves an account out of what was typed: there may be a password in it.
func hostOnly(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return "..." + s[i:]
	}
	return s
}

func validHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == "" && !strings.HasPrefix(s, "-") &&
		!strings.Contains(s, "..")
}

// A UserError is a name that cannot be put into a request.
type UserError struct{ Name string }

func (e *UserError) Error() string {
	return fmt.Sprintf("%q is not a user ID: letters, digits and . _ @ - are allowed", e.Name)
}

var (
	userID   = lazy.Pattern{Expr: `^[A-Za-z0-9][A-Za-z0-9._@-]{0,126}$`}
	fileName = lazy.Pattern{Expr: `^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}$`}
)

// Check reports what is wrong with a request. It fills in what is missing.
func (r *Request) Check() error {
	switch {
	case len(r.Nodes) == 0:
		return errors.New("no address")
	case len(r.Nodes) > MaxAddresses:
		return fmt.Errorf("%d addresses: at most %d", len(r.Nodes), MaxAddresses)
	}
	for i, n := range r.Nodes {
		if slices.ContainsFunc(r.Nodes[:i], func(o Node) bool { return o.Name == n.Name }) {
			return fmt.Errorf("%s is given twice", n.Name)
		}
	}
	if r.Nodes[0].Role == Unknown {
		r.Nodes[0].Role, r.Nodes[0].Assumed = CUCMPublisher, true
	}
	for flag, list := range map[string][]string{"--soap-for": r.SOAPFor, "--look-at": r.LookAt} {
		if len(list) > MaxUsers {
			return fmt.Errorf("%s: %d users: at most %d", flag, len(list), MaxUsers)
		}
		for _, u := range list {
			if !userID.Get().MatchString(u) {
				return fmt.Errorf("%s: %w", flag, &UserError{u})
			}
		}
	}
	for _, f := range r.JabberFiles {
		if !fileName.Get().MatchString(f) || len(f) > 200 {
			return fmt.Errorf("--jabber-file: %q is not the name of a file on a TFTP server", f)
		}
	}
	if r.Found == "" {
		r.Found = FoundPublishers
	}
	if err := r.checkFound(); err != nil {
		return err
	}
	if r.Domain == "" {
		if _, err := netip.ParseAddr(r.Nodes[0].Name); err != nil {
			if _, parent, ok := strings.Cut(r.Nodes[0].Name, "."); ok {
				r.Domain = parent
			}
		}
	}
	if r.Domain != "" && !validHost(r.Domain) {
		return fmt.Errorf("--domain: %q is not a domain", r.Domain)
	}
	return nil
}

// checkFound makes the names of Found lower case. A word without a dot is rather a slip of the pen than a node.
func (r *Request) checkFound() error {
	list := r.named()
	for i, name := range list {
		list[i] = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if !validHost(list[i]) || !strings.ContainsAny(list[i], ".:") {
			return fmt.Errorf("--nodes %q: use publishers, all or none, or the whole names of nodes with commas between them", hostOnly(r.Found))
		}
	}
	if len(list) > MaxAddresses {
		return fmt.Errorf("--nodes: %d nodes: at most %d", len(list), MaxAddresses)
	}
	if list != nil {
		r.Found = strings.Join(list, ",")
	}
	return nil
}

// named are the nodes of Found, nil where it is one of the words.
func (r *Request) named() []string {
	if r.Found == FoundPublishers || r.Found == FoundAll || r.Found == FoundNone {
		return nil
	}
	return strings.Split(r.Found, ",")
}

// uses reports whether the interface is asked for, and has an account where it needs one.
func (r *Request) uses(i Interface) bool {
	return slices.Contains(r.Interfaces, i) && (!i.LogsIn() || r.Users[i] != "") && (i != SOAP || len(r.SOAPFor) > 0) && (i != DNS ||
		r.Domain != "")
}

// each are the values that a step is repeated for; a step without a flag is taken once.
func (r *Request) each(s *Step) []string {
	switch s.Each {
	case "look-at":
		return r.LookAt
	case "soap-for":
		return r.SOAPFor
	case "jabber-file":
		return r.JabberFiles
	case "soap-any":
		if len(r.SOAPFor) == 0 {
			return nil
		}
	}
	return []string{""}
}

// port is the port that is dialled in the place of a usual one.
func (r *Request) port(usual int) int {
	if p := r.Ports[usual]; p != 0 {
		return p
	}
	return usual
}

// fill puts names into a text of the table.
func fill(text, node, value string) string {
	host := node
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return strings.NewReplacer("{node}", host, "{domain}", node, "{user}", value, "{file}", value).Replace(text)
}

// place is the file of a step, below the folder.
func place(s *Step, node, value string) string {
	return strings.NewReplacer("{node}", pathName(node), "{domain}", pathName(node), "{user}", pathName(value), "{file}",
		pathName(value)).Replace(s.File)
}

// pathName makes a part of a path of a name from anywhere: lower case, and only letters, digits, dots and hyphens. A name that only
// differs in what is replaced gets its hash.
func pathName(s string) string {
	lower := strings.ToLower(s)
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '@' {
			return r
		}
		return '_'
	}, lower)
	safe = strings.TrimLeft(safe, ".")
	if safe == "" || safe != lower || len(safe) > 80 {
		sum := sha256.Sum256([]byte(s))
		safe = safe[:min(len(safe), 60)] + "_" + hex.EncodeToString(sum[:4])
	}
	return safe
}

// A Row is one request of the plan.
type Row struct {
	Node      string    `json:"node"`
	Interface Interface `json:"interface"`
	Step      string    `json:"step"`
	// What is the literal request.
	What string `json:"what"`
	// Account is who logs in; empty for no one.
	Account string `json:"account,omitempty"`
	Level   *int   `json:"level,omitempty"`
	LimitMs int64  `json:"limitMs"`
	// If says what it depends on.
	If string `json:"if,omitempty"`
}

// A Plan is all that a run may ask.
type Plan struct {
	Rows  []Row    `json:"requests"`
	Notes []string `json:"notes,omitempty"`
}

// Plan lists the requests. It contacts no one.
func (r *Request) Plan() *Plan {
	p := &Plan{}
	for _, i := range Interfaces() {
		if !r.uses(i) {
			continue
		}
		nodes := r.Nodes
		switch i {
		case DNS:
			nodes = []Node{{Name: r.Domain}}
		case AXL:
			nodes = nodes[:1]
			for _, n := range r.Nodes {
				if n.Role == CUCMPublisher {
					nodes = []Node{n}
					break
				}
			}
		}
		for _, n := range nodes {
			p.add(r, i, n)
		}
	}
	switch {
	case !slices.ContainsFunc(r.Interfaces, Interface.LogsIn) || r.Found == FoundNone:
		p.Notes = append(p.Notes, "No other node is contacted.")
	case r.named() != nil:
		p.Notes = append(p.Notes, fmt.Sprintf("Where axl.listProcessNode or cli.show-network-cluster names them, these are asked the same "+
			"requests by their role, with the same accounts: %s (--nodes).", strings.Join(r.named(), ", ")))
	case r.Yes:
		p.Notes = append(p.Notes, fmt.Sprintf("Nodes that axl.listProcessNode and cli.show-network-cluster name are asked the same requests "+
			"by their role, with the same accounts (--yes, --nodes %s).", r.Found))
	default:
		p.Notes = append(p.Notes, "A node that axl.listProcessNode or cli.show-network-cluster names and that is not listed above is not "+
			"contacted unless you agree on the terminal or give --yes.")
	}
	for _, i := range r.Interfaces {
		if i.LogsIn() && r.Users[i] == "" {
			p.Notes = append(p.Notes, fmt.Sprintf("%s is left out: no account is given for it.", i))
		}
	}
	if slices.Contains(r.Interfaces, SOAP) && r.Users[SOAP] != "" && len(r.SOAPFor) == 0 {
		p.Notes = append(p.Notes, "soap is left out: --soap-for names no user.")
	}
	return p
}

func (p *Plan) add(r *Request, i Interface, n Node) {
	for _, s := range Steps() {
		if s.Interface != i || s.Heavy && !r.Heavy {
			continue
		}
		yes, maybe := s.asks(n.Role)
		if s.Roles == "domain" {
			yes = true
		}
		if !yes && !maybe {
			continue
		}
		for _, value := range r.each(&s) {
			row := Row{Node: n.Name, Interface: i, Step: s.ID, What: fill(s.Text, n.Name, value), Account: r.Users[i],
				LimitMs: s.Limit.Milliseconds()}
			if !i.LogsIn() {
				row.Account = ""
			}
			if s.Level >= 0 {
				level := s.Level
				row.Level = &level
			}
			row.If = conditions(&s, n, yes)
			p.Rows = append(p.Rows, row)
		}
	}
}

func conditions(s *Step, n Node, sure bool) string {
	var list []string
	if !sure && s.Interface.LogsIn() {
		list = append(list, "the node is "+s.Roles)
	}
	if s.Unless != "" {
		list = append(list, s.Unless+" gives nothing")
	}
	if s.Since != "" {
		list = append(list, "the AXL schema is "+s.Since+" or later")
	}
	return strings.Join(list, ", ")
}

// Hash identifies the plan: two plans with the same hash ask the same.
func (p *Plan) Hash() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Accounts lists the accounts of the plan with the number of password attempts that each may take: one for each interface and node.
func (p *Plan) Accounts() map[string]int {
	seen := map[string]bool{}
	out := map[string]int{}
	for _, r := range p.Rows {
		key := string(r.Interface) + "\x00" + r.Node + "\x00" + r.Account
		if r.Account != "" && !seen[key] {
			seen[key] = true
			out[r.Account]++
		}
	}
	return out
}

// joinPort is host:port with brackets around an IPv6 address.
func joinPort(host string, port int) string { return net.JoinHostPort(host, fmt.Sprint(port)) }

// limit is the time for a step: that of the table, or what the user gave.
func limit(s *Step, own time.Duration) time.Duration {
	if own > 0 {
		return own
	}
	return s.Limit
}
