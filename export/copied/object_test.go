package copied_test

import (
	"fmt"
	"strings"
	"testing"

	"cupclint/export"
)

const shownByPowerShell = `PS C:\> Get-ItemProperty 'HKCU:\Software\Cisco Systems, Inc.\Client Services Framework\AdminData'


TftpServer1            : cucm1.acme.com
CcmcipServerValidation : 0
Multi                  : {a, b}
PSPath                 : Microsoft.PowerShell.Core\Registry::HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services F
                         ramework\AdminData
PSParentPath           : Microsoft.PowerShell.Core\Registry::HKEY_CURRENT_USER\Software\Cisco Systems, Inc.
PSChildName            : AdminData
PSProvider             : Microsoft.PowerShell.Core\Registry

CtiServer1             : other
PSPath                 : Microsoft.PowerShell.Core\Registry::HKEY_CURRENT_USER\Software\Other

    Hive: HKEY_CURRENT_USER\Software\Cisco Systems, Inc.\Client Services Framework\AdminData


Name                           Property
----                           --------
EDI                            ConnectionType     : 1
                               ServerPort1        : 3268
                               ConnectionPassword : S3cr3tM4rk

CtiServer2             : no object
`

// Values of the registry as PowerShell shows them. Those of other keys are not settings of a client.
func TestRegistryObjects(t *testing.T) {
	for name, text := range map[string]string{"LF": shownByPowerShell, "CR LF": strings.ReplaceAll(shownByPowerShell, "\n", "\r\n")} {
		e, err := new(export.Reader).Parse("p.txt", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range e.Properties {
			p := &e.Properties[i]
			r := e.Range(p)
			got = append(got, fmt.Sprintf("%d:%d %s", r.Line, r.Column, p.Name))
			if in := text[r.Start:r.End]; in != p.Value {
				t.Errorf("%s: %q is at %q", name, p.Value, in)
			}
		}
		if want := "4:26 TftpServer1, 5:26 CcmcipServerValidation, 21:53 ConnectionType, 22:53 ServerPort1, 23:53 ConnectionPassword"; e.Format !=
			export.Registry || strings.Join(got, ", ") != want {
			t.Errorf("%s: %s: %q", name, e.Format, got)
		}
		out, err := export.Redact("p.txt", []byte(text), export.Auto)
		if want := strings.Replace(text, "S3cr3tM4rk", export.Redacted, 1); err != nil || string(out.Data) != want {
			t.Errorf("%s: the copy is %s %v", name, out.Data, err)
		}
	}
	const windowsTime = "AnnounceFlags : 10\nPSPath        : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE" +
		"\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config\n"
	e, err := new(export.Reader).Parse("p.txt", []byte(windowsTime))
	if err != nil || len(e.Properties) == 0 || e.Properties[len(e.Properties)-1].Value != "10" {
		t.Errorf("%+v %v", e, err)
	}
}
