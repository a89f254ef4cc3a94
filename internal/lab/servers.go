package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
)

// Accounts of the servers that cupclint collect reads from. They share Lab.Password.
const (
	ReadUser = "svc-cupclint" // AXL and the command line
	SOAPUser = "svc-soap"     // the client configuration service
)

// serverHosts are the nodes of the cluster.
var serverHosts = [...]struct {
	host host
	role string
}{{hostCUCM, "cucm"}, {hostCUPS1, "imp"}, {hostCUPS2, "imp"}}

// startServers begins to play the administration of the cluster.
func (l *Lab) startServers(ctx context.Context, ca *authority) error {
	l.Cluster, l.SSH = cluster.New(l.clusterConfig()), map[string]*sshcli.Server{}
	for _, s := range serverHosts {
		secured, err := l.secured(ca, s.host.name)
		if err != nil {
			return err
		}
		if err := l.serveWeb(ctx, "administration over HTTPS", service{s.host, 8443}, secured, l.Cluster.Web(s.host.name)); err != nil {
			return err
		}
		if s.role == "cucm" {
			if err := l.startFiles(ctx, s.host, secured); err != nil {
				return err
			}
		}
		line, err := sshcli.New(l.lineConfig(s.host))
		if err != nil {
			return fmt.Errorf("start the command line of %s: %w", s.host.name, err)
		}
		l.SSH[s.host.name] = line
		n, err := l.listenAt(ctx, service{s.host, 22})
		if err != nil {
			return err
		}
		l.order = append(l.order, ordered{"command line over SSH", service{s.host, 22}})
		l.serve(n, line.Serve)
	}
	return nil
}

func (l *Lab) has(s cluster.Switch) bool { return slices.Contains(l.options.Switches, s) }

// startFiles serves the files of a TFTP server in all the ways that the switches leave.
func (l *Lab) startFiles(ctx context.Context, h host, secured *tls.Config) error {
	if !l.has(cluster.FilesHTTPSOnly) && !l.has(cluster.FilesTFTPOnly) {
		if err := l.serveWeb(ctx, "files over HTTP", service{h, 6970}, nil, l.Cluster.Files(h.name)); err != nil {
			return err
		}
	}
	if !l.has(cluster.FilesTFTPOnly) {
		if err := l.serveWeb(ctx, "files over HTTPS", service{h, 6972}, secured, l.Cluster.Files(h.name)); err != nil {
			return err
		}
	}
	return l.startTFTP(ctx, service{h, 69}, func(name string) (string, bool) { return l.Cluster.File(h.name, name) })
}

// secured is the certificate of a server: signed by the authority, unless a switch wants a worse one.
func (l *Lab) secured(ca *authority, name string) (*tls.Config, error) {
	if l.Cluster.BadCertificate() {
		return l.Cluster.TLS(name)
	}
	return ca.server(name)
}

// shift is added to a port that is not free, once for each lab that has it. All hosts try the same ports in the same order, so that one
// flag names the port of all.
const shift = 10000

// ports are the usual port of a server and those that are tried when it is not free.
func (s service) ports() []uint16 {
	list := []uint16{s.port}
	for n := range uint16(5) {
		list = append(list, s.port%shift+(n+1)*shift)
	}
	return list
}

// listenAt opens a port of a server, or the next one that is free.
func (l *Lab) listenAt(ctx context.Context, s service) (net.Listener, error) {
	if !l.options.Loopback {
		return l.listen(ctx, s)
	}
	config := new(net.ListenConfig)
	var n net.Listener
	var err error
	for _, port := range s.ports() {
		if n, err = config.Listen(ctx, "tcp4", netip.AddrPortFrom(s.host.address(true), port).String()); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", s, err)
	}
	l.services[s] = n.Addr().(*net.TCPAddr).AddrPort()
	return n, nil
}

