package export_test

import (
	"testing"

	"cupclint/export"
)

// TestRegistryAdd reads scripts of "reg add". A remark, another registry key, a command that sets nothing, and what a variable gives
// are not settings.
func TestRegistryAdd(t *testing.T) {
	const key = `"HKCU\Software\Policies\Cisco Systems, Inc.\Client Services Framework\AdminData`
	for text, want := range map[string]string{
		"reg add " + key + `" /v TftpServer1 /t REG_SZ /d 10.1.1.1 /f`:                                    "TFTP.Primary=10.1.1.1",
		`C:\Windows\System32\reg.exe ADD ` + key + `" /f /d cti1.x.test /v CtiServer1`:                    "CallControl.Primary.Address=cti1.x.test",
		"@reg add " + key + `\EDI" /v ServerPort1 /t REG_DWORD /d 3269 /f >nul`:                           "Directory.Primary.Port=3269",
		"reg add " + key + `\EDI" /v ConnectionPassword /t REG_SZ /d "a b$c!" /f`:                         "Directory.Password=a b$c!",
		"reg add " + key + `" /v TftpServer1 /d %TFTP% /f` + "\nreg add " + key + `" /v CtiServer1 /d c`:  "CallControl.Primary.Address=c",
		"rem reg add " + key + `" /v TftpServer1 /d x` + "\nreg add " + key + `" /v CtiServer1 /d c`:      "CallControl.Primary.Address=c",
		`reg add "HKCU\Software\Other" /v TftpServer1 /d x` + "\nreg add " + key + `" /v CtiServer1 /d c`: "CallControl.Primary.Address=c",
		"reg delete " + key + `" /v TftpServer1 /f` + "\nreg add " + key + `" /v CtiServer1 /d c`:         "CallControl.Primary.Address=c",
	} {
		got, format := settings(t, text+"\r\n")
		if got != want || format != export.Registry {
			t.Errorf("%s\n%s: %s, want %s", text, format, got, want)
		}
	}
	for _, text := range []string{
		"rem reg add " + key + `" /v TftpServer1 /d x`, "reg delete " + key + `" /v TftpServer1 /f`, "reg add " + key + `" /v TftpServer1 /d %X%`,
		"reg add " + key + `" /v TftpServer1`, `reg add "HKCU\Software\Other" /v TftpServer1 /d x`,
	} {
		if e, err := new(export.Reader).Parse("x.cmd", []byte(text)); err == nil {
			t.Errorf("%s: read, %d settings", text, len(e.Properties))
		}
	}
}
