package rules

import "testing"

// The date and the time of a log may be in columns of their own. A date with slashes has no certain order.
func TestTimesOfLogs(t *testing.T) {
	for text, want := range map[string]string{
		"2023-10-05T03:14:20": "2023-10-05 03:14:20", `2023-10-05","03:14:20`: "2023-10-05 03:14:20", "5.10.2023;03:14:20": "2023-10-05 03:14:20",
		"Oct  5 2023 03:14:20": "2023-10-05 03:14:20", "10/05/2023 03:14:20": "", "31.31.2023 03:14:20": "",
	} {
		at, ok := logTime(text)
		if got := at.Format("2006-01-02 15:04:05"); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s %t, want %q", text, got, ok, want)
		}
	}
}
