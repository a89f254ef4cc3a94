package ldapcheck

import (
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// oidActiveDirectory is the capability every AD domain controller names (MS-ADTS, section 3.1.1.3.4.3.1).
const oidActiveDirectory = "1.2.840.113556.1.4.800"

// oidLightweight is the capability of Active Directory Lightweight Directory Services (MS-ADTS, section 3.1.1.3.4.3.6): its people are user
// objects as in AD, but it has no domain, no policy and no Global Catalog of one.
const oidLightweight = "1.2.840.113556.1.4.1851"

// maxList bounds the values kept of one attribute of the root DSE.
const maxList = 64

// readRootDSE asks what the server says about itself (RFC 4512, section 5.1). It needs no log-in.
func (s *session) readRootDSE(ctx context.Context) (*RootDSE, error) {
	e, err := s.read(ctx, "", "(objectClass=*)",
		"namingContexts", "defaultNamingContext", "rootDomainNamingContext", "schemaNamingContext", "dnsHostName", "vendorName", "vendorVersion",
		"currentTime", "supportedControl", "supportedExtension", "supportedCapabilities", "supportedSASLMechanisms", "isGlobalCatalogReady",
		"objectClass", "structuralObjectClass")
	if err != nil || e == nil {
		return nil, err
	}
	d := &RootDSE{
		NamingContexts:       list(e, "namingContexts"),
		DefaultNamingContext: value(e, "defaultNamingContext"),
		ForestRoot:           value(e, "rootDomainNamingContext"),
		SchemaContext:        value(e, "schemaNamingContext"),
		DNSHostName:          value(e, "dnsHostName"),
		Vendor:               strings.TrimSpace(value(e, "vendorName") + " " + value(e, "vendorVersion")),
		Controls:             list(e, "supportedControl"),
		SASL:                 list(e, "supportedSASLMechanisms"),
		ActiveDirectory:      slices.Contains(list(e, "supportedCapabilities"), oidActiveDirectory),
		Lightweight:          slices.Contains(list(e, "supportedCapabilities"), oidLightweight),
		GlobalCatalog:        strings.EqualFold(value(e, "isGlobalCatalogReady"), "TRUE"),
		StartTLS:             slices.Contains(list(e, "supportedExtension"), startTLSName),
	}
	if d.Vendor == "" && slices.Contains(list(e, "objectClass"), "OpenLDAProotDSE") {
		d.Vendor = "OpenLDAP"
	}
	d.CurrentTime, _, _ = ParseGeneralizedTime(value(e, "currentTime"))
	return d, nil
}

// value gives the first value of an attribute, made safe to show. Names are compared without case, as directories do.
func value(e *ldap.Entry, attr string) string {
	if v := e.GetEqualFoldAttributeValues(attr); len(v) > 0 {
		return probe.Clean(v[0])
	}
	return ""
}

func list(e *ldap.Entry, attr string) []string {
	var out []string
	for _, v := range e.GetEqualFoldAttributeValues(attr) {
		if len(out) == maxList {
			break
		}
		if v = probe.Clean(v); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func has(e *ldap.Entry, attr string) bool { return len(e.GetEqualFoldAttributeValues(attr)) > 0 }
