package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/miekg/dns"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/internal/report"
	"cupclint/internal/servertest"
)

// Markers are secrets that the test plants; each is called by what it is planted as, so that a leak tells where it comes from.
type markers struct{ names []string }

// plant makes a marker. Nothing else in the world looks like one, and it looks like a password.
func (m *markers) plant(as string) string {
	m.names = append(m.names, as)
	return fmt.Sprintf("Zq7Mark%03dKx", len(m.names)-1)
}

var (
	markerForm  = regexp.MustCompile(`(?i)Zq7Mark(\d\d\d)Kx`)
	markerParts = regexp.MustCompile(`(?i)Zq7Mark|\d\d\dKx\b`)
	encodedForm = regexp.MustCompile(`[A-Za-z0-9+/_=-]{12,}`)
)

// in lists the markers that a text holds: plain, in any case, with bytes or letters between as UTF-16 and DNS have them, percent-encoded,
// in base64 or hexadecimal, or in part.
func (m *markers) in(text []byte) (found []string) {
	look := func(b []byte) {
		for _, hit := range markerForm.FindAllSubmatch(b, -1) {
			n := 0
			_, _ = fmt.Sscan(strings.TrimLeft(string(hit[1]), "0")+" ", &n)
			if n < len(m.names) {
				found = append(found, m.names[n])
			}
		}
	}
	look(text)
	look(bytes.ReplaceAll(text, []byte{0}, nil))
	if plain, err := url.QueryUnescape(string(text)); err == nil {
		look([]byte(plain))
	}
	for _, chunk := range encodedForm.FindAll(text, -1) {
		if b, err := hex.DecodeString(string(chunk)); err == nil {
			look(b)
		}
		std := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(string(chunk))
		for from := range min(4, len(std)) {
			part := std[from:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			if b, err := base64.RawStdEncoding.DecodeString(part); err == nil {
				look(b)
			}
		}
	}
	if len(found) == 0 && markerParts.Match(text) {
		found = []string{"a part of one"}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// A tape is what servers of the test were sent, by service.
type tape struct {
	mu   sync.Mutex
	sent map[string][]byte
}

func (r *tape) record(service string, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[service] = append(append(r.sent[service], b...), '\n')
}

// take returns what was sent since the last call.
func (r *tape) take() map[string][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = map[string][]byte{}
	return sent
}

// A marked deployment is one whose servers record what they are sent, and send back every secret that they get.
type marked struct {
	tape
	resolver, ldap, imap, sip, cti, https string
	ca                                    string // of its certificates, a file
}

func serveMarked(t *testing.T) *marked {
	t.Helper()
	s := &marked{tape: tape{sent: map[string][]byte{}}}
	listen := func(service string, serve func(net.Conn)) string {
		return servertest.Listen(t, func(c net.Conn) { serve(&recorded{Conn: c, service: service, tape: &s.tape}) })
	}
	s.ldap, s.imap, s.sip = listen("ldap", echoLDAP), listen("imap", echoIMAP), listen("sip", echoSIP)
	s.cti = listen("cti", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	ca := servertest.CA(t)
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, true)
		s.record("https", dump)
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		for _, v := range r.Header["Authorization"] {
			w.Header().Add("Server", v)
			w.Header().Add("X-OWA-Version", v)
			_, password, _ := r.BasicAuth()
			w.Header().Add("MS-WebStorage", password)
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	web.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, servertest.Right, "mail.mark.test").TLS}}
	web.StartTLS()
	t.Cleanup(web.Close)
	s.https, s.ca = web.Listener.Addr().String(), ca.File
	s.resolver = s.serveDNS(t)
	return s
}

// serveDNS knows *.mark.test and nothing else.
func (s *marked) serveDNS(t *testing.T) string {
	t.Helper()
	packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	streams, err := new(net.ListenConfig).Listen(t.Context(), "tcp", packets.LocalAddr().String())
	if err != nil {
		t.Skip(err) // somebody else has the port of this number
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		wire, _ := q.Pack()
		s.record("dns", wire)
		m := new(dns.Msg).SetReply(q)
		for _, question := range q.Question {
			s.record("dns", []byte(question.Name))
			switch {
			case !strings.HasSuffix(strings.ToLower(question.Name), "mark.test."):
				m.Rcode = dns.RcodeNameError
			case question.Qtype == dns.TypeA:
				m.Answer = append(m.Answer,
					&dns.A{Hdr: dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(127, 0, 0, 1)})
			}
		}
		_ = w.WriteMsg(m)
	})
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return packets.LocalAddr().String()
}

