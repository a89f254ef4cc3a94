package cli

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProblemReport proves that the logs in a problem report are read, and that what is shown of them is the message.
func TestProblemReport(t *testing.T) {
	name := filepath.Join(t.TempDir(), "PROBLEM_REPORT.zip")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	for member, text := range map[string]string{
		"csf-unified.log": "2024-04-04 10:11:12,101 WARN [0x1] [a\\b.cpp(761)] [csf.config] [f] - LocatorUdsQuery has failed with result: " +
			"NO_HOME_UDS_FOUND\n",
		"picture.png": "\x89PNG",
	} {
		w, err := archive.Create(member)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := cupclint(t, "", "diagnose", "--symptom", "log-in", name)
	if code != exitClean || !strings.HasPrefix(stdout, "Most likely: The call manager does not know the user's home cluster.") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if want := "PROBLEM_REPORT.zip/csf-unified.log:1 LocatorUdsQuery has failed"; !strings.Contains(stdout, want) {
		t.Errorf("%q is missing\n%s", want, stdout)
	}
}
