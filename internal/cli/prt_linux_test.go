package cli

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A problem report of 200 MB is read within 256 MB of memory, for any content. make test reads one of 60 MB within 176 MB.
func TestProblemReportIsReadInLittleMemory(t *testing.T) {
	withoutRace(t, "writes a report of 60 MB, and measures the program as it is")
	readReport(t, 60<<20, 176<<20)
}

func TestSoakProblemReportOf200MB(t *testing.T) {
	if os.Getenv("CUPCLINT_SOAK") == "" {
		t.Skip("make soak does this")
	}
	readReport(t, 200<<20, 256<<20)
}

// readReport writes a report of a size, once with the best compression (then its content is about ten times as long) and once not
// compressed, and lets the program read it. Its memory is the figure of the system for the process.
func readReport(t *testing.T, size, bound int64) {
	program := thisProgram(t)
	for _, method := range [...]uint16{zip.Store, zip.Deflate} {
		path := filepath.Join(t.TempDir(), "jabber-prt.zip")
		writeReport(t, path, size, method)
		for _, args := range [][]string{{"lint", "--verbose", path}, {"diagnose", "--symptom", "log-in", path}} {
			status := filepath.Join(t.TempDir(), "status")
			cmd := exec.CommandContext(t.Context(), program, args...)
			cmd.Env = append(os.Environ(), "GOMEMLIMIT=off", "HOME="+t.TempDir(), runAsProgram+"=1", measured+"="+status)
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code < 0 || code > exitFindings {
				t.Fatalf("%s: %v\n%s", args, err, out)
			}
			if args[0] == "lint" && !strings.Contains(string(out), "JAB002") {
				t.Errorf("%s: what is wrong in the configuration is not found\n%s", args, out)
			}
			peak := peakOf(t, status)
			t.Logf("%s, method %d: %d MB", args[0], method, peak>>20)
			if peak > bound {
				t.Errorf("%s of a report of %d MB (method %d): %d MB of memory, the bound is %d", args[0], size>>20, method, peak>>20, bound>>20)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// peakOf reads the most memory that a process had at a time (VmHWM, proc(5)). The figure of wait4(2) counts the test that started it, too.
func peakOf(t *testing.T, status string) int64 {
	text, err := os.ReadFile(status)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscanf(rest, "%d kB", &kilobytes); err != nil || kilobytes == 0 {
		t.Fatalf("no VmHWM: %v", err)
	}
	return kilobytes << 10
}

// writeReport writes logs of 20 MB each, above the size of a file that is kept whole, and a configuration and a memory dump.
func writeReport(t *testing.T, path string, size int64, method uint16) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	member := func(name string, write func(io.Writer) error) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			err = write(w)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	member("jabber-config.xml", func(w io.Writer) error {
		_, err := io.WriteString(w, `<?xml version="1.0"?><config version="1.0"><Policies><EnableVideo>maybe</EnableVideo></Policies></config>`)
		return err
	})
	member("client.dmp", func(w io.Writer) error {
		_, err := w.Write(make([]byte, 4<<20))
		return err
	})
	const each = 20 << 20
	var lines bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&lines, "2024-04-04 10:11:12,%03d DEBUG [0x%08x] [src\\http\\BasicHttpClientImpl.cpp(%d)] [csf.httpclient] "+
			"[csf::http::performRequest] - request #%d is done\n", i%1000, i*7919, i, i)
		if i%100 == 0 {
			fmt.Fprintf(&lines, "2024-04-04 10:11:12,%03d DEBUG [0x%08x] [s.cpp(169)] [ConfigStoreManager] [getValue] - key : [otherphone%d] "+
				"skipLocal : [0]  value: [ipPhone] success: [true] configStoreName: [TftpConfigStore]\n", i%1000, i, i)
		}
	}
	for n := int64(0); n < size; n += each {
		member(fmt.Sprintf("csf-unified.log.%d", n/each), func(w io.Writer) error {
			for out := 0; out < each; out += lines.Len() {
				if _, err := w.Write(lines.Bytes()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}
