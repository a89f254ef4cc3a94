package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// The hosts of the Jabber deployment, in addition to the domain controller and the name server.
var (
	hostUCM1    = host{"ucm1.acme.test", 31}
	hostUCM2    = host{"ucm2.acme.test", 32}
	hostIMP1    = host{"imp1.acme.test", 33}
	hostIMP2    = host{"imp2.acme.test", 34}
	hostCUC     = host{"cuc1.acme.test", 41}
	hostEdge    = host{"edge1.acme.test", 60}
	jabberHosts = [...]host{hostDC, hostUCM1, hostUCM2, hostIMP1, hostIMP2, hostCUC, hostNS}
)

// Their services.
var (
	udsUCM1   = service{hostUCM1, 8443}
	udsUCM2   = service{hostUCM2, 8443}
	filesUCM1 = service{hostUCM1, 6970}
	filesUCM2 = service{hostUCM2, 6970}
	ctiUCM1   = service{hostUCM1, 2748}
	ctiUCM2   = service{hostUCM2, 2748}
	xmppIMP1  = service{hostIMP1, 5222}
	xmppIMP2  = service{hostIMP2, 5222}
	httpsCUC  = service{hostCUC, 443}
	rest8443  = service{hostCUC, 8443}
	imapsCUC  = service{hostCUC, 7993}
	noteCUC   = service{hostCUC, 7080}
	notesCUC  = service{hostCUC, 7443}
	edgeHTTPS = service{hostEdge, 8443}
	edgeXMPP  = service{hostEdge, 5222}
	edgeSIP   = service{hostEdge, 5061}
)

// The records of service discovery (Cisco Jabber DNS Configuration Guide 9.7).
const (
	udsRecord  = "_cisco-uds._tcp."
	edgeRecord = "_collab-edge._tls."
)

// web serves HTTP, or HTTPS with the certificate.
func (l *Lab) web(ctx context.Context, what string, s service, secured *tls.Config, h http.Handler) error {
	n, err := l.listen(ctx, s)
	if err != nil {
		return err
	}
	l.order = append(l.order, ordered{what, s})
	if secured != nil {
		n = tls.NewListener(n, secured)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	l.work.Go(func() { _ = server.Serve(n) }) // it ends with the server
	l.closers = append(l.closers, server.Close)
	return nil
}

// startManagers runs the two call managers: user data service, files of the TFTP service, CTIManager. In the broken deployment the
// second one has an old configuration file, a user data service that is busy, and no CTIManager.
func (l *Lab) startManagers(ctx context.Context, ca *authority) error {
	for _, m := range []struct {
		host            host
		uds, files, cti service
		old             bool
	}{{hostUCM1, udsUCM1, filesUCM1, ctiUCM1, false}, {hostUCM2, udsUCM2, filesUCM2, ctiUCM2, !l.options.Fixed}} {
		secured, err := ca.server(m.host.name)
		if err != nil {
			return err
		}
		uds := l.userData()
		if m.old {
			uds = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) })
		}
		if err := l.web(ctx, "user data service of "+m.host.name, m.uds, secured, uds); err != nil {
			return err
		}
		files := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/"+jabberConfigName { // names are case-sensitive
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, l.jabberConfig(m.old)) // a client that has gone misses nothing
		})
		if err := l.web(ctx, "files of "+m.host.name, m.files, nil, files); err != nil {
			return err
		}
		if m.old {
			err = l.closedPort(ctx, m.cti)
		} else {
			err = l.begin(ctx, "CTIManager of "+m.host.name, m.cti, nil, hold)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// userData answers as the user data service does (Cisco DevNet, User Data Services API reference). It knows the users of the lab.
func (l *Lab) userData() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+body)
	}
	home := "https://" + hostUCM1.name + ":8443/cucm-uds"
	mux.HandleFunc("GET /cucm-uds/version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, `<versionInformation uri="`+home+`/version" version="14.0.1"><version>14.0.1</version><capabilities>`+
			`<usersResourceAuthEnabled>true</usersResourceAuthEnabled></capabilities></versionInformation>`)
	})
	mux.HandleFunc("GET /cucm-uds/servers", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, `<servers uri="`+home+`/servers" version="14.0.1"><server>`+hostUCM1.name+`</server>`+
			`<server>`+hostUCM2.name+`</server></servers>`)
	})
	mux.HandleFunc("GET /cucm-uds/clusterUser", func(w http.ResponseWriter, r *http.Request) {
		if !known(r.URL.Query().Get("username")) {
			answer(w, `<clusterUser version="14.0.1"><result found="false"/></clusterUser>`)
			return
		}
		answer(w, `<clusterUser version="14.0.1"><result found="true"/><homeCluster serversUri="`+home+`/servers">`+hostUCM1.name+
			`</homeCluster></clusterUser>`)
	})
	mux.HandleFunc("GET /cucm-uds/user/{user}", func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		if !ok || user != r.PathValue("user") || !known(user) || password != l.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="Cisco Web Services Realm"`)
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		answer(w, `<user uri="`+home+`/user/`+user+`" version="14.0.1"><userName>`+user+`</userName><accountType useLdapAuth="true"/>`+
			`<homeCluster enableImAndPresence="true">true</homeCluster><imAndPresence><server>`+hostIMP1.name+`</server></imAndPresence>`+
			`<serviceProfile><uri>`+home+`/profile</uri></serviceProfile></user>`)
	})
	return mux
}

func known(user string) bool { return user == MailUser || user == hqUser }

// startVoicemail runs Unity Connection: its web services, the notifications and IMAP over TLS.
func (l *Lab) startVoicemail(ctx context.Context, ca *authority) error {
	secured, err := ca.server(hostCUC.name)
	if err != nil {
		return err
	}
	rest := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); ok && known(user) && password == l.Password {
			_, _ = io.WriteString(w, `<Mailbox/>`)
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/vmrest") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="Cisco Unity Connection"`)
		http.Error(w, "", http.StatusUnauthorized)
	})
	for _, s := range []struct {
		what    string
		service service
		secured *tls.Config
	}{{"Unity Connection", httpsCUC, secured}, {"Unity Connection", rest8443, secured}, {"notifications", noteCUC, nil},
		{"notifications over TLS", notesCUC, secured}} {
		if err := l.web(ctx, s.what, s.service, s.secured, rest); err != nil {
			return err
		}
	}
	return l.serveIMAP(ctx, ca, hostCUC.name, []imapPort{{"voicemail over IMAP", imapsCUC, true}})
}

