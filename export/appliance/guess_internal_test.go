package appliance

import "testing"

func TestGuess(t *testing.T) {
	for file, want := range map[string]string{
		"hq/evidence/cli/imp1.acme.com/utils-ntp-status.txt":  "imp1.acme.com",
		"hq.tar.gz!collect/evidence/cli/10.1.1.5/show-status": "10.1.1.5",
		"pub/show_network_cluster.log":                        "pub",
		"a/run-sql-select.txt":                                "a",
		"utils-ntp-status.txt":                                "utils-ntp-status",
		"./show-status.txt":                                   "show-status",
		"../show-status.txt":                                  "show-status",
		"hq/pub1.txt":                                         "pub1",
		"hq/file-server1.txt":                                 "file-server1",
		"hq/showroom.txt":                                     "showroom",
		"10.1.1.5":                                            "10.1.1.5",
		"-":                                                   "node",
	} {
		if got := guess(file); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}
