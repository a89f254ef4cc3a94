package export_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"cupclint/export"
)

// Texts are looked at again in linear time, hostile ones too.
func TestHostileTextsAreLookedAtAgainInLinearTime(t *testing.T) {
	once := func(text string) time.Duration {
		began := time.Now()
		if e, err := new(export.Reader).Parse("p.eml", []byte(text)); err == nil {
			for i := range e.Properties {
				e.Source(e.Range(&e.Properties[i]), 20, 100)
			}
			_, _ = export.Redact("p.eml", []byte(text), export.Auto)
		}
		return time.Since(began)
	}
	config := base64.StdEncoding.EncodeToString([]byte("key,value\nServicesDomain,a\nPassword,hunter2\n"))
	output := base64.StdEncoding.EncodeToString([]byte("admin:show version active\nActive Master Version: 12.5.1.11900-146\n"))
	header := "--b\nContent-Transfer-Encoding: base64\n\n"
	mail := "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
	key := "HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services\nFramework\\AdminData\n"
	for what, c := range map[string]struct{ head, piece string }{
		"parts":                 {mail, header + "AAAA\n"},
		"settings":              {mail, header + config + "\n"},
		"one part":              {mail + header, "ServicesDomain,a\n"},
		"headers":               {mail + "--b\n", "Content-Type: a; b=c\n"},
		"keys":                  {key, "HKEY_CURRENT_USER\\Software\\Cisco\nREG_SZ"},
		"parts of keys":         {"", "HKEY_X\n"},
		"values":                {key, "    MyPassword    REG_SZ    hunter2\n"},
		"a value":               {key + "    X    REG_SZ    ", "hunter2 "},
		"cells":                 {"key,value\n", "ServicesDomain,\"a\"\"b\"\n"},
		"a row":                 {"key,value\nServicesDomain,a\n", ","},
		"quotes":                {"key,value\nServicesDomain,a\n", `"`},
		"payloads":              {"{", `"payloadJson": "` + config + `",`},
		"objects":               {`<Objs xmlns="http://schemas.microsoft.com/powershell/2004/04"><MS>`, `<S N="a">b</S>`},
		"lists":                 {`<Objs xmlns="http://schemas.microsoft.com/powershell/2004/04"><MS>`, `<Obj N="a"><LST><S>b</S></LST></Obj>`},
		"columns":               {"", `"PSPath","x Registry::HKEY",`},
		"parts near an output":  {mail + header + output + "\n", "--b\nContent-Transfer-Encoding: quoted-printable\n\nhello=20there\n"},
		"secrets of many parts": {mail, "--b\nX-Password: hunter2\nContent-Transfer-Encoding: base64\n\n" + config + "\n"},
	} {
		build := func(n int) string { return c.head + strings.Repeat(c.piece, n/len(c.piece)) }
		small, large := build(6<<10), build(96<<10)
		const most = 64 // a square would be 256
		ratio := math.Inf(1)
		for tries := 0; ratio > most && tries < 5; tries++ { // another process may take the processor in one of them
			least := float64(min(once(small), once(small), once(small)))
			for long := 0; ratio > most && long < 3; long++ { // one that is quick enough proves it
				ratio = min(ratio, float64(once(large))/least)
			}
		}
		if ratio > most {
			t.Errorf("%s: sixteen times the text takes %.0f times as long", what, ratio)
		}
	}
}
