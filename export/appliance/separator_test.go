package appliance_test

import (
	"slices"
	"strings"
	"testing"
)

// What someone wrote between the outputs of several nodes names the node of each.
func TestSeparatorsNameTheNode(t *testing.T) {
	const output = "\nntpd (pid 1) is running...\nunsynchronised\n\n"
	for first, second := range map[string]string{
		"### N1 ###": "### N2 ###", "# N1": "# N2", "***** N1 (publisher) *****": "***** N2 *****", "--- N1 ---": "--- N2 ---",
		"==> all/N1.txt <==": "==> all/N2.txt <==", "N1 | CHANGED | rc=0 >>": "N2 | CHANGED | rc=0 >>", "[N1]": "[N2]",
		"Host: N1": "Host: N2", "=== Node N1 ===": "=== Node N2 ===", "== Output of N1 ==": "== Output of N2 ==",
		"########\n# N1\n########": "########\n# N2\n########", "Output of N1:": "Output of N2:",
	} {
		for _, names := range [...][2]string{{"pub", "sub"}, {"CUCM01", "CUCM02"}, {"hq-imp1.acme.com", "hq-imp2.acme.com"},
			{"192.0.2.11", "192.0.2.12"}} {
			text := strings.ReplaceAll(first, "N1", names[0]) + output + strings.ReplaceAll(second, "N2", names[1]) + output
			got := read(t, "all.txt", text)
			for _, node := range names {
				if !slices.Contains(got, node+".Ntp.Synchronised=no") && !slices.Contains(got, node+".Ntp.Synchronised=unsynchronised") {
					t.Errorf("%q: got %q", text, got)
				}
			}
		}
	}
	named := read(t, "all.txt", "### sub1 ###\nadmin:show status\nHost Name          : cm7\n### sub2 ###\nadmin:show version active\n"+
		"Active Master Version: 12.5.1.16900-48\n")
	for _, want := range []string{"cm7.HostName=cm7", "sub2.Version.Active=12.5.1.16900-48"} {
		if !slices.Contains(named, want) {
			t.Errorf("an output names its node: got %q, want %q", named, want)
		}
	}
}

// Titles, versions and numbers between outputs name no node.
func TestTitlesNameNoNode(t *testing.T) {
	for _, title := range []string{
		"### NTP ###", "=== NTP1 ===", "### Step 1 ###", "--- part2 ---", "### 12.5.1 ###", "# 2024-05-01", "### eth0 ###", "pub",
		"Note: see sub1",
		"### show1 status ###", "### sub1 and sub2 ###", "- pub", "Host: a b", "==> 1.txt <==", "### Output ###", "#####", "a1 | FAILED",
	} {
		got := read(t, "all.txt", title+"\nadmin:utils ntp status\nntpd (pid 1) is running...\nunsynchronised\n")
		if len(got) == 0 || !strings.HasPrefix(got[0], "all.") {
			t.Errorf("%q: got %q", title, got)
		}
	}
	got := read(t, "all.txt", "### sub1 ###\nis not well\n\nntpd (pid 1) is running...\nunsynchronised\n")
	if !strings.HasPrefix(got[0], "all.") {
		t.Errorf("a line before prose: got %q", got)
	}
}
