// Package cluster plays the web interfaces of a small cluster: AXL, UDS, the Client Configuration Web Service and the files of a TFTP
// server.
//
// In come the nodes, the accounts, what the database holds, and which misbehaviours are wanted, each a switch; out come handlers of HTTP,
// and a record of everything that was sent. The package opens no socket. Every secret that it gives away is a word of its own, so that a
// test can look for it.
//
// What it answers follows the AXL schemas and guide, the DevNet pages on UDS and on the Client Configuration Web Service.
package cluster

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Switch is one way to differ from a good server.
type Switch string

// The switches.
const (
	AXLForbidden    Switch = "axl-403"           // the account has no role for AXL
	AXLMissing      Switch = "axl-404"           // the service is not active
	AXLVersionPage  Switch = "axl-599"           // the namespace of version 1.0 is answered with the list of schemas
	AXLBusyTwice    Switch = "axl-503-twice"     // the first two requests are turned away
	AXLBusy         Switch = "axl-503"           // all of them
	AXLForgets      Switch = "axl-session-ends"  // the session ends once: 404
	AXLNoCookie     Switch = "axl-no-cookie"     // no session at all
	AXLTooLarge     Switch = "axl-too-large"     // a page of 500 is too large; the fault suggests fewer
	AXLMemory       Switch = "axl-memory"        // the first list fails because memory is short
	AXLCut          Switch = "axl-cut"           // an answer ends in the middle
	AXLSilent       Switch = "axl-silent"        // no answer to a list
	AXLRank         Switch = "axl-5003"          // user rank hides users and groups
	AXLSchema85     Switch = "axl-8.5"           // the schemas of release 8.5, which know no roles of nodes
	AXLSchema105    Switch = "axl-10.5"          // the schemas of release 10.5
	AXLNilOld       Switch = "axl-nil-old"       // xsi:nil with its namespace on each element without a value, as before 14
	AXLNilNew       Switch = "axl-nil-new"       // with the namespace on the response, as from 14 on
	SOAPNoLogout    Switch = "soap-no-logout"    // the description has no log-out
	SOAPRefused     Switch = "soap-refused"      // log-in: HTTP 200 and a text
	SOAPFault       Switch = "soap-fault"        // log-in: a fault
	SOAPPage        Switch = "soap-500"          // log-in: an HTML page
	SOAPKeepsOpen   Switch = "soap-logout-fails" // the log-out is refused
	SOAPExpired     Switch = "soap-key-expired"  // get-all-config: the key is no longer valid
	SOAPHalfEmpty   Switch = "soap-half-empty"   // get-all-config: every second property is an element without a value
	UDSOld          Switch = "uds-old"           // no capabilities in the version
	UDSShortNames   Switch = "uds-short-names"   // servers without their domain
	UDSBusy         Switch = "uds-503"
	UDSUserBusy     Switch = "uds-503-user" // only for clusterUser
	UDSDiffer       Switch = "uds-differ"   // the subscriber has an older version and knows only itself
	UDSRefused      Switch = "uds-403"
	UDSUnknown      Switch = "uds-401"
	FilesMissing    Switch = "files-404"       // jabber-config.xml is not there
	FilesPage       Switch = "files-html"      // an HTML page in its place
	FilesBOM        Switch = "files-bom"       // with a byte order mark
	FilesLarge      Switch = "files-large"     // 2 MB
	FilesHTTPSOnly  Switch = "files-no-6970"   // nothing listens on 6970
	FilesTFTPOnly   Switch = "files-no-http"   // nor on 6972
	FilesDiffer     Switch = "files-differ"    // the subscriber has another file
	FilesOneNode    Switch = "files-one-node"  // only the first node has files
	FilesOtherCase  Switch = "files-case"      // Jabber-Config.xml in the place of jabber-config.xml
	TFTPLoses       Switch = "tftp-loses"      // every third packet is lost once
	TFTPPlain       Switch = "tftp-plain"      // options are not understood
	SPDefaultSecret Switch = "spdefault"       // SPDefault.cnf.xml is there, and a password in it
	CertExpired     Switch = "cert-expired"    // the certificate has expired
	CertOld         Switch = "cert-sha1"       // RSA with 1024 bits, signed with SHA-1
	CertShort       Switch = "cert-short-name" // the only name is the host name without its domain
	CertOther       Switch = "cert-other-name" // the only name is that of another host
	CertTLS10       Switch = "cert-tls-1.0"    // RSA, and TLS 1.0 with an RSA key exchange
)

// Switches lists all of them.
func Switches() []Switch {
	return []Switch{
		AXLForbidden, AXLMissing, AXLVersionPage, AXLBusyTwice, AXLBusy, AXLForgets, AXLNoCookie, AXLTooLarge, AXLMemory,
		AXLCut, AXLSilent, AXLRank, AXLSchema85, AXLSchema105, AXLNilOld, AXLNilNew, SOAPNoLogout, SOAPRefused, SOAPFault,
		SOAPPage, SOAPKeepsOpen, SOAPExpired, SOAPHalfEmpty, UDSOld, UDSShortNames, UDSBusy, UDSUserBusy, UDSDiffer, UDSRefused, UDSUnknown,
		FilesMissing, FilesPage, FilesBOM, FilesLarge, FilesHTTPSOnly, FilesTFTPOnly, FilesDiffer, FilesOneNode,
		FilesOtherCase, TFTPLoses, TFTPPlain, SPDefaultSecret, CertExpired, CertOld, CertShort, CertOther, CertTLS10,
	}
}

