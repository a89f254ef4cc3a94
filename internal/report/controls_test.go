package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cupclint/internal/report"
)

func TestJSONHasNoCharacterThatATerminalObeys(t *testing.T) {
	const text = "a\u0085b\u202ec\u2067d\u007fe é 中 \U000e0041"
	var b strings.Builder
	if err := json.NewEncoder(report.SafeJSON(&b)).Encode(text); err != nil {
		t.Fatal(err)
	}
	if want := `"a\u0085b\u202ec\u2067d\u007fe é 中 \udb40\udc41"` + "\n"; b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
	var back string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back != text {
		t.Errorf("%q, %v", back, err)
	}
}
