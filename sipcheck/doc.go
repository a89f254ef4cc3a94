// Package sipcheck tests the presence and desk phone side of a deployment with the servers: does the SIP proxy answer where the client
// would register, does it ask for a digest credential, for which realm, is the credential accepted; does CTIManager's port accept
// a connection and keep it.
//
// ProbeSIP and ProbeCTI observe one server each and return plain data, no verdict. Judge joins what the servers said with what
// the export says about digest credentials, incoming ACL and authentication module, and gives the findings SIP101 to SIP105,
// SIP109 and CTI101.
//
// The package leaves no registration behind. Without a credential it sends OPTIONS and a REGISTER without a Contact, which
// asks for the bindings and changes none (RFC 3261, section 10.2.3). With one it registers its own Contact for a minute
// and removes exactly that one, even if it is cancelled in between. It logs in only with an attempt from
// internal/loginbudget. Everything a server sends is bounded.
//
// References: RFC 3261 (SIP), RFC 2617 and RFC 8760 (digest authentication).
package sipcheck