// startEdge runs the Expressway-E. In the broken deployment its certificate has another name, and the XMPP port is closed.
func (l *Lab) startEdge(ctx context.Context, ca *authority) error {
	name := hostEdge.name
	if !l.options.Fixed {
		name = edgeWrongName
	}
	secured, err := ca.server(name)
	if err != nil {
		return err
	}
	if err := l.web(ctx, "Expressway-E", edgeHTTPS, secured, http.NotFoundHandler()); err != nil {
		return err
	}
	if l.options.Fixed {
		err = l.begin(ctx, "XMPP at the edge", edgeXMPP, nil, hold)
	} else {
		err = l.closedPort(ctx, edgeXMPP)
	}
	if err != nil {
		return err
	}
	return l.begin(ctx, "SIP at the edge", edgeSIP, secured, hold)
}

// edgeWrongName is what the certificate of the Expressway-E says in the broken deployment.
const edgeWrongName = "exp-e.acme.test"

// startMessaging runs the two IM and Presence nodes. In the broken deployment the first one serves another domain, and the second one lets
// clients log in without TLS.
func (l *Lab) startMessaging(ctx context.Context, ca *authority) error {
	for _, m := range []struct {
		host     host
		service  service
		domain   string
		optional bool
	}{
		{hostIMP1, xmppIMP1, pick(l, presenceDomain, "im.acme.test"), false},
		{hostIMP2, xmppIMP2, presenceDomain, !l.options.Fixed},
	} {
		secured, err := ca.server(m.host.name, presenceDomain)
		if err != nil {
			return err
		}
		x := &messenger{domain: m.domain, optional: m.optional, secured: secured, password: l.Password}
		if err := l.begin(ctx, "IM and Presence on "+m.host.name, m.service, nil, func(c net.Conn) { x.serve(c) }); err != nil {
			return err
		}
	}
	return nil
}

// presenceDomain is what clients ask the IM and Presence nodes for.
const presenceDomain = "acme.test"

