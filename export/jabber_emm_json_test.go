package export_test

import (
	"strings"
	"testing"

	"cupclint/export"
)

// A slip of a known name is kept, so that a rule reports it. Another setting is skipped, and said so. Members that are not settings are
// neither.
func TestAppConfigurationInJSON(t *testing.T) {
	const domian = "VoiceServicesDomian"
	for _, tt := range []struct{ text, want, ignored string }{
		{`{"ServicesDomain":"acme.com","` + domian + `":"v.acme.com","Cars":true}`,
			"ServicesDomain=acme.com " + domian + "=v.acme.com", `"Cars":true`},
		{`{"kind":"a","displayName":"Jabber iOS","description":"x","id":"1","@odata.type":"#x","roleScopeTagIds":["0"],"IntuneMAMUPN":"u",` +
			`"ServicesDomain":"acme.com"}`, "ServicesDomain=acme.com", ""},
		{`{"product":"x","configuration":{"Cars":{"a":1,"b":[2]},"ServicesDomain":"acme.com"},"more":1}`, "ServicesDomain=acme.com", `"a":1`},
		{`{"ServicesDomain":"acme.com","ServiceDiscoveryExcludedServices":["CUP","CUCM"]}`, "ServicesDomain=acme.com", `"CUP"`},
		{`{"kind":"androidenterprise#managedConfiguration","managedProperty":[{"key":"ServicesDomain","valueString":"acme.com"},` +
			`{"valueString":"v.acme.com","key":"` + domian + `"},{"key":"Cars","valueBool":true},{"key":"Colours","valueStringArray":["a"]}]}`,
			"ServicesDomain=acme.com " + domian + "=v.acme.com", `"Cars","valueBool":true "Colours"`},
		{`{"displayName":"Jabber","settings":[{"appConfigKey":"ServicesDomain","appConfigKeyType":"stringType",` +
			`"appConfigKeyValue":"acme.com"},{"appConfigKey":"IntuneMAMUPN","appConfigKeyType":"stringType","appConfigKeyValue":"{{upn}}"}]}`, "ServicesDomain=acme.com", ""},
		{`{"settings":[{"key":"ServicesDomain","value":"acme.com"},{"key":` + "\n\"Cars\",\n" + `"value":1}]}`, "ServicesDomain=acme.com", `"Cars"`},
		{`{"customSettings":[{"name":"ServicesDomain","value":"acme.com"},{"name":"colour","value":"blue"}]}`, "ServicesDomain=acme.com",
			`"colour","value":"blue"`},
		{`{"ServicesDomain":"acme.com","api_password":"hunter2"}`, "ServicesDomain=acme.com (api_password=hunter2)", `"api_password":"********"`},
		{`{"managedProperty":[{"key":"ServicesDomain","valueString":"acme.com"},{"key":"password","valueString":"xK9#mQ2vL8pZ"},` +
			`{"key":"Cars","valueString":"xK9#mQ2vL8pZ"}]}`,
			"ServicesDomain=acme.com (managedProperty.3.valueString=xK9#mQ2vL8pZ) (managedProperty.2.valueString=xK9#mQ2vL8pZ)",
			`"password","valueString":"********" "Cars","valueString":"********"`},
		{`[{"value":"acme.com","name":"ServicesDomain"}]`, "ServicesDomain=acme.com", ""},
		{`{"name":"tftp","value":"69"}`, "", ""},
		{`{"name":"ServicesDomain","type":"x"}`, "", ""},
	} {
		e, err := new(export.Reader).Parse("in", []byte(tt.text))
		if got := join(e); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.text, got, err, tt.want)
		}
		if err != nil {
			continue
		}
		var skipped []string
		if ignored := e.Ignored(); ignored != nil {
			for _, p := range ignored.First {
				skipped = append(skipped, p.Text)
			}
		}
		if got := strings.Join(skipped, " "); got != tt.ignored {
			t.Errorf("%s: skipped %q; want %q", tt.text, got, tt.ignored)
		}
	}
}