// A Node is a server of the cluster.
type Node struct {
	Name string
	// Role is cucm or imp; the first of each is the publisher.
	Role string
}

// A Record is one record of the database: paths of elements and their texts, in the order of the schema.
type Record [][2]string

// Config says what the cluster is.
type Config struct {
	Nodes []Node
	// Version is what getCCMVersion says; Schemas are the AXL schemas that are taken, the oldest first.
	Version string
	Schemas []string
	// User may read by AXL, App log in to the client configuration service.
	User, Password       string
	AppUser, AppPassword string
	// Records are the answers of AXL: of a list by its operation, of executeSQLQuery by the query.
	Records map[string][]Record
	// Users are the answers of the client configuration service.
	Users map[string]string
	// Files are what TFTP servers give.
	Files    map[string]string
	Switches []Switch
}

// A Request is what a node was sent.
type Request struct {
	Node, Method, Path string
	// What is the operation of AXL, or the request of the client configuration service.
	What string
	// Password says that the request had one; SQL and Body are what else it had.
	Password  bool
	SQL, Body string
}

// A Cluster answers. Its methods may be called from any goroutine.
type Cluster struct {
	config Config
	// Canaries are the secrets that the cluster gives away.
	canaries map[string]string

	mu       sync.Mutex
	requests []Request
	faults   []string // what no good client sends
	cookies  map[string]bool
	keys     map[string]string // open sessions of the client configuration service, and whose
	most     int               // requests of AXL at the same time
	running  []*underWay       // requests of AXL
	busy     int
	once     map[Switch]bool
}

// New makes a cluster.
func New(c Config) *Cluster {
	switch {
	case slices.Contains(c.Switches, AXLSchema85):
		c.Version, c.Schemas = "8.5.1.10000-26", []string{"1.0", "6.0", "7.0", "7.1", "8.0", "8.5"}
		// Presence servers are not members of the cluster yet.
		c.Records = maps.Clone(c.Records)
		c.Records["listProcessNode"] = slices.DeleteFunc(slices.Clone(c.Records["listProcessNode"]), func(r Record) bool {
			role, _ := r.get("processNodeRole")
			return role == "CUCM IM and Presence"
		})
	case slices.Contains(c.Switches, AXLSchema105):
		c.Version, c.Schemas = "10.5.2.10000-5", []string{"8.5", "9.0", "9.1", "10.0", "10.5"}
	}
	return &Cluster{config: c, canaries: map[string]string{}, cookies: map[string]bool{}, keys: map[string]string{}, once: map[Switch]bool{}}
}

func (c *Cluster) is(s Switch) bool { return slices.Contains(c.config.Switches, s) }

// first reports whether a switch is on and was not asked before.
func (c *Cluster) first(s Switch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.is(s) || c.once[s] {
		return false
	}
	c.once[s] = true
	return true
}

// canary is a secret of a name: the same word whenever it is asked for.
func (c *Cluster) canary(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.canaries[name] == "" {
		c.canaries[name] = "Canary-" + rand.Text()
	}
	return c.canaries[name]
}

// Secrets are all words that must occur nowhere: passwords, keys of sessions and canaries that were given away.
func (c *Cluster) Secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []string{c.config.Password, c.config.AppPassword}
	for _, s := range c.canaries {
		out = append(out, s)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// Requests are what was sent so far.
func (c *Cluster) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.requests)
}

// Faults are what a good client never sends: writes, unknown orders of elements, requests side by side.
func (c *Cluster) Faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.faults)
	if c.most > 1 {
		out = append(out, fmt.Sprintf("%d requests of AXL at the same time", c.most))
	}
	return out
}

// Open are the sessions of the client configuration service that have not been ended.
func (c *Cluster) Open() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, who := range c.keys {
		out = append(out, who)
	}
	return out
}

func (c *Cluster) note(r Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r)
}

func (c *Cluster) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// node finds a node by name.
func (c *Cluster) node(name string) Node {
	for _, n := range c.config.Nodes {
		if n.Name == name {
			return n
		}
	}
	return Node{Name: name}
}

// Web is port 8443 of a node.
func (c *Cluster) Web(name string) http.Handler {
	n := c.node(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case n.Role == "cucm" && r.URL.Path == "/axl/":
			c.axl(n, w, r)
		case n.Role == "cucm" && strings.HasPrefix(r.URL.Path, "/cucm-uds/"):
			c.uds(n, w, r)
		case n.Role == "imp" && strings.HasPrefix(r.URL.Path, "/EPASSoap/"):
			c.epas(n, w, r)
		default:
			c.note(Request{Node: n.Name, Method: r.Method, Path: r.URL.Path, Password: r.Header.Get("Authorization") != ""})
			page(w, http.StatusNotFound, "HTTP Status 404")
		}
	})
}

