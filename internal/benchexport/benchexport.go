// Package benchexport makes the exports that benchmarks read: about 60 properties and 5 KB each as SOAP, the same
// properties as YAML, key = value text and a registry export. A seed gives the same bytes every time; one export
// in twenty carries one fault of a kind that people meet.
package benchexport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// FaultyShare is how many exports in a hundred carry a fault.
const FaultyShare = 5

type property struct{ key, value string }

// An Export is one made deployment, ready to be written in any format.
type Export struct {
	properties []property
	// Faulty says that one fault was put in.
	Faulty bool
}

// New makes export number i of the set with the seed. Exports of one set do not depend on each other.
func New(seed uint64, i int) Export {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	site := []string{"hq", "berlin", "lyon", "porto", "oslo"}[rng.IntN(5)]
	dir := "dc1." + site + ".acme.com"
	p := []property{
		{"Presence.Primary.Address", "cups1"},
		{"Presence.Primary.Port", "5060"},
		{"Presence.Primary.Protocol", "TCP"},
		{"Presence.Backup.Address", "cups2"},
		{"Presence.Backup.Port", "5060"},
		{"Presence.Backup.Protocol", "TCP"},
		{"Presence.Domain", "acme.com"},
		{"Presence.enableGlobal", "TRUE"},
		{"IM.enable", "TRUE"},
		{"IM.AllowCutAndPaste", "TRUE"},
		{"IM.AllowLocalTranscript", "FALSE"},
		{"OfflineIM.suppress", "FALSE"},
		{"PhoneDND.enable", "TRUE"},
		{"MeetingDND.enable", "TRUE"},
		{"Calendar.Primary", "mail." + site + ".acme.com"},
		{"Calendar.Backup", ""},
		{"CUP.ProxyUDPListener.Port", "5060"},
		{"CUP.ProxyTCPListener.Port", "5060"},
		{"CUP.ProxyTLSListenerPeerAuth.Port", "5062"},
		{"CUP.ProxyTLSListenerServerAuth.Port", "5061"},
		{"CUP.SRM.LowerFailoverLoginRetryLimit", "120"},
		{"CUP.SRM.UpperFailoverLoginRetryLimit", "537"},
		{"CallControl.Primary.Address", "cucm1." + site + ".acme.com"},
		{"CallControl.Primary.Port", "2748"},
		{"CallControl.Primary.Protocol", "TCP"},
		{"CallControl.Backup1.Address", "cucm2." + site + ".acme.com"},
		{"CallControl.Backup1.Port", "2748"},
		{"CallControl.Backup1.Protocol", "TCP"},
		{"CCMCIP.Host", "cucm1." + site + ".acme.com"},
		{"CCMCIP.Host.Backup", "cucm2." + site + ".acme.com"},
		{"TFTP.Primary", "cucm1." + site + ".acme.com"},
		{"TFTP.Backup1", "cucm2." + site + ".acme.com"},
		{"TFTP.Backup2", ""},
		{"Directory.ConfigurationName", "acme " + site},
		{"Directory.Primary.Address", dir},
		{"Directory.Primary.Port", "3269"},
		{"Directory.Primary.Protocol", "SSL"},
		{"Directory.Backup1.Address", "dc2." + site + ".acme.com"},
		{"Directory.Backup1.Port", "3269"},
		{"Directory.Backup1.Protocol", "SSL"},
		{"Directory.DN", "CN=svc-cupc-search,OU=Service Accounts,DC=acme,DC=com"},
		{"Directory.AnonymousBind", "FALSE"},
		{"Directory.SearchContext1", "OU=" + site + ",DC=acme,DC=com"},
		{"Directory.SearchRecursive1", "TRUE"},
		{"Directory.SearchContext2", "OU=Partners,DC=acme,DC=com"},
		{"Directory.SearchRecursive2", "TRUE"},
		{"VoiceMail.Primary.Address", "unity1." + site + ".acme.com"},
		{"VoiceMail.Primary.Port", "443"},
		{"VoiceMail.Primary.Protocol", "HTTPS"},
		{"VoiceMail.PilotNumber", fmt.Sprint(70000 + rng.IntN(9999))},
		{"VoiceMail.Primary.SecureMessaging.Port", "7993"},
		{"VoiceMail.Primary.SecureMessaging.Protocol", "SSL"},
		{"MailStore.Primary.Address", "unity1." + site + ".acme.com"},
		{"MailStore.Primary.Port", "7993"},
		{"MailStore.Primary.Protocol", "SSL"},
		{"MeetingPlace.Primary.Address", "meet." + site + ".acme.com"},
		{"MeetingPlace.Primary.Port", "443"},
		{"MeetingPlace.Primary.Protocol", "HTTPS"},
		{"AdhocSubscriptions.Enabled", "TRUE"},
		{"AdhocSubscriptions.MaxNum", "20"},
		{"AdhocSubscriptions.TTL", fmt.Sprint(600 + rng.IntN(600))},
	}
	e := Export{properties: p}
	if rng.IntN(100) < FaultyShare {
		e.Faulty = true
		faults := []property{
			{"Presence.Primary.Address", "cups1.lab.example.org"},
			{"Presence.Primary.Address", "cups1.Acme.com"},
			{"Presence.Primary.Address", "10.11.12"},
			{"Presence.Backup.Address", "cups2.acme.com."},
			{"Directory.Primary.Port", "70000"},
			{"Directory.SearchContext1", "acme.com/people"},
			{"CallControl.Primary.Port", "2000"},
			{"Directory.AnonymousBind", "maybe"},
		}
		e.set(faults[rng.IntN(len(faults))])
	}
	return e
}