// A recorded connection keeps what it reads.
type recorded struct {
	net.Conn
	service string
	tape    *tape
}

func (c *recorded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tape.record(c.service, p[:n])
	return n, err
}

func echoLDAP(c net.Conn) {
	answer := func(id any, tag ber.Tag, code int64, text string) {
		p := ber.NewSequence("")
		p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
		for _, s := range []string{"", text} {
			op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, ""))
		}
		p.AppendChild(op)
		_, _ = c.Write(p.Bytes())
	}
	for {
		p, err := ber.ReadPacket(c)
		if err != nil || len(p.Children) < 2 {
			return
		}
		switch op := p.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			password := ber.DecodeString(op.Children[2].Data.Bytes())
			answer(p.Children[0].Value, ldap.ApplicationBindResponse, ldap.LDAPResultInvalidCredentials,
				"data 52e, you sent "+password+", "+hex.EncodeToString([]byte(password)))
		case ldap.ApplicationSearchRequest:
			answer(p.Children[0].Value, ldap.ApplicationSearchResultDone, 0, "")
		default:
			return
		}
	}
}

func echoIMAP(c net.Conn) {
	_, _ = io.WriteString(c, "* OK ready\r\n")
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		tag, rest, _ := strings.Cut(lines.Text(), " ")
		switch {
		case strings.HasPrefix(rest, "CAPABILITY"):
			_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n"+tag+" OK done\r\n")
		case strings.HasPrefix(rest, "LOGIN"):
			_, _ = io.WriteString(c, tag+" NO [AUTHENTICATIONFAILED] you sent "+rest+" "+base64.StdEncoding.EncodeToString([]byte(rest))+"\r\n")
		default:
			_, _ = io.WriteString(c, tag+" OK done\r\n")
		}
	}
}

func echoSIP(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		var keep strings.Builder
		authorization, status := "none", "200 OK"
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			name, value, _ := strings.Cut(line, ":")
			switch {
			case strings.HasPrefix(line, "REGISTER"):
				status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"mark.test\", nonce=\"abc\", algorithm=MD5"
			case name == "Authorization":
				authorization = strings.TrimSpace(value)
			case strings.Contains(" Via From To Call-ID CSeq ", " "+name+" "):
				keep.WriteString(line)
			}
		}
		_, _ = fmt.Fprintf(c, "SIP/2.0 %s\r\n%sServer: %s\r\nContent-Length: 0\r\n\r\n", status, keep.String(), authorization)
	}
}

