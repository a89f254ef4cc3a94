package lab

// A Fault is one thing that is wrong in the broken deployment.
type Fault struct {
	Sentence string   // what is wrong, for a reader who is new to this
	Rules    []string // the rules that find it
}

// Faults lists what is wrong in the broken deployment, in the order of a client's way through it. The repaired deployment has none of
// them.
func Faults(d Demo) []Fault {
	if d == Jabber {
		return jabberFaults()
	}
	return []Fault{
		{"The presence domain of the head office is ACME.TEST, its node is cups1.acme.test. The client treats them as different and " +
			"registers to a name that does not exist.", []string{"PRES002", "PRES016", "DNS101"}},
		{"Alice in the branch office has no digest credential, but the presence server asks for one.", []string{"CRED001", "SIP102"}},
		{"The CTIManager is not running, so no user can control a desk phone.", []string{"CTI101"}},
		{"CUCM checks desk phone log-ins at the LDAP port of a domain controller. If the answer is a referral, the log-in fails.",
			[]string{"CRED005", "LDAP103"}},
		{"The directory search asks the domain controller of one domain for users of two domains. It answers with a referral to the other " +
			"domain.",
			[]string{"LDAP001", "LDAP103"}},
		{"The password of the directory account crosses the network without TLS.", []string{"LDAP004"}},
		{"The client's search and CUCM use the same directory account: one old password locks out both.", []string{"LDAP002"}},
		{"One more wrong password locks that account.", []string{"LDAP105"}},
		{"Voicemail is fetched without TLS, but the mail store accepts log-ins only over TLS.", []string{"CRED007", "MAIL102"}},
		{"The calendar gateway shows a certificate for another name.", []string{"MAIL109"}},
		{"The calendar gateway shows a log-in form to a program that cannot fill one in.", []string{"MAIL106"}},
		{"DNS does not know the TFTP server.", []string{"DNS112"}},
	}
}

// jabberFaults are those of the Jabber deployment.
func jabberFaults() []Fault {
	return []Fault{
		{"The record _cisco-uds is visible outside the network: Jabber at home tries to reach the internal servers and does not use the edge.",
			[]string{"EDGE103"}},
		{"The record _collab-edge is visible inside the network.", []string{"DNS113"}},
		{"The certificate of the Expressway-E is not for the name in the record.", []string{"EDGE106"}},
		{"The firewall does not allow XMPP to the Expressway-E.", []string{"EDGE107"}},
		{"The first presence node does not serve the presence domain that the clients ask for.", []string{"XMPP102"}},
		{"The second presence node offers TLS but does not require it.", []string{"XMPP104"}},
		{"The user data service of the second call manager is not ready.", []string{"UDS102"}},
		{"The second call manager has an older jabber-config.xml than the first one.", []string{"TFTP104", "TFTP105"}},
		{"The CTIManager of the second call manager is not running.", []string{"CTI101"}},
		{"The directory search uses the LDAP port without TLS, not the Global Catalog that the call manager asks.",
			[]string{"LDAP004", "DEP004"}},
		{"DNS does not know the voicemail server.", []string{"DNS112"}},
	}
}
