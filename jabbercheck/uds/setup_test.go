package uds_test

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/uds"
	"cupclint/lint"
)

const (
	versionXML = `<?xml version="1.0" encoding="UTF-8"?><versionInformation version="14.0.1" uri="https://cucm1/cucm-uds/version"><version>14.0.1` +
		`</version><capabilities><usersResourceAuthEnabled>true</usersResourceAuthEnabled></capabilities></versionInformation>`
	serversXML = `<servers version="14.0.1"><server>127.0.0.1</server></servers>`
	foundXML   = `<clusterUser version="14.0.1"><result found="true" uri="https://cucm1:8443/cucm-uds/user/alice" version="14.0.1"/>` +
		`<homeCluster serversUri="https://cucm1.example.com:8443/cucm-uds/servers">cucm1.example.com</homeCluster></clusterUser>`
	absentXML = `<clusterUser version="14.0.1"><result found="false"/></clusterUser>`
	userXML   = `<user version="14.0.1"><userName>alice</userName><phoneNumber>+4930123456</phoneNumber><accountType useLdapAuth="true">ldap</accountType>` +
		`<homeCluster enableImAndPresence="true" enableCalendarPresence="false">true</homeCluster><imAndPresence><server>imp1.example.com</server>` +
		`</imAndPresence><serviceProfile><uri>http://cucm1:6970/SPDefault.cnf.xml</uri></serviceProfile></user>`
)

func target(t *testing.T, addr string) probe.Target {
	t.Helper()
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return uds.TargetOf(host, port)
}

func checker(t *testing.T, ca *servertest.Authority) *uds.Checker {
	t.Helper()
	budget := servertest.Budget(t)
	c := &uds.Checker{Prober: &probe.Prober{}, Budget: budget}
	if ca != nil {
		c.Prober.Roots = ca.Pool
	}
	return c
}

func ids(findings []lint.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule)
	}
	return strings.Join(out, " ")
}

func judge(seen ...*uds.Observation) string { return ids(uds.Judge(seen, uds.JudgeOptions{})) }