// inputs are files of every format with secrets in every place where somebody had one.
func (m *markers) inputs() map[string]string {
	p := m.plant
	files := map[string]string{
		"soap.xml": `<?xml version="1.0"?><r xmlns="urn:cisco:epas:soap"><!-- old password: ` + p("SOAP comment") + ` -->
<property name="Directory.DN">svc@mark.test</property><property name="Directory.Password">` + p("SOAP property") + `</property>
<property name="Directory.Password">` + p("SOAP property twice") + `</property><property name="Odd.password.here">` +
			p("SOAP unknown key") + `</property>
<property name="Calendar.Primary">https://svc:` + p("SOAP user info") +
			`@mail.mark.test</property><property name="Directory.Pasword" value="` + p("SOAP attribute") + `"/>
<property name="TFTP.Primary">svc:` + p("SOAP user info without scheme") +
			`@tftp.mark.test</property><property name="VoiceMail.Primary.Address"><![CDATA[https://v:` + p("SOAP CDATA") +
			`@vm.mark.test/x]]></property>
<property name="Presence.Domain">A B</property><property name="WebConf.Primary">https://wc.mark.test/?token=` + p("SOAP query") +
			`&amp;x=1</property>
<session-key>` + p("SOAP session key") + `</session-key><one-time-password>` + p("SOAP one-time password") + `</one-time-password></r>`,
		"cut.xml":    `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">` + p("cut XML"),
		"broken.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">a<` + p("unescaped XML") + `</property></r>`,
		"entity.xml": `<r xmlns="urn:cisco:epas:soap"><property name="Directory.Password">a&` + p("entity") + `;b</property></r>`,
		"jabber-config.xml": `<?xml version="1.0"?><config version="1.0"><!-- <ConnectionPassword>` + p("Jabber comment") +
			`</ConnectionPassword> --><Directory><ConnectionPassword>` + p("Jabber key") +
			`</ConnectionPassword><ConnectionPasword>` + p("Jabber misspelt key") + `</ConnectionPasword><LDAP_Password value="` +
			p("Jabber attribute of an unknown element") + `">` + p("Jabber unknown key") + `</LDAP_Password>
<PrimaryServerName>u:` + p("Jabber user info") +
			`@dc.mark.test</PrimaryServerName></Directory><Policies><Forgot_Password_URL>https://pw.mark.test/?pin=` + p("Jabber query") +
			`</Forgot_Password_URL></Policies>
<CustomTab><page>https://u:` + p("Jabber URL") + `@tab.mark.test/</page></CustomTab></config>`,
		"axl.xml": `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:getUserResponse xmlns:ns="http://www.cisco.com/AXL/API/12.5"><return><user><userid>alice</userid><password>` +
			p("AXL password") + `</password><pin>` + p("AXL PIN") + `</pin><digestCredentials>` + p("AXL digest") +
			`</digestCredentials><mailid>a:` + p("AXL user info") +
			`@mark.test</mailid></user></return></ns:getUserResponse></soapenv:Body></soapenv:Envelope>`,
		"run-sql.txt": "admin:run sql select userid, ldappassword, pin from enduser\nuserid ldappassword  pin\n====== ============= " +
			"=============\nalice  " + p("run sql password") + " " + p("run sql PIN") + "\n",
		"params.txt": "admin:run sql select paramname, paramvalue from processconfig\nparamname             paramvalue\n===================== " +
			"=============\nSNMPPassword          " + p("run sql parameter") + "\n",
		"cli.log": "admin:show network cluster\n10.1.1.1 cucm1.mark.test cucm1 Publisher callmanager DBPub authenticated\nadmin:utils import " +
			"config\n enter password: " + p("CLI prompt") +
			"\nadmin:set account name x -pw " + p("CLI option") + "\n",
		"a.properties": "# password was " + p("properties comment") + "\nDirectory.DN = svc\nDirectory.Password = " + p("properties key") +
			"\nUser.PIN: " + p("properties PIN") + "\nKennwort=" + p("properties German") + "\nDirectory.Password = \\\n  " + p("continued line") +
			"\nPresence.Primary.Address = https://u:" + p("properties user info") + "@cups.mark.test\nPresence.Domain = alice:" +
			p("properties domain") + "@mark.test\n",
		"a.yaml": "Directory:\n  Password: \"" + p("YAML key") + "\" # " + "was pwd=" + p("YAML comment") +
			"\n  DN: &x svc@mark.test\nUser.DigestCredential: !" + p("YAML tag") + "\nother:\n  secret: |\n    " + p("YAML block") +
			"\nDirectory.Primary.Address: ldap://u:" + p("YAML user info") + "@dc.mark.test\nCUCM.LDAPDirectory.Password: {a: " + p("YAML map") +
			"}\n",
		"cut.yaml":    "Directory:\n  Password: \"" + p("cut YAML") + "\n",
		"anchor.yaml": "Directory:\n  Password: *" + p("YAML alias") + "\n",
		"a.json": `{"Directory": {"Password": "` + p("JSON key") + `", "Primary": {"Address": "u:` + p("JSON user info") +
			`@dc.mark.test"}}, "Login.Password": "` + p("JSON unknown") + `", "Passwort": ["` + p("JSON list") + `"], "secret": {"a": "` +
			p("JSON object") + `"}}`,
		"cut.json":     `{"Directory": {"Password": "` + p("cut JSON"),
		"escaped.json": `{"Directory": {"Password": "` + `\u005aq7Mark` + strings.TrimPrefix(p("escaped JSON"), "Zq7Mark") + `"}}`,
		"edi.reg": "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services " +
			"Framework\\AdminData\\EDI]\r\n\"ConnectionPassword\"=\"" + p("registry key") + "\"\r\n\"Passwd\"=\"" + p("registry unknown key") +
			"\"\r\n; pwd=" + p("registry comment") + "\r\n\"PrimaryServerName\"=\"u:" + p("registry user info") + "@dc.mark.test\"\r\n",
		"jabber.log": "2016-02-24 09:10:21,453 INFO  [0x1] [config/Fetcher.cpp(1)] [csf] [fetch] - key : [ConnectionPassword] value : [" +
			p("Jabber log") + "]\n2016-02-24 09:10:21,453 DEBUG [0x1] [http/Curl.cpp(1)] [csf.http] [x] - GET https://u:" + p("Jabber log URL") +
			"@h/x?password=" + p("Jabber log query") + "\n2016-02-24 09:10:22,453 DEBUG [0x1] [x.cpp(1)] [csf.http] [x] - {\"password\":\"" +
			p("Jabber log JSON") + "\"}\n",
		"install.cmd": "msiexec.exe /i CiscoJabberSetup.msi /quiet CLEAR=1 AUTHENTICATOR=CUP PASSWORD=" + p("installer option") +
			" DOMAIN=mark.test\r\nnet use z: \\\\x\\y /user:svc " + "/p:" + p("Windows option") + "\r\n",
		"link.txt": "Click ciscojabber://provision?ServicesDomain=mark.test&Password=" + p("link query") +
			"&ServiceDiscoveryExcludedServices=WEBEX\n",
		"emm.plist": `<?xml version="1.0"?><plist version="1.0"><dict><key>ServicesDomain</key><string>mark.test</string><key>Password</key><string>` + p("plist") + `</string></dict></plist>`,
		"local.xml": `<?xml version="1.0"?><Jabber><userConfig name="UserPassword" value="` + p("local configuration") + `"/></Jabber>`,
		"boot.properties": "ServicesDomain=mark.test\nVoiceServicesDomain=u:" + p("bootstrap user info") + "@mark.test\nPassword: " +
			p("bootstrap password") + "\nInvalidCertificateBehavior: RejectAndNotify\n",
		"two-pairs.log": "2010-01-20 08:14:00 Directory.Primary.Address=dc1.mark.test Directory.Password=" + p("second pair of a line") +
			" Presence.Domain=mark.test\n2010-01-20 08:14:01 Presence.Domain = mark.test Directory.Password = " + p("second pair with blanks") +
			"\n",
		"lines.log": strings.Join([]string{
			"Presence.Domain = mark.test",
			`10:00 resp: {"Directory.Password":"` + p("JSON in a log") + `","x":1} done`,
			`10:00 resp: "{\"Password\":\"` + p("escaped JSON in a log") + `\"}" done`,
			`10:00 <property name="Directory.Password">` + p("XML in a log") + `</property> more`,
			`10:00 &lt;password&gt;` + p("escaped XML in a log") + `&lt;/password&gt; more`,
			`10:00 <bind user="x" password="` + p("XML attribute in a log") + `"/>`,
			"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+p("Basic header"))),
			"10:00 sent [Authorization: Bearer " + p("Bearer header") + "] to x",
			`Authorization: Digest username="alice", realm="x", nonce="1", uri="sip:x",`,
			`   response="` + hex.EncodeToString([]byte(p("Digest header"))) + `"`,
			"Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+p("proxy header"))),
			"Cookie: JSESSIONID=" + p("cookie") + "; path=/",
			"Set-Cookie: JSESSIONIDSSO=" + p("set cookie") + "; Secure",
			"X-Api-Key: " + p("API key header"), "X-Auth-Token: " + p("token header"),
			"10:00 GET https://svc:" + p("URL user info") + "@host.mark.test/x failed",
			"10:00 GET https://svc:" + url.QueryEscape("a@"+p("encoded user info")) + "@host.mark.test/x failed",
			"10:00 connect alice:" + p("user info without scheme") + "@host.mark.test failed",
			"10:00 GET /x?user=a&password=" + p("query") + "&y=1 200", "10:00 GET /x?user=a&pin=" + p("PIN in a query") + " 200",
			"10:00 Server=db;User Id=sa;Password=" + p("connection string") + ";Timeout=3", "10:00 run x --password " + p("long option") + " --y",
			"10:00 run x --password=" + p("long option with =") + " --y",
			"10:00 run ldapsearch -D cn=x -w " + p("short option") + " -b dc=x", "the password is " + p("sentence") + ".",
			"Das Kennwort lautet " + p("German sentence") + ".",
			"Passwort: " + p("German"), "contraseña: " + p("Spanish"), "mot de passe : " + p("French"), "pwd=" + p("pwd"),
			"10:00 PIN=" + p("PIN") + " entered", "passcode: " + p("passcode"), "psk=" + p("psk"),
			"login failed, password=" + p("end of a line"), "10:00 session key: " + p("session key") + " done", "password\t" + p("tab between"),
			"| password | " + p("table cell") + " |",
			"10:00 login(user=alice, password=" + p("argument") + ", tls=true)",
			"10:00 {user: alice, password: '" + p("quoted with apostrophes") + "'}",
			"-----BEGIN RSA PRIVATE KEY-----", p("private key"), "-----END RSA PRIVATE KEY-----", "",
		}, "\n"),
		"events.csv": "EventID,TimeCreated,TargetUserName,TargetDomainName,CallerComputerName,Message\n4740,2024-01-02T10:00:00Z,svc,MARK,PC1," +
			"password=" + p("lockout CSV") + "\n",
		"events.xml": `<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>4625</EventID><TimeCreated SystemTime="2024-01-02T10:00:00Z"/></System><EventData><Data Name="TargetUserName">svc</Data><Data Name="Password">` +
			p("lockout XML") + `</Data></EventData></Event></Events>`,
	}
	for _, name := range []string{"a.properties", "lines.log", "soap.xml", "a.yaml"} {
		files["crlf-"+name] = strings.ReplaceAll(files[name], "\n", "\r\n")
	}
	for _, name := range []string{"a.properties", "lines.log", "edi.reg", "jabber-config.xml", "a.json"} {
		text := files[name]
		if name == "edi.reg" {
			text = strings.Replace(text, "REGEDIT4", "Windows Registry Editor Version 5.00", 1)
		}
		b := []byte{0xFF, 0xFE}
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		files["utf16-"+name] = string(b)
	}
	return files
}

