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

// jabberKeys are settings of jabber-config.xml with the values that most files have ("Parameters Reference Guide for Cisco Jabber").
var jabberKeys = []property{
	{"Client.PrtLogServerURL", "https://prt.acme.com:8443/prt"}, {"Client.InvalidCertificateBehavior", "RejectAndNotify"},
	{"Client.ForceLogoutTimerDesktop", "480"}, {"Client.Persistent_Chat_Mobile_Enabled", "false"}, {"Client.JawsSounds", "true"},
	{"Client.EnableReminderForNoneWebExMeeting", "false"}, {"Client.ShowCallAlerts", "true"}, {"Client.spell_check_language", "1033"},
	{"Client.SystemIdleDuringCalls", "false"}, {"Client.UXModel", "modern"}, {"Client.Mention_PersistentChat", "true"},
	{"Options.CalendarIntegrationType", "1"}, {"Options.EnableCalendarIntegration", "true"}, {"Options.Location_Enabled", "true"},
	{"Options.RefreshCustomTabsOnNetworkChange", "false"}, {"Options.ShowContactPictures", "true"},
	{"Options.UseBridgeForConferenceCalls", "true"}, {"Options.Exchange_UseCredentialsFrom", "CUCM"},
	{"Phone.EnableNGEPolicy", "eOnPremOnly"},
	{"Policies.AddContactProtocolRateLimit", "3"}, {"Policies.ClickToCallWithEditProtocolPermissionEnabled", "true"},
	{"Policies.DisableVoicemailSentBox", "false"}, {"Policies.EnableADLockPrevention", "true"},
	{"Policies.EnableForensicsContactData", "true"},
	{"Policies.EnableP2PDesktopShare", "true"}, {"Policies.EnableRecordingTone", "true"}, {"Policies.EnablesSendLogsViaEmail", "true"},
	{"Policies.EnableVideo", "true"}, {"Policies.Inactive_Connection_Activation_Timer", "120"}, {"Policies.LegacyOAuthLogout", "false"},
	{"Policies.MaxNumberOfFilesDesktop", "10"}, {"Policies.PrintIMEnabled", "true"}, {"Policies.ProvisionProtocolTimeLimit", "15"},
	{"Policies.RememberChatList", "on"}, {"Policies.SharePortRangeSize", "16383"}, {"Policies.ShowScreenCaptureButton", "true"},
	{"Policies.TelemetryEnabled", "false"}, {"Policies.UserDefinedRemoteDestinations", "false"},
	{"Directory.BusinessPhone", "telephoneNumber"},
	{"Directory.DirectoryUri", "mail"}, {"Directory.EmailAddress", "mail"}, {"Directory.CommonName", "cn"},
	{"Directory.PhotoUriSubstitutionEnabled", "false"}, {"Directory.UserAccountName", "sAMAccountName"},
}

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

// Jabber is a jabber-config.xml of the same deployment: usual settings, and directory and voicemail servers of the export.
func (e Export) Jabber() []byte {
	own := []property{
		{"Directory.PrimaryServerName", e.get("Directory.Primary.Address")}, {"Directory.ServerPort1", e.get("Directory.Primary.Port")},
		{"Directory.SecondaryServerName", e.get("Directory.Backup1.Address")}, {"Directory.ServerPort2", e.get("Directory.Backup1.Port")},
		{"Directory.SearchBase1", e.get("Directory.SearchContext1")}, {"Directory.SearchBase2", e.get("Directory.SearchContext2")},
		{"Directory.PresenceDomain", e.get("Presence.Domain")}, {"Voicemail.VoicemailPrimaryServer", e.get("VoiceMail.Primary.Address")},
	}
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<config version=\"1.0\">\n")
	section := ""
	for _, p := range append(jabberKeys[:len(jabberKeys):len(jabberKeys)], own...) {
		in, name, _ := strings.Cut(p.key, ".")
		if in != section {
			if section != "" {
				fmt.Fprintf(&b, "  </%s>\n", section)
			}
			fmt.Fprintf(&b, "  <%s>\n", in)
			section = in
		}
		fmt.Fprintf(&b, "    <%s>%s</%s>\n", name, p.value, name)
	}
	fmt.Fprintf(&b, "  </%s>\n</config>\n", section)
	return b.Bytes()
}

func (e Export) get(key string) string {
	for _, p := range e.properties {
		if p.key == key {
			return p.value
		}
	}
	return ""
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
