package loginbudget

import (
	"strings"
	"testing"
)

// A mark that was read as a part of the password would count as a failed log-in.
func TestAPasswordFileOfWindowsIsRead(t *testing.T) {
	for _, text := range []string{"geheim\r\n", "\xef\xbb\xbfgeheim\r\n", "\xff\xfeg\x00e\x00h\x00e\x00i\x00m\x00\r\x00\n\x00"} {
		secret, err := ReadSecret(strings.NewReader(text))
		if err != nil || !secret.Equal(NewSecret("geheim")) {
			t.Errorf("%q: another password, %v", text, err)
		}
	}
	for _, text := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xff\xfea\x00\n\x00b\x00", "a\nb", "a\n\n", "",
		strings.Repeat("a", MaxSecret+1)} {
		if _, err := ReadSecret(strings.NewReader(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