// jabberConfigName is the file that clients fetch.
const jabberConfigName = "jabber-config.xml"

// jabberConfig is the file on a call manager. The old one lacks what was changed last.
func (l *Lab) jabberConfig(old bool) string {
	port, secure := pick(l, gcTLSDC, ldapDC), pick(l, "True", "False")
	cti := hostUCM2.name
	if old {
		cti = "ucm9.acme.test"
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<config version="1.0">
  <Client>
    <VoiceServicesDomain>acme.test</VoiceServicesDomain>
  </Client>
  <Phone>
    <TftpServer1>%s</TftpServer1>
    <TftpServer2>%s</TftpServer2>
    <CtiServer1>%s</CtiServer1>
    <CtiServer2>%s</CtiServer2>
  </Phone>
  <Directory>
    <DirectoryServerType>LDAP</DirectoryServerType>
    <PrimaryServerName>%s</PrimaryServerName>
    <ServerPort1>%d</ServerPort1>
    <UseSSL>%s</UseSSL>
    <LDAP_UseCredentialsFrom>CUCM</LDAP_UseCredentialsFrom>
    <SearchBase1>%s</SearchBase1>
    <BaseFilter>(&amp;(objectClass=user)(telephoneNumber=*))</BaseFilter>
  </Directory>
  <Voicemail>
    <VoicemailPrimaryServer>%s</VoicemailPrimaryServer>
  </Voicemail>
  <Policies>
    <ServiceDiscoveryExcludedServices>WEBEX</ServiceDiscoveryExcludedServices>
  </Policies>
</config>
`, hostUCM1.name, hostUCM2.name, hostUCM1.name, cti, hostDC.name, l.port(port), secure, people,
		pick(l, hostCUC.name, "unity1.acme.test"))
}

// jabberFiles are the files of the deployment: those of the clients, and what the servers' command line prints.
func (l *Lab) jabberFiles() []File {
	return []File{
		{"cluster.txt", l.cluster()},
		{"cucm-ldap.yaml", l.cucmLDAP()},
		{"jabber-bootstrap.properties", fmt.Sprintf(`AUTHENTICATOR: CUP
CUP_ADDRESS: %s
TFTP: NOT_SPECIFIED
CTI: NOT_SPECIFIED
CCMCIP: NOT_SPECIFIED
SERVICES_DOMAIN: acme.test
VOICE_SERVICES_DOMAIN: acme.test
EXCLUDED_SERVICES: NOT_SPECIFIED
UPN_DISCOVERY_ENABLED: false
SSO_EMAIL_PROMPT: ON
`, hostIMP1.name)},
		{jabberConfigName, l.jabberConfig(false)},
		{"parameters.txt", `admin:run sql select paramname, paramvalue from processconfig
paramname      paramvalue
============== ==========
SIPProxyDomain acme.test
admin:
`},
	}
}

// cluster is the output of show network cluster.
func (l *Lab) cluster() string {
	var b strings.Builder
	b.WriteString("admin:show network cluster\n")
	for _, n := range []struct {
		host host
		what string
	}{
		{hostUCM1, "Publisher callmanager DBPub"}, {hostUCM2, "Subscriber callmanager DBSub"},
		{hostIMP1, "Subscriber cups DBSub"}, {hostIMP2, "Subscriber cups DBSub"},
	} {
		short, _, _ := strings.Cut(n.host.name, ".")
		since := ""
		if !strings.Contains(n.what, "Publisher") {
			since = " using TCP since Mon Jan  5 09:00:00 2026"
		}
		fmt.Fprintf(&b, "%s %s %s %s authenticated%s\n", n.host.address(l.options.Loopback), n.host.name, short, n.what, since)
	}
	b.WriteString("admin:\n")
	return b.String()
}

// cucmLDAP is LDAP authentication as an administrator writes it down.
func (l *Lab) cucmLDAP() string {
	return fmt.Sprintf(`# Written down from CUCM (System > LDAP > LDAP Authentication).
CUCM.LDAPAuthentication:
  Enabled: true
  DN: %s
  SearchBase: %s
  Server.1: {Address: %s, Port: %d, TLS: true}
`, authAccount, people, hostDC.name, l.port(gcTLSDC))
}