// page answers with HTML, as Tomcat does.
func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<html><head><title>Apache Tomcat - Error report</title></head><body><h1>%s</h1></body></html>", text)
}

func answerXML(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, text) // a client that has gone misses nothing
}

// uds answers what needs no log-in.
func (c *Cluster) uds(n Node, w http.ResponseWriter, r *http.Request) {
	c.note(Request{Node: n.Name, Method: r.Method, Path: r.URL.RequestURI(), Password: r.Header.Get("Authorization") != ""})
	base := "https://" + n.Name + ":8443/cucm-uds/"
	older := c.is(UDSDiffer) && n.Name != c.config.Nodes[0].Name
	switch {
	case r.Method != http.MethodGet:
		c.fault("%s to UDS", r.Method)
		page(w, http.StatusMethodNotAllowed, "HTTP Status 405")
	case c.is(UDSBusy), c.is(UDSUserBusy) && r.URL.Path == "/cucm-uds/clusterUser":
		page(w, http.StatusServiceUnavailable, "HTTP Status 503")
	case c.is(UDSRefused):
		page(w, http.StatusForbidden, "HTTP Status 403")
	case c.is(UDSUnknown):
		w.Header().Set("WWW-Authenticate", `Basic realm="Cisco Web Services Realm"`)
		page(w, http.StatusUnauthorized, "HTTP Status 401")
	case r.URL.Path == "/cucm-uds/version":
		capabilities := "<capabilities><usersResourceAuthEnabled>true</usersResourceAuthEnabled></capabilities>"
		if c.is(UDSOld) {
			capabilities = ""
		}
		short := strings.Join(strings.Split(c.config.Version, ".")[:3], ".")
		if older {
			short = "8.6.2"
		}
		answerXML(w, 200, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><versionInformation uri="`+base+`version" version="`+short+
			`"><version>`+
			short+`</version>`+capabilities+`</versionInformation>`)
	case r.URL.Path == "/cucm-uds/servers":
		var b strings.Builder
		b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><servers uri="` + base + `servers">`)
		for _, m := range c.config.Nodes {
			if m.Role == "cucm" && (!older || m.Name == n.Name) {
				name := m.Name
				if c.is(UDSShortNames) {
					name, _, _ = strings.Cut(name, ".")
				}
				b.WriteString("<server>" + name + "</server>")
			}
		}
		answerXML(w, 200, b.String()+"</servers>")
	case r.URL.Path == "/cucm-uds/clusterUser":
		_, found := c.config.Users[r.URL.Query().Get("username")]
		home := ""
		if found {
			home = `<homeCluster serversUri="` + base + `servers">` + n.Name + `</homeCluster>`
		}
		answerXML(w, 200, fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><clusterUser uri="%sclusterUser"><result found="%v"/>%s</clusterUser>`, base, found, home))
	default:
		page(w, http.StatusNotFound, "HTTP Status 404")
	}
}

// Files is the web side of the TFTP server of a node: the ports 6970 and 6972.
func (c *Cluster) Files(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.note(Request{Node: name, Method: r.Method, Path: r.URL.Path, Password: r.Header.Get("Authorization") != ""})
		file := strings.TrimPrefix(r.URL.Path, "/")
		if c.is(FilesPage) {
			page(w, http.StatusOK, "Not here")
			return
		}
		text, ok := c.File(name, file)
		if !ok {
			page(w, http.StatusNotFound, "HTTP Status 404")
			return
		}
		answerXML(w, 200, text)
	})
}

// File is what the TFTP server of a node gives. Upper and lower case of names matter.
func (c *Cluster) File(node, name string) (string, bool) {
	text, ok := c.config.Files[name]
	switch {
	case name == "SPDefault.cnf.xml" && c.is(SPDefaultSecret):
		return `<?xml version="1.0" encoding="UTF-8"?><device><sipProfile><directory><UseUserCredential>false</UseUserCredential>` +
			`<LdapUserPassword>` + c.canary("SPDefault") + `</LdapUserPassword></directory></sipProfile></device>`, true
	case c.is(FilesOtherCase) && name == "Jabber-Config.xml":
		text, ok = c.config.Files["jabber-config.xml"]
		return text, ok
	case !ok || name == "jabber-config.xml" && (c.is(FilesMissing) || c.is(FilesOtherCase)) ||
		c.is(FilesOneNode) && node != c.config.Nodes[0].Name:
		return "", false
	case c.is(FilesBOM):
		text = "\ufeff" + text
	case c.is(FilesLarge):
		text += "\n<!-- " + strings.Repeat("padding ", 256<<10) + "-->\n"
	case c.is(FilesDiffer) && node != c.config.Nodes[0].Name:
		text += "\n<!-- an older copy -->\n"
	}
	return text, true
}
