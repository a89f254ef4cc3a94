package lab

import (
	"reflect"
	"strings"
	"testing"

	"cupclint/internal/lab/cluster"
)

// Each switch of the command line changes a node, and what it changes of a command is said by the command, not by the name of the switch.
func TestEachLineSwitchChangesANode(t *testing.T) {
	config := func(line ...string) [2]any {
		l := &Lab{options: Options{Line: line}}
		return [2]any{l.lineConfig(hostCUCM), l.lineConfig(hostCUPS2)}
	}
	good := config()
	for _, name := range Misbehaviours() {
		if !strings.HasPrefix(name, "ssh-") {
			continue
		}
		worse := config(name)
		if reflect.DeepEqual(worse[1], good[1]) {
			t.Errorf("%s changes nothing", name)
		}
		if name == "ssh-differs" && !reflect.DeepEqual(worse[0], good[0]) {
			t.Error("ssh-differs changes the call manager")
		}
	}
}

// Servers with bad certificates still answer: each switch has a certificate that a client gets to see.
func TestBadCertificates(t *testing.T) {
	for _, s := range []cluster.Switch{cluster.CertExpired, cluster.CertOld, cluster.CertShort, cluster.CertOther, cluster.CertTLS10} {
		c := cluster.New(cluster.Config{Switches: []cluster.Switch{s}})
		config, err := c.TLS("cucm1.acme.test")
		if err != nil || !c.BadCertificate() {
			t.Errorf("%s: %v", s, err)
			continue
		}
		names := config.Certificates[0].Leaf.Subject.CommonName
		if (names != "cucm1.acme.test") != (s == cluster.CertShort || s == cluster.CertOther) {
			t.Errorf("%s: the name is %s", s, names)
		}
	}
}
