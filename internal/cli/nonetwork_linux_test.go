package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutInternet runs a command of the program in a process that the kernel kills as soon as it makes an internet socket.
func withoutInternet(t *testing.T, folder string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), thisProgram(t), args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), runAsProgram+"=1")
	done := make(chan error)
	var text []byte
	go func() {
		runtime.LockOSThread() // the filter belongs to this thread, which ends with the goroutine
		if err := forbidSockets(); err != nil {
			done <- errors.Join(errors.ErrUnsupported, err)
			return
		}
		var err error
		text, err = cmd.CombinedOutput()
		done <- err
	}()
	err := <-done
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	t.Logf("%q: %v\n%.600s", args, err, text)
	return err
}

// forbidSockets sets a filter for the present thread and the processes that it starts: socket(AF_INET or AF_INET6, ...) kills the process.
func forbidSockets() error {
	const number, family = 0, 16 // offsets in struct seccomp_data: the system call, and the low half of its first argument
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	equal := func(value uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: yes, Jf: no, K: value}
	}
	filter := []unix.SockFilter{
		load(number),
		equal(unix.SYS_SOCKET, 0, 3),
		load(family),
		equal(unix.AF_INET, 2, 0),
		equal(unix.AF_INET6, 1, 0),
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
}

// SECURITY.md promises that these commands use no network.
func TestCommandsThatUseNoNetwork(t *testing.T) {
	exports, err := filepath.Abs("../../fixtures/broken/soap")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	health := filepath.Join(folder, "health.txt")
	if err := os.WriteFile(health, []byte("Presence\n  Server: cups1.acme.com\n  Status: Not connected\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"lint", exports},
		{"lint", "--format", "html=lint.html", "--format", "sarif=lint.sarif", exports},
		{"audit", "--offline", "--save", "case.json", "--format", "html=audit.html", exports},
		{"diagnose", "--symptom", "presence", "--health", health},
		{"diagnose", "--symptom", "presence", "--health", health, exports},
		{"redact", "--output", "safe/", filepath.Join(exports, "hq.xml"), filepath.Join(exports, "berlin.xml")},
		{"redact", "--pseudonyms", "--output", "away", exports},
		{"compare", exports, "away"},
	} {
		err := withoutInternet(t, folder, args...)
		if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != exitFindings) {
			t.Errorf("%q: %v", args, err)
		}
	}
	// The filter works: a command that asks a server is killed.
	err = withoutInternet(t, folder, "dns", exports, "--resolver", "127.0.0.1:9")
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) {
		t.Fatalf("dns ended with %v", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || status.Signal() != unix.SIGSYS {
		t.Errorf("dns ended with %v, not by the filter", err)
	}
}