// A leak is no place where a secret belongs. TestMarkersReachNothing plants secrets in every format and every credential channel, runs
// every command with every format of its reports, and searches all that comes out: standard output, standard error, every file left on
// disk, and everything that was sent to a server.
func TestMarkersReachNothing(t *testing.T) {
	m := &markers{}
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	files := m.inputs()
	inputs := filepath.Join(dir, "inputs")
	writeFiles(t, inputs, files)
	archives := map[string]string{"all.zip": zipOf(t, files)}
	writeFiles(t, filepath.Join(dir, "archives"), archives)
	writeFiles(t, dir, map[string]string{"tmp/.keep": "", "out/.keep": ""})
	s := serveMarked(t)

	// The credentials of each channel, and the one service that may be sent each.
	allowed := map[string]string{}
	channel := func(as, service string) string {
		allowed[as] = service
		return m.plant(as)
	}
	port := func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
	deployment := func(directory, digest, calendar string) string {
		return "Directory:\n  Primary: {Address: dc.mark.test, Port: " + port(s.ldap) + "}\n  DN: svc@mark.test\n" + directory +
			"MailStore.Primary: {Address: mail.mark.test, Port: " + port(s.imap) + "}\nPresence.Primary: {Address: cups.mark.test, Port: " +
			port(s.sip) + ", Protocol: TCP}\nPresence.Domain: mark.test\n" +
			"CallControl.Primary: {Address: cucm.mark.test, Port: " + port(s.cti) + "}\nUser.ID: alice\n" + digest +
			"Calendar:\n  Primary: mail.mark.test\n  Scheme: https\n  Port: " + port(s.https) + "\n  Account: svc-cal\n" + calendar
	}
	password := func(key, as, service string) string { return key + `: "` + channel(as, service) + "\"\n" }
	writeFiles(t, dir, map[string]string{
		"with/deployment.yaml": deployment(password("  Password", "export: directory", "ldap"),
			password("User.DigestCredential", "export: digest", ""), password("  Password", "export: calendar", "https")),
		"without/deployment.yaml": deployment("", "", ""),
		"secrets/password":        channel("--password-file", "") + "\n",
		"secrets/ldap":            channel("--directory-password-file", "ldap") + "\n",
		"secrets/calendar":        channel("--calendar-password-file", "https") + "\n",
		"secrets/sip":             channel("--sip-password-file", "") + "\n",
		"secrets/voicemail":       channel("--voicemail-password-file", "imap") + "\n",
		"secrets/auditor":         channel("--auditor-password-file", "ldap") + "\n",
		"secrets/credentials": "svc@mark.test\t" + channel("--credentials: directory", "ldap") + "\nsvc-cal\t" +
			channel("--credentials: calendar", "https") + "\n" + channel("--credentials: columns swapped", "") + "\tsvc@mark.test\n",
		"secrets/no-tab":  "svc@mark.test " + channel("--credentials: no tab", "") + "\n",
		"secrets/answers": "who: everyone\nwhat: my password is " + channel("--answers", "") + "\n",
		"bad.yaml": "fail-on: error\npassword: " + channel("configuration: unknown key", "") + "\nresolver: [\"u:" +
			channel("configuration: user info", "") + "@x\"]\n",
	})
	allowed["--password-file"] = "" // set by the run that uses it
	settings := map[string]string{"HOME": dir + "/home", "XDG_STATE_HOME": dir + "/state", "TMPDIR": dir + "/tmp", "TERM": "dumb"}
	variables := map[string]string{}
	for name, service := range map[string]string{"PW_LDAP": "ldap", "PW_IMAP": "imap", "PW_HTTPS": "https", "PW_SIP": "",
		"CUPCLINT_LDAP_PASSWORD": "ldap", "CUPCLINT_CALENDAR_PASSWORD": "https", "CUPCLINT_VOICEMAIL_PASSWORD": "imap",
		"CUPCLINT_SIP_PASSWORD": "", "CUPCLINT_LDAP_AUDITOR_PASSWORD": "ldap"} {
		variables[name] = channel("environment: "+name, service)
	}
	stdin := channel("standard input", "ldap")

	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, filepath.Join("inputs", name))
	}
	slices.Sort(names)
	probing := []string{"--resolver", s.resolver, "--ca-file", s.ca, "--timeout", "20s"}
	with := func(args ...string) []string { return args }
	probe := func(args ...string) []string { return append(args, probing...) }
	manual := func(command, flag, address string, more ...string) []string {
		return append([]string{command, flag, address}, more...)
	}
	wrong := m.plant("a flag's value")
	// What is run of each command. A command that is not here fails the test.
	runs := map[string][][]string{
		"cupclint": {with("--help"), with("--version"), with("nonsense")},
		"lint": {
			append(with("lint", "--verbose", "--addresses", "--explain-deployments", "--enable", "all"), "inputs", "archives", "with"),
			with("lint", "--diff", "inputs"),
			with("lint", "--color", "always", "inputs"), with("lint", "--output", "out/lint", "inputs"),
			with("lint", "--format", "json=out/lint.json", "--format", "html=out/lint.html", "inputs"),
			with("lint", "--write-baseline=out/baseline.json", "inputs"), with("lint", "--config", "bad.yaml", "inputs"),
			with("lint", "https://u:"+wrong+"@mark.test/x"), with("lint", "--output", "u:"+wrong+"@mark.test/x/y", "inputs"),
		},
		"resolve": {with("resolve", "u:"+wrong+"@cup1", "--domain", "mark.test"), with("resolve", "cup1", "--domain", "u:"+wrong+"@mark.test"),
			with("resolve", "--check", "--resolver", s.resolver, "u:"+wrong+"@cups.mark.test", "--domain", "mark.test")},
		"route": {with("route", "sip:alice:"+wrong+"@mark.test", "--config", "with/deployment.yaml"),
			with("route", "alice:"+wrong+"@mark.test", "--config", "with/deployment.yaml"),
			with("route", "sip:a@b", "--config", "inputs/a.yaml"), with("route", "sip:a@b", "--config", "inputs/cut.json"),
			with("route", "--from", "ocs", "--config", "inputs/lines.log")},
		"dns": {with("dns", "--resolver", s.resolver, "inputs", "with"),
			with("dns", "--resolver", s.resolver, "--node", "u:"+wrong+"@cups.mark.test", "--domain", "mark.test"),
			with("dns", "--resolver", s.resolver, "--pairs", "inputs/a.properties")},
		"ldap": {
			probe("ldap", "with"), probe("ldap", "--no-login", "inputs"),
			probe("ldap", "--observations", "out/ldap.json", "with", "--allow-lockout-risk"),
			probe("ldap", "--password-env", "PW_LDAP", "without"), probe("ldap", "--password-file", "secrets/ldap", "without"),
			probe("ldap", "--password-file", "-", "without"),
			probe("ldap", "--auditor-dn", "aud@mark.test", "--auditor-password-file", "secrets/auditor", "with"), probe("ldap", "without"),
			probe("ldap", "--auditor-dn", "aud@mark.test", "without"),
			probe(manual("ldap", "--server", "ldap://u:"+wrong+"@dc.mark.test")...), probe(manual("ldap", "--server", "dc.mark.test:"+wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test", "--bind-dn", "a:"+wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test:"+port(s.ldap), "--bind-dn", "a", "--password-env", wrong)...),
			probe(manual("ldap", "--server", "dc.mark.test:"+port(s.ldap), "--bind-dn", "a", "--password-file", wrong)...),
			with("ldap", "-p"+wrong, "without"), with("ldap", "--password="+wrong, "without"),
		},
		"ldap lockouts": {with("ldap", "lockouts", "inputs/events.csv", "inputs/events.xml"), with("ldap", "lockouts", "inputs/lines.log")},
		"ldap rotate-plan": {probe("ldap", "rotate-plan", "with"),
			probe("ldap", "rotate-plan", "--auditor-dn", "aud@mark.test", "--auditor-password-file", "secrets/auditor", "with")},
		"mail": {
			probe("mail", "--user", "alice", "--password-env", "PW_IMAP", "with"), probe("mail", "--no-login", "inputs", "with"),
			probe("mail", "--calendar", "with", "--observations", "out/mail.json"),
			probe("mail", "--calendar", "--password-env", "PW_HTTPS", "without"),
			probe("mail", "--user", "alice", "--password-file", "secrets/voicemail", "without"),
			probe(manual("mail", "--server", "imap://u:"+wrong+"@mark.test")...), probe("mail", "--calendar", "--no-login", "inputs"),
			probe("mail", "--user", "alice:"+wrong, "with"),
		},
		"sip": {probe("sip", "--hold", "1ms", "with", "--observations", "out/sip.json"), probe("sip", "--hold", "1ms", "--no-login", "inputs"),
			probe("sip", "--no-cti", "--password-env", "PW_SIP", "without"),
			probe(manual("sip", "--server", "sip:u:"+wrong+"@mark.test")...), probe(manual("sip", "--cti", "u:"+wrong+"@mark.test")...)},
		"ntp": {with("ntp", "127.0.0.1:1", "with"), with("ntp", "u:"+wrong+"@mark.test"), with("ntp", "ntp://u:"+wrong+"@mark.test/x"),
			with("ntp", "--resolver", s.resolver, "inputs"),
			with("ntp", "--resolver", s.resolver, "--timeout", "100ms", "with", "--observations", "out/ntp.json")},
		"audit": {
			probe("audit", "--hold", "1ms", "--save", "out/case.json", "with"), with("audit", "--plan", "inputs", "with", "archives"),
			probe("audit", "--hold", "1ms", "--no-login", "--save", "out/inputs.json", "inputs"),
			with("audit", "--replay", "out/case.json"), with("audit", "--replay", "out/inputs.json"), with("audit", "--offline", "inputs"),
			probe("audit", "--hold", "1ms", "--credentials", "secrets/credentials", "without"), probe("audit", "--credentials", wrong, "without"),
			probe("audit", "--credentials", "secrets/no-tab", "without"),
			probe("audit", "--hold", "1ms", "--directory-password-file", "secrets/ldap", "--calendar-password-file", "secrets/calendar",
				"--sip-password-file", "secrets/sip",
				"--voicemail-user", "alice", "--voicemail-password-file", "secrets/voicemail", "--auditor-dn", "aud@mark.test",
				"--auditor-password-file", "secrets/auditor", "without"),
			probe("audit", "--hold", "1ms", "--voicemail-user", "alice", "without"),
		},
		"diagnose": {
			with("diagnose", "--symptom", "log-in", "--health", "inputs/lines.log", "inputs"),
			with("diagnose", "--symptom", "directory", "inputs", "--ticket"),
			with("diagnose", "--symptom", "directory", "--top", "0", "--case", "out/case.json"),
			with("diagnose", "--symptom", "directory", "--answers", "secrets/answers", "inputs"),
			probe("diagnose", "--hold", "1ms", "--symptom", "directory", "--live", "with"), with("diagnose", "--health", "inputs/jabber.log"),
			with("diagnose", "--health", "inputs/soap.xml"), with("diagnose", "--findings", "inputs/a.json"),
		},
		"lab": {with("lab")}, "lab up": nil, // the lab makes its own password up, and is stopped by a signal
		"rules": {with("rules")}, "explain": {with("explain", "CRED008"), with("explain", "u:"+wrong+"@x")},
		"keys": {with("keys"), with("keys", "u:"+wrong+"@x")}, "releases": {with("releases", "14SU4a", "15"), with("releases", "u:"+wrong+"@x")},
		"version": {with("version")},
		"help":    {with("help")}, "completion": nil, "completion bash": {with("completion", "bash")},
		"completion zsh": {with("completion", "zsh")}, "completion fish": {with("completion", "fish")},
		"completion powershell": {with("completion", "powershell")},
		"redact":                {append(with("redact", "--output", "out"), names...)},
	}
	for _, name := range append(names, "with/deployment.yaml") {
		runs["redact"] = append(runs["redact"], with("redact", name))
		for _, format := range []string{"properties", "yaml", "soap", "json", "registry"} {
			if testing.Short() && format != "properties" {
				continue
			}
			runs["lint"] = append(runs["lint"], with("lint", "--input-format", format, name))
		}
	}
	runs["redact"] = append(runs["redact"], with("redact", "--in-place", "copies/a.properties"))
	writeFiles(t, filepath.Join(dir, "copies"), map[string]string{"a.properties": files["a.properties"]})
	if _, err := exec.LookPath("git"); err == nil {
		repository := filepath.Join(dir, "git")
		writeFiles(t, repository, map[string]string{"a.properties": "Presence.Domain = mark.test\n"})
		for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"}} {
			if out, err := exec.Command("git", append([]string{"-C", repository}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		writeFiles(t, repository, map[string]string{"a.properties": files["a.properties"]})
		runs["lint"] = append(runs["lint"], with("lint", "--changed-since", "HEAD", "git"))
	}
	planted := map[string]bool{}
	for _, sub := range []string{"inputs", "archives", "with", "without", "secrets", "git", "copies", "bad.yaml"} {
		planted[filepath.Join(dir, sub)] = true
	}

	states := 0
	run := func(t *testing.T, args []string) (code int) {
		t.Helper()
		states++
		own := map[string]string{"XDG_STATE_HOME": fmt.Sprintf("%s/states/%d", dir, states)} // nothing is remembered from another run
		var stdout, stderr bytes.Buffer
		in := stdin + "\n"
		if args[0] == "resolve" {
			in = "u:" + wrong + "@cup1\tmark.test\n"
		}
		wantsEnvironment := strings.Contains(strings.Join(args, " "), " without") && !slices.ContainsFunc(args,
			func(a string) bool { return strings.Contains(a, "password-") || a == "--credentials" })
		env := &environment{loginCost: cheap, stdin: strings.NewReader(in), stdout: &stdout, stderr: &stderr, workDir: dir,
			getenv: func(name string) string {
				if v, ok := own[name]; ok {
					return v
				}
				if v, ok := variables[name]; ok && (wantsEnvironment || strings.HasPrefix(name, "PW_")) {
					return v
				}
				return settings[name]
			}}
		code = execute(context.Background(), env, args)
		for _, stream := range []struct {
			name string
			text []byte
		}{{"standard output", stdout.Bytes()}, {"standard error", stderr.Bytes()}} {
			if found := m.in(stream.text); len(found) > 0 {
				t.Errorf("%s of %q holds: %s\n%s", stream.name, args, strings.Join(found, ", "), around(stream.text))
			}
		}
		for service, sent := range s.take() {
			for _, found := range m.in(sent) {
				if to, ok := allowed[found]; !ok || to != service {
					t.Errorf("%q sends to %s: %s\n%s", args, service, found, around(sent))
				} else {
					delivered.Store(found, true)
				}
			}
		}
		return code
	}

	root := newRootCmd(&environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}, commands())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var walk func(c *cobra.Command)
	seen := map[string]bool{}
	walk = func(c *cobra.Command) {
		name := strings.TrimPrefix(c.CommandPath(), "cupclint ")
		seen[name] = true
		lines, ok := runs[name]
		if !ok {
			t.Errorf("the test does not know the command %q", name)
		}
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			understood := 0
			for _, line := range lines {
				run(t, line)
			}
			if f := c.Flags().Lookup("format"); f != nil && len(lines) > 0 {
				for _, format := range formatsOf(f) {
					some := 2
					if testing.Short() {
						some = 1
					}
					for _, line := range lines[:min(len(lines), some)] {
						if slices.Contains(line, "--format") {
							continue
						}
						if run(t, append(slices.Clone(line), "--format", format)) != exitUsage {
							understood++
						}
					}
				}
				if understood < 2 {
					t.Errorf("%d runs with a format were carried out", understood)
				}
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	for name := range runs {
		if !seen[name] {
			t.Errorf("there is no command %q", name)
		}
	}
	for as, service := range allowed {
		if _, ok := delivered.Load(as); service != "" && !ok {
			t.Errorf("%s was never sent to %s: the test does not reach what it is about", as, service)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case planted[path] && path != filepath.Join(dir, "copies") && d.IsDir():
			return fs.SkipDir
		case planted[path] || d.IsDir() || path == filepath.Join(dir, "copies"):
			return nil
		}
		text, err := os.ReadFile(path)
		if found := m.in(text); len(found) > 0 {
			t.Errorf("the file %s holds: %s\n%s", path, strings.Join(found, ", "), around(text))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// delivered are the credentials that reached their server.
var delivered sync.Map

// formatsOf are the values that a flag may take: all formats of reports, or those that its usage names.
func formatsOf(f *pflag.Flag) []string {
	if f.Value.Type() == "stringSlice" || f.Value.Type() == "strings" {
		return report.Formats()
	}
	return []string{"text", "json", "jsonl"}
}

// around shows where in a text markers are.
func around(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ToValidUTF8(string(text), "?")) {
		if markerParts.MatchString(line) && b.Len() < 2000 {
			at := markerParts.FindStringIndex(line)
			fmt.Fprintf(&b, "    %.240q\n", line[max(0, at[0]-120):])
		}
	}
	return b.String()
}
