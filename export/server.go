package export

import (
	"strings"
)

// What the server side says comes as records: rows of a query, elements of an AXL answer. A serverRecord turns one field after the
// other into a property of the key space, or into none.
type serverRecord struct {
	kind  recordKind
	param string // name of the service parameter whose value comes next
	n     int    // of the record, or of the LDAP server in it
}

type recordKind uint8

const (
	otherRecord recordKind = iota
	nodeRecord             // processnode, processNode
	ldapAuthRecord
	ldapDirRecord
	paramRecord // processconfig, serviceParameter
	userRecord  // enduser
)

// pseudoNode is a row among the nodes that is no server: it holds what goes for all.
const pseudoNode = "EnterpriseWideData"

// fieldKey is the key of a field, by its name in lower case. The names are those of AXL; the database has the same in lower
// case, as far as known.
func fieldKey(kind recordKind, name string) KeyID {
	if kind == nodeRecord && name == "name" {
		return ClusterNodeName
	}
	keys := [...]KeyID{
		CUCMLDAPAuthenticationDN, CUCMLDAPAuthenticationPassword, CUCMLDAPAuthenticationSearchBase,
		CUCMLDAPAuthenticationServerAddress, CUCMLDAPAuthenticationServerPort, CUCMLDAPAuthenticationServerTLS,
	}
	switch kind {
	case ldapAuthRecord:
		if name == "authenticateendusers" {
			return CUCMLDAPAuthenticationEnabled
		}
	case ldapDirRecord:
		keys = [...]KeyID{
			CUCMLDAPDirectoryDN, CUCMLDAPDirectoryPassword, CUCMLDAPDirectorySearchBase,
			CUCMLDAPDirectoryServerAddress, CUCMLDAPDirectoryServerPort, CUCMLDAPDirectoryServerTLS,
		}
	default:
		return NoKey
	}
	switch name {
	case "distinguishedname", "ldapdn":
		return keys[0]
	case "ldappassword":
		return keys[1]
	case "usersearchbase":
		return keys[2]
	case "hostname":
		return keys[3]
	case "ldapportnumber":
		return keys[4]
	case "sslenabled":
		return keys[5]
	}
	return NoKey
}

// take decides on a field: its key and number, and whether it is kept. A secret is kept under its own name, so that redact and the rules on
// secrets see it.
func (rec *serverRecord) take(p *Property) (keep bool) {
	name := strings.ToLower(p.Name)
	if rec.kind == paramRecord {
		return rec.parameter(name, p)
	}
	p.Key = fieldKey(rec.kind, name)
	if p.Key == ClusterNodeName && p.Value == pseudoNode {
		return false
	}
	if p.Key != NoKey {
		if p.Key.Indexed() {
			p.N = max(rec.n, 1)
		}
		return p.Value != "t" && p.Value != "f" // the database's truth values are no values of the key space
	}
	return p.Secret()
}

// parameter takes a service parameter: its name comes first, then its value. What the SIP proxy's domain is called in the database is not
// documented, so names are matched loosely; the property keeps the name that was matched.
func (rec *serverRecord) parameter(name string, p *Property) bool {
	switch name {
	case "paramname", "name":
		rec.param = p.Value
	case "paramvalue", "value":
		matched := strings.ToLower(strings.ReplaceAll(rec.param, "_", ""))
		if strings.HasSuffix(matched, "proxydomain") {
			p.Key, p.Name = SIPProxyDomain, rec.param
			return true
		}
		return p.Value != "" && secretName(rec.param)
	}
	return p.Secret()
}

// tableKind tells the kind of records by the name of a table.
func tableKind(table string) recordKind {
	switch strings.ToLower(table) {
	case "processnode":
		return nodeRecord
	case "ldapauthentication":
		return ldapAuthRecord
	case "directorypluginconfig", "ldapdirectory":
		return ldapDirRecord
	case "processconfig":
		return paramRecord
	case "enduser":
		return userRecord
	}
	return otherRecord
}

// columnsKind guesses the kind by the columns, where the query itself is not in the file.
func columnsKind(columns []string) recordKind {
	has := func(name string) bool {
		for _, c := range columns {
			if strings.EqualFold(c, name) {
				return true
			}
		}
		return false
	}
	switch {
	case has("paramname") && has("paramvalue"):
		return paramRecord
	case has("name") && (has("nodeid") || has("tkprocessnoderole") || has("systemnode")):
		return nodeRecord
	case has("authenticateendusers"):
		return ldapAuthRecord
	}
	return otherRecord
}