func (l *Lab) serveWeb(ctx context.Context, what string, s service, secured *tls.Config, h http.Handler) error {
	n, err := l.listenAt(ctx, s)
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

// clusterConfig is the database of the call manager, as the exports have it.
func (l *Lab) clusterConfig() cluster.Config {
	c := cluster.Config{
		Version: "14.0.1.13900-155", Schemas: []string{"11.0", "11.5", "12.0", "12.5", "14.0"},
		User: ReadUser, Password: l.Password, AppUser: SOAPUser, AppPassword: l.Password, Switches: l.options.Switches,
		Records: map[string][]cluster.Record{
			"listProcessNode": {{{"name", "EnterpriseWideData"}, {"nodeUsage", "Subscriber"}}},
		},
		Files: map[string]string{"jabber-config.xml": l.clientConfig()},
		Users: map[string]string{hqUser: l.hq()},
	}
	roles := map[string]string{"cucm": "CUCM Voice/Video", "imp": "CUCM IM and Presence"}
	seen := map[string]bool{}
	for _, s := range serverHosts {
		usage := "Subscriber"
		if !seen[s.role] {
			seen[s.role], usage = true, "Publisher"
		}
		c.Nodes = append(c.Nodes, cluster.Node{Name: s.host.name, Role: s.role})
		c.Records["listProcessNode"] = append(c.Records["listProcessNode"],
			cluster.Record{{"name", s.host.name}, {"nodeUsage", usage}, {"processNodeRole", roles[s.role]}})
	}
	directory := pick(l, gcTLSDC, ldapDC)
	c.Records["getLdapAuthentication"] = []cluster.Record{{
		{"authenticateEndUsers", "true"}, {"distinguishedName", pick(l, authAccount, searchAccount)}, {"userSearchBase", people},
		{"servers/server/hostName", hostDC.name}, {"servers/server/ldapPortNumber", fmt.Sprint(l.port(directory))},
		{"servers/server/sslEnabled", pick(l, "true", "false")},
	}}
	return c
}

// clientConfig is what Jabber clients get from the TFTP server.
func (l *Lab) clientConfig() string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<config version="1.0">
  <Directory>
    <DirectoryServerType>UDS</DirectoryServerType>
    <PresenceDomain>acme.test</PresenceDomain>
  </Directory>
  <Phone>
    <CtiServer1>%s</CtiServer1>
    <TftpServer1>%[1]s</TftpServer1>
  </Phone>
</config>
`, hostCUCM.name)
}

// status is what show status prints of a node without trouble, in the form of release 12.5.
const status = `
Host Name          : %s
Date               : Tue Sep 19, 2023 10:02:18
Time Zone          : Central Daylight Time (America/Chicago)
Locale             : en_US.UTF-8
Product Ver        : 14.0.1.13900-155
Unified OS Version : 7.0.0.0-4

Uptime:
 10:02:20 up 133 days,  2:47,  1 user,  load average: 0.41, 0.38, 0.35

                        Total            Free            Used
Disk/active         19805000K        6240000K       13345000K (69%%)
Disk/inactive       19805000K        6601000K       12984000K (67%%)
Disk/logging        69235000K       40315000K       28920000K (42%%)
`

// clock is what utils ntp status prints on the call manager.
const clock = `ntpd (pid 3638) is running...

     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
*192.0.2.50       192.0.2.7        2 u   40   64  377    0.412    0.093   0.120
+192.0.2.51       192.0.2.8        2 u   41   64  377    0.512    0.113   0.130

synchronised to NTP server (192.0.2.50) at stratum 3
   time correct to within 41 ms
   polling server every 1024 s

Current time in UTC is : Tue Sep 19 15:02:36 UTC 2023
Current time in America/Chicago is : Tue Sep 19 10:02:36 CDT 2023
`

// commands are what the command line of each node prints.
func (l *Lab) commands(h host) map[string]sshcli.Answer {
	var nodes strings.Builder
	kinds := map[string]string{"cucm": "callmanager", "imp": "cups"}
	seen := map[string]bool{}
	for _, s := range serverHosts {
		usage, database := "Subscriber", "DBSub"
		if !seen[s.role] {
			seen[s.role], database = true, "DBPub"
			if s.role == "cucm" {
				usage = "Publisher"
			}
		}
		short, _, _ := strings.Cut(s.host.name, ".")
		fmt.Fprintf(&nodes, "%s %s %s %s %s %s authenticated\n", s.host.address(l.options.Loopback), s.host.name, short, usage, kinds[s.role],
			database)
	}
	short, _, _ := strings.Cut(h.name, ".")
	answers := map[string]sshcli.Answer{
		"show status":          {Text: fmt.Sprintf(status, short)},
		"show network cluster": {Text: nodes.String()},
		"show version active": {Text: "Active Master Version: 14.0.1.13900-155\nActive Version Installed Software Options:\nNo Installed " +
			"Software Options Found.\n"},
	}
	if h == hostCUCM {
		answers["utils ntp status"] = sshcli.Answer{Text: clock}
	}
	return answers
}

// SSHPort is the port of the command line on all hosts.
func (l *Lab) SSHPort() string { return fmt.Sprint(l.services[service{hostCUCM, 22}].Port()) }

// Ports lists the ports of the servers that are not the usual ones, as USUAL=OTHER.
func (l *Lab) Ports() []string {
	var out []string
	for _, usual := range []uint16{22, 69, 6970, 6972, 8443} {
		if at := l.services[service{hostCUCM, usual}].Port(); at != usual && at != 0 {
			out = append(out, fmt.Sprintf("%d=%d", usual, at))
		}
	}
	return out
}