func (e *Export) set(with property) {
	for i := range e.properties {
		if e.properties[i].key == with.key {
			e.properties[i] = with
		}
	}
}

// SOAP is the client configuration response.
func (e Export) SOAP() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope" xmlns:epas="urn:cisco:epas:soap">
 <soapenv:Body>
  <epas:get-all-config-resp>
   <epas:get-system-config-resp>
`)
	for _, p := range e.properties {
		if p.value == "" {
			fmt.Fprintf(&b, "    <epas:property name=\"%s\"/>\n", p.key)
			continue
		}
		fmt.Fprintf(&b, "    <epas:property name=\"%s\">%s</epas:property>\n", p.key, p.value)
	}
	b.WriteString(`   </epas:get-system-config-resp>
  </epas:get-all-config-resp>
 </soapenv:Body>
</soapenv:Envelope>
`)
	return b.Bytes()
}

// Properties is key = value text.
func (e Export) Properties() []byte {
	var b bytes.Buffer
	for _, p := range e.properties {
		fmt.Fprintf(&b, "%s = %s\n", p.key, p.value)
	}
	return b.Bytes()
}

// YAML nests the keys at their dots where that is possible, as people write it by hand.
func (e Export) YAML() []byte {
	var b bytes.Buffer
	section := ""
	for _, p := range e.properties {
		head, rest, _ := strings.Cut(p.key, ".")
		if head != section {
			fmt.Fprintf(&b, "%s:\n", head)
			section = head
		}
		value := p.value
		if value == "" {
			value = `""`
		}
		fmt.Fprintf(&b, "  %s: %s\n", rest, value)
	}
	return b.Bytes()
}

// Registry is what regedit writes for the client's AdminData key: UTF-16LE with a byte order mark, CR LF.
func (e Export) Registry() []byte {
	var b strings.Builder
	b.WriteString("Windows Registry Editor Version 5.00\r\n\r\n" +
		`[HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services Framework\AdminData]` + "\r\n")
	for _, p := range e.properties {
		value := strings.ReplaceAll(strings.ReplaceAll(p.value, `\`, `\\`), `"`, `\"`)
		fmt.Fprintf(&b, "\"%s\"=\"%s\"\r\n", p.key, value)
	}
	b.WriteString("\r\n")
	units := utf16.Encode([]rune(b.String()))
	out := make([]byte, 2, 2+2*len(units))
	out[0], out[1] = 0xFF, 0xFE
	for _, u := range units {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
