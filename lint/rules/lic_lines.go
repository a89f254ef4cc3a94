package rules

import (
	"strconv"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// Products that have their own licence files, in addition to callmanager, cups and cer.
const (
	contactCenter = "ccx"
	connection    = "connection"
)

// A licenceLine is one INCREMENT line of a licence file.
type licenceLine struct {
	record
	feature *lint.Fact
	family  string // the product that the line is for
	count   int    // -1 where the line has none
	id      string // hexadecimal digits of HOSTID, in lower case
}

// place is where the line names its server, or the feature.
func (l *licenceLine) place() *lint.Fact {
	if id := l.get(appliance.LicenceHostID); id != nil {
		return id
	}
	return l.feature
}

func (l *licenceLine) file() string { return l.feature.Place.File }

// licences lists the lines of all licence files.
func (e *evidence) licences() []*licenceLine {
	if !e.linesRead {
		e.lines, e.linesRead = e.readLicences(), true
	}
	return e.lines
}

func (e *evidence) readLicences() []*licenceLine {
	var out []*licenceLine
	for _, o := range e.outputs {
		from := len(out)
		family := ""
		for r, feature := range o.all(appliance.LicenceFeature) {
			l := &licenceLine{record: r, feature: feature, family: licenceFamily(feature.Value), count: -1,
				id: hexDigits(r.text(appliance.LicenceHostID))}
			if n, err := strconv.Atoi(r.text(appliance.LicenceCount)); err == nil {
				l.count = n
			}
			if family == "" {
				family = l.family
			}
			out = append(out, l)
		}
		if family == "" {
			family = "callmanager"
		}
		for _, l := range out[from:] {
			if isSoftwareLicence(l.feature.Value) { // SW_FEATURE says nothing of the product; its file does
				l.family = family
			}
		}
	}
	return out
}

// licenceFamily is the product of a feature by its name, empty if the name does not show it.
func licenceFamily(feature string) string {
	feature = strings.ToUpper(feature)
	for _, f := range [...]struct{ prefix, product string }{
		{"CCM", "callmanager"}, {"PHONE_UNIT", "callmanager"}, {"CUP", "cups"}, {"CER", "cer"}, {"CCX", contactCenter}, {"CRS", contactCenter},
		{"CUC", connection}, {"LICUNITY", connection}, {"LICVM", connection}, {"LICSUB", connection},
	} {
		if strings.HasPrefix(feature, f.prefix) {
			return f.product
		}
	}
	return ""
}

func isSoftwareLicence(feature string) bool { return strings.EqualFold(feature, "SW_FEATURE") }

// linesOf lists the lines for a product.
func linesOf(all []*licenceLine, family string) []*licenceLine {
	var out []*licenceLine
	for _, l := range all {
		if l.family == family {
			out = append(out, l)
		}
	}
	return out
}

// hexDigits keeps the digits of a MAC address or host ID, in lower case. The result is "" if it is not a MAC.
func hexDigits(s string) string {
	const digits = 12
	s = strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
			return c
		case c == ':' || c == '-' || c == '.' || c == ' ':
			return -1
		}
		return 'x'
	}, strings.ToLower(s))
	if len(s) != digits || strings.Contains(s, "x") {
		return ""
	}
	return s
}
