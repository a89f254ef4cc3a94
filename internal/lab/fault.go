package lab

// A Fault is one thing that is wrong in the broken deployment.
type Fault struct {
	Name     string // short and fixed
	Sentence string // what is wrong, for a reader who is new to this
}

// The faults. The repaired deployment has none of them.
var (
	presenceDomainCase = Fault{"presence-domain-case", "The presence domain is written ACME.TEST, the node acme.test: the client does not see that they are one."}
	presenceNoRecord   = Fault{"presence-no-record", "DNS does not know the presence node, so no client finds it."}
	directoryReferral  = Fault{"directory-referral", "The domain controller holds one of two domains and refers the client to the other instead of answering."}
	sharedAccount      = Fault{"shared-account", "The client's search and CUCM's authentication use one account: one old password locks out both."}
	nearLockOut        = Fault{"near-lock-out", "One more wrong password locks the service account."}
	clearTextDirectory = Fault{"clear-text-directory", "The password of the service account goes over the wire without TLS."}
)

// Faults lists what is wrong in the broken deployment, in the order of reading it.
func Faults() []Fault {
	return []Fault{presenceDomainCase, presenceNoRecord, directoryReferral, sharedAccount, nearLockOut, clearTextDirectory}
}
