package rules_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

const (
	timeGood = "*192.0.2.9 192.0.2.5 2 u 12 64 377 0.500 0.100 0.020\n+192.0.2.8 192.0.2.5 2 u 12 64 377 0.500 0.100 0.020\n\n" +
		"synchronised to NTP server (192.0.2.9) at stratum 3\n"
	timeNone = " 192.0.2.1 .INIT. 16 u - 64 0 0.000 0.000 0.000\n 192.0.2.2 .INIT. 16 u - 64 0 0.000 0.000 0.000\n\nunsynchronised\n"
)

// ntpStatus is what a node prints of its time.
func ntpStatus(sources string) string {
	return "admin:utils ntp status\nntpd (pid 123) is running...\n\n remote refid st t when poll reach delay offset jitter\n=====\n" + sources
}

// publisherOf is what the publisher of a small cluster prints. name begins the names of its nodes, and net their addresses.
func publisherOf(name, net, sources, replication string) string {
	return fmt.Sprintf(`admin:show network cluster
%[2]s.1 %[1]spub.%[1]s.test %[1]spub Publisher callmanager DBPub authenticated
%[2]s.2 %[1]ssub.%[1]s.test %[1]ssub Subscriber callmanager DBSub authenticated using TCP since Mon Jan 1 10:00:00 2024
%[3]sadmin:utils dbreplication runtimestate

Cluster Detailed View from %[1]spub (2 Servers):

SERVER-NAME IP ADDRESS (msec) DbMon? QUEUE Group ID (RTMT) & Details
%[1]spub %[2]s.1 0.014 Y/Y/Y 0 (g_2) (2) Setup Completed
%[1]ssub %[2]s.2 0.214 Y/Y/Y 0 (g_3) %[4]s
admin:
`, name, net, ntpStatus(sources), replication)
}

// subscriberOf is what another node of such a cluster prints.
func subscriberOf(name, sources string) string {
	return "Command Line Interface is starting up, please wait ...\nadmin:show status\nHost Name : " + name + "\n" + ntpStatus(sources) +
		"admin:\n"
}

// errorsIn lints files and lists the errors: rule and file.
func errorsIn(t *testing.T, files map[string]string) []string {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, errs := export.Find([]string{"."})
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Errors: errs, Rules: rules.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var found []string
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Severity == lint.Error {
			found = append(found, f.Rule+" "+filepath.Base(f.File))
		}
	}
	slices.Sort(found)
	return found
}

// Outputs of two clusters in one folder: a fault of one cluster is not the cause of a fault of the other.
func TestClustersAreJudgedApart(t *testing.T) {
	const (
		replicates = "(2) Setup Completed"
		fails      = "(4) Setup Failed"
	)
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"good", map[string]string{"a.txt": publisherOf("a", "10.1.0", timeGood, replicates), "b.txt": publisherOf("b", "10.2.0", timeGood,
			replicates)}, nil},
		{"one without time, the other with bad replication", map[string]string{
			"a.txt": publisherOf("a", "10.1.0", timeNone, replicates), "b.txt": publisherOf("b", "10.2.0", timeGood, fails),
		}, []string{"NTP001 a.txt", "NTP003 a.txt", "REPL001 b.txt"}},
		{"both without time", map[string]string{
			"a.txt": publisherOf("a", "10.1.0", timeNone, fails), "asub.txt": subscriberOf("asub", timeNone),
			"b.txt": publisherOf("b", "10.2.0", timeNone, fails), "bsub.txt": subscriberOf("bsub", timeNone),
		}, []string{"NTP007 a.txt", "NTP007 b.txt", "REPL007 a.txt", "REPL007 b.txt"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := errorsIn(t, test.files); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// The Sync Agent of one cluster reads the call manager of that cluster.
func TestSyncAgentBelongsToItsCluster(t *testing.T) {
	manager := func(name, net, axl string) string {
		return fmt.Sprintf("admin:show network cluster\n%[2]s.1 %[1]spub.%[1]s.test %[1]spub Publisher callmanager DBPub authenticated\n"+
			"%[2]s.3 %[1]simp.%[1]s.test %[1]simp Subscriber cups DBPub authenticated using TCP since Mon Jan 1 10:00:00 2024\n"+
			"admin:utils service list\nCisco CallManager[STARTED]\nCisco AXL Web Service[%[3]s]\nadmin:\n", name, net, axl)
	}
	agent := "admin:show status\nHost Name : aimp\nadmin:utils service list\nCisco Sync Agent[STARTED]\nCisco Presence " +
		"Engine[STARTED]\nadmin:\n"
	for axl, want := range map[string][]string{"b": nil, "a": {"SVC005 a.txt"}} {
		files := map[string]string{"aimp.txt": agent, "a.txt": manager("a", "10.1.0", "STARTED"), "b.txt": manager("b", "10.2.0", "STARTED")}
		files[axl+".txt"] = strings.Replace(files[axl+".txt"], "Web Service[STARTED]", "Web Service[STOPPED] Commanded Out of Service", 1)
		if got := errorsIn(t, files); !slices.Equal(got, want) {
			t.Errorf("AXL off in cluster %s: %q, want %q", axl, got, want)
		}
	}
}

// The tables of upgrades are about call managers and presence servers. Of other products they say nothing.
func TestUpgradesOfOtherProducts(t *testing.T) {
	for name, want := range map[string][]string{"pub1": {"VER003 in.txt"}, "cucm1": {"VER003 in.txt"}, "cuc1": nil, "cer1": nil} {
		files := map[string]string{"in.txt": "admin:show status\nHost Name : " + name + "\nadmin:show version active\nActive Master Version: " +
			"10.5.2.13900-12\n" +
			"admin:show version inactive\nInactive Master Version: 14.0.1.12900-161\nadmin:\n"}
		if got := errorsIn(t, files); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
