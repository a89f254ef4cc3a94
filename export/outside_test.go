package export

import (
	"strings"
	"testing"
)

// The search of the whole text is left out where properties hold all that can be a secret. What it would find shows whether that is right.
func TestNothingIsOutsideOfTheProperties(t *testing.T) {
	searched := 0
	for _, body := range []string{
		`<A><Name>Password</Name><Value>geheim77!</Value></A>`,
		`<A name="Password">geheim77!</A>`,
		`<A><key>Password</key><string>geheim77!</string></A>`,
		`<Foo>user:geheim77!@host</Foo>`, `<Foo>https://user:geheim77@host/x</Foo>`,
		`<Foo>password=geheim77!</Foo>`, `<Foo>password: geheim77!</Foo>`, `<Foo>the password is geheim77!</Foo>`,
		`<Foo>Password</Foo><Bar>geheim77!</Bar>`, `<MyPassword>geheim77!</MyPassword>`, `<Pwd1>geheim77!</Pwd1>`,
		`<Foo><![CDATA[password=geheim77!]]></Foo>`, `<Foo>pass&#119;ord=geheim77!</Foo>`, "<Foo>password=\ngeheim77!</Foo>",
		`<Foo>Basic dXNlcjpnZWhlaW03Nw==</Foo>`, `<Foo>Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh</Foo>`,
		`<Foo>eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh</Foo>`, `<Foo>x,eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh</Foo>`,
		`<Passwd><V>geheim77!</V></Passwd>`, `<PasswordList><a>geheim77!</a><b>geheim78!</b></PasswordList>`,
		`<Credentials><User>u</User><Pass>geheim77!</Pass></Credentials>`, `<Foo>abc</Foo><!-- password: geheim77! -->`,
		`<Foo>abc</Foo><?note password: geheim77!?>`, `<ConnectionPassword/>geheim77!`,
	} {
		for _, text := range []string{
			`<config><Directory><PrimaryServerName>x.acme.com</PrimaryServerName>` + body + `</Directory></config>`,
			`<r xmlns="urn:cisco:epas:soap"><property name="A">b</property>` + body + `</r>`,
			`<r xmlns="urn:cisco:epas:soap">` + strings.NewReplacer("<Foo>", `<property name="Foo">`, "</Foo>", "</property>").Replace(body) + `</r>`,
		} {
			r := new(Reader)
			e, err := r.Parse("in", []byte(text))
			if err != nil || e.whole {
				continue
			}
			searched++
			e.scan()
			own := joined(e.secretPlaces())
			for _, f := range e.scanned {
				if e.isCut(f, own) {
					t.Errorf("%s: %q %q is not found", text, f.text, e.text[f.start:f.end])
				}
			}
		}
	}
	if searched < 20 {
		t.Errorf("only %d texts were not searched by the reader", searched)
	}
}
