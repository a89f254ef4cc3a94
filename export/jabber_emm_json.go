package export

import (
	"slices"
	"strings"

	"cupclint/internal/fold"
)

// Device management systems write an app configuration in JSON as members that have the names of Jabber's settings alone
// ({"ServicesDomain": "..."}), or as pairs of a key and a value ({"key": "ServicesDomain", "valueString": "..."}).

// asAppConfig looks at the settings of a JSON document again, where none is a key of the key space.
func (r *Reader) asAppConfig() {
	if r.exp.known() || r.Force == JSON {
		return
	}
	r.keepSettings(func(all []Property, i int) (paired, ok bool) {
		_, last := cutLast(all[i].Name)
		if bootstrapKey(last) != NoKey && len(last) > 3 {
			return false, true
		}
		return true, strings.HasSuffix(strings.ToLower(last), "key") && bootstrapKey(all[i].Value) != NoKey
	})
}

// asCustomSettings is the same for pairs of a name and a value, as Intune has them for an app without management of the device
// ("customSettings": [{"name": "ServicesDomain", "value": "..."}]). Many documents have such pairs, so the names must be known ones.
func (r *Reader) asCustomSettings() {
	r.keepSettings(func(all []Property, i int) (paired, ok bool) {
		_, last := cutLast(all[i].Name)
		return true, strings.EqualFold(last, "name") && managed(all[i].Value)
	})
}

// keepSettings keeps the settings of Jabber of a document, where it has any. known finds those that have a known name: members, or the
// keys of pairs. Next to them are settings too: a slip of a known name is kept, and any other is skipped.
func (r *Reader) keepSettings(known func(all []Property, i int) (paired, ok bool)) {
	e := &r.exp
	all := e.Properties
	places := make(map[settingPlace]bool)
	for i := range all {
		if paired, ok := known(all, i); ok && (!paired || pairedValue(all, i) != nil) {
			places[placeOf(all[i].Name, paired)] = true
		}
	}
	if len(places) == 0 {
		return
	}
	var settings []Property
	member := "" // of the last setting that was skipped: an object or a list is skipped once
	for i := range all {
		p, whole := all[i], true
		if places[placeOf(p.Name, true)] {
			p, whole = pair(all, i)
		} else {
			p.Name, whole = memberName(places, p.Name)
		}
		standard := p.Name != "" && standardMember(p.Name)
		if whole && !standard && emmKey(&p) {
			settings = append(settings, p)
			continue
		}
		if p.Secret() {
			e.Found = append(e.Found, all[i]) // of another name: it is not shown
		}
		if p.Name != "" && p.Name != member && !standard {
			r.ignoreSetting(&p)
		}
		member = p.Name
	}
	clear(e.first[:])
	e.Properties = e.Properties[:0]
	for i := range settings {
		if r.add(&settings[i]) != nil {
			break
		}
	}
	e.Format = JabberEMM
	e.recognised = true
}

// ignoreSetting skips a setting that is not Jabber's. Only the name is shown where the value is on another line.
func (r *Reader) ignoreSetting(p *Property) {
	start, end := min(p.nameStart, p.valueStart), max(p.nameEnd, p.valueEnd)
	if strings.Contains(r.exp.text[start:end], "\n") {
		start, end = p.nameStart, p.nameEnd
	}
	if text := r.exp.text; start > 0 && text[start-1] == '"' {
		start--
	}
	if text := r.exp.text; int(end) < len(text) && text[end] == '"' {
		end++
	}
	r.ignore(int(start), int(end))
}

// A settingPlace is an object whose members are settings, or a list of pairs with the name of the member that has the key.
type settingPlace struct{ within, key string }

func placeOf(name string, paired bool) settingPlace {
	within, last := cutLast(name)
	if !paired {
		return settingPlace{within: within}
	}
	if list, n := cutLast(strings.TrimSuffix(within, ".")); numbered(n) {
		within = list
	}
	return settingPlace{within, last}
}

// numbered reports whether a part of a name counts the elements of a list.
func numbered(part string) bool { return part != "" && strings.Trim(part, "0123456789") == "" }

// memberName is the name of the setting that a value belongs to; whole says that the value is all of it. It is empty outside of settings.
func memberName(places map[settingPlace]bool, name string) (member string, whole bool) {
	whole = true
	for name != "" {
		within, last := cutLast(name)
		if places[settingPlace{within: within}] && !numbered(last) {
			return last, whole
		}
		name, whole = strings.TrimSuffix(within, "."), false
	}
	return "", false
}

// standardMembers are members of an app configuration that are not settings: of Google's managed configurations (Android Management API,
// Google Play EMM API) and of Microsoft Graph (managedDeviceMobileAppConfiguration, targetedManagedAppConfiguration and what they inherit).
var standardMembers = []string{"kind", "productId", "managedProperty", "managedConfiguration", "configurationVariables", "packageName",
	"installType", "id", "displayName", "description", "version", "createdDateTime", "lastModifiedDateTime", "roleScopeTagIds",
	"targetedMobileApps", "packageId", "payloadJson", "encodedSettingXml", "profileApplicability", "permissionActions",
	"appSupportsOemConfig", "connectedAppsEnabled", "settings", "customSettings", "apps", "assignments", "deviceStatuses", "userStatuses",
	"deviceStatusSummary", "userStatusSummary", "deploymentSummary", "deployedAppCount", "isAssigned", "appGroupType",
	"targetedAppManagementLevels", "name", "type", "platform", "title"}

// standardMember reports whether a member says what the document is, or is a setting of Intune that goes with those of every app.
func standardMember(name string) bool {
	return strings.IndexByte("@$_#/", name[0]) >= 0 || fold.HasPrefix(name, "IntuneMAM") ||
		slices.ContainsFunc(standardMembers, func(s string) bool { return strings.EqualFold(s, name) })
}

// pairSecrets marks values whose key or name, which is another value of the document, is that of a secret:
// {"key": "password", "valueString": "..."}.
func (r *Reader) pairSecrets() {
	all := r.exp.Properties
	for i := range all {
		_, last := cutLast(all[i].Name)
		if last = strings.ToLower(last); !strings.HasSuffix(last, "key") && last != "name" {
			continue
		}
		if v := pairedValue(all, i); v != nil && v.Key == NoKey && v.Value != "" && IsSecret(all[i].Value, v.Value) {
			v.secret, r.passwords = true, true
		}
	}
}

// pair is the setting of a key and of the value next to it. A value that is a list is not read.
func pair(all []Property, i int) (p Property, ok bool) {
	key := &all[i]
	p = Property{Name: key.Value, nameStart: key.valueStart, nameEnd: key.valueEnd, valueStart: key.valueStart, valueEnd: key.valueEnd}
	v := pairedValue(all, i)
	if v == nil {
		return p, false
	}
	p.Value, p.covered, p.valueStart, p.valueEnd = v.Value, v.covered, v.valueStart, v.valueEnd
	return p, true
}

func cutLast(name string) (prefix, last string) {
	i := strings.LastIndexByte(name, '.')
	return name[:i+1], name[i+1:]
}

// pairedValue finds the value of a pair next to its key.
func pairedValue(all []Property, i int) *Property {
	prefix, _ := cutLast(all[i].Name)
	for j := max(0, i-4); j < min(len(all), i+5); j++ {
		before, last := cutLast(all[j].Name)
		last = strings.ToLower(last)
		if j != i && before == prefix && (strings.HasPrefix(last, "value") && last != "valuetype" || strings.HasSuffix(last, "value")) {
			return &all[j]
		}
	}
	return nil
}
