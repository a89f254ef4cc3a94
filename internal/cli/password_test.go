package cli

import (
	"strings"
	"testing"

	"cupclint/internal/loginbudget"
)

// A mark that was taken for a part of the password would count as a failed log-in.
func TestAPasswordFileOfWindowsIsRead(t *testing.T) {
	for _, text := range []string{"geheim\r\n", "\xef\xbb\xbfgeheim\r\n", "\xff\xfeg\x00e\x00h\x00e\x00i\x00m\x00\r\x00\n\x00"} {
		secret, err := readPassword(strings.NewReader(text), "file")
		if err != nil || !secret.Equal(loginbudget.NewSecret("geheim")) {
			t.Errorf("%q: another password, %v", text, err)
		}
	}
	for _, text := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xff\xfea\x00\n\x00b\x00"} {
		if _, err := readPassword(strings.NewReader(text), "file"); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
