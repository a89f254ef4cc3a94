//go:build wine

package windows

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	wine   = "/usr/lib/wine/wine64"
	server = "/usr/lib/wine/wineserver64"
)

// The program and the folder of Wine, both made by TestMain.
var exe, prefix string

// drive is a folder of this system that is C: under Wine.
func drive(parts ...string) string {
	return filepath.Join(append([]string{prefix, "drive_c"}, parts...)...)
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "make windows:", err)
		code = 1
	}
	os.Exit(code)
}

// run makes the folder of Wine and waits for its server in the end, which writes into the folder until it has gone.
func run(m *testing.M) (code int, err error) {
	exe, prefix = os.Getenv("CUPCLINT_EXE"), os.Getenv("WINEPREFIX")
	if !filepath.IsAbs(exe) || !filepath.IsAbs(prefix) {
		return 1, errors.New("CUPCLINT_EXE and WINEPREFIX must be absolute paths; scripts/windows.sh sets them")
	}
	defer func() {
		out, waited := command(context.Background(), server, "-w").CombinedOutput()
		if waited != nil {
			err = errors.Join(err, fmt.Errorf("wait for the server of Wine: %w: %s", waited, out))
		}
	}()
	if err := os.MkdirAll(prefix, 0o700); err != nil {
		return 1, err
	}
	boot := command(context.Background(), wine, "wineboot", "-u")
	if out, err := boot.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("make the folder of Wine: %w: %s", err, out)
	}
	dll := drive("windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(dll); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(dll, randomDLL(), 0o644); err != nil {
			return 1, err
		}
	}
	if err := os.MkdirAll(drive("exports"), 0o755); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// command is a program of Wine without a display. HOME is the folder of Wine: it links folders of the user into it, and else makes menus.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = []string{"WINEPREFIX=" + prefix, "HOME=" + prefix, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "WINEDEBUG=-all",
		"WINEDLLOVERRIDES=winemenubuilder.exe,mscoree,mshtml=d", "LC_ALL=C.UTF-8"}
	c.WaitDelay = time.Minute
	return c
}

// randomDLL is bcryptprimitives.dll, without which no Go program starts and which Wine 8 lacks: no code, one export, ProcessPrng, which is
// forwarded to SystemFunction036 of advapi32.dll (RtlGenRandom, with the same arguments).
func randomDLL() []byte {
	const (
		section  = 0x200 // size of the headers and of the section
		address  = 0x1000
		nameAt   = 0x80
		forward  = 0xa0
		symbolAt = 0xc8
	)
	put := func(b []byte, values ...any) {
		var out bytes.Buffer
		for _, v := range values {
			_ = binary.Write(&out, binary.LittleEndian, v) // into memory
		}
		copy(b, out.Bytes())
	}
	file := make([]byte, 2*section)
	copy(file, "MZ")
	put(file[0x3c:], uint32(0x40))
	put(file[0x40:], []byte("PE\x00\x00"), uint16(0x8664), uint16(1), [3]uint32{}, uint16(240), uint16(0x2022)) // amd64, one section, a DLL
	put(file[0x58:], uint16(0x20b), uint16(14), uint32(0), uint32(section), [3]uint32{0, 0, address}, uint64(0x6f000000),
		[2]uint32{0x1000, section}, [6]uint16{6, 0, 0, 0, 6, 0}, [4]uint32{0, 0x2000, section, 0}, uint16(3), uint16(0x0100),
		[4]uint64{0x100000, 0x1000, 0x100000, 0x1000}, [2]uint32{0, 16}, [2]uint32{address, section}) // the exports are the whole section
	put(file[0x58+240:], []byte(".edata\x00\x00"), [4]uint32{section, address, section, section}, [3]uint32{}, uint32(0x40000040))
	edata := file[section:]
	put(edata, [2]uint32{}, [2]uint16{}, [7]uint32{address + nameAt, 1, 1, 1, address + 0x40, address + 0x44, address + 0x48})
	put(edata[0x40:], uint32(address+forward), uint32(address+symbolAt), uint16(0))
	copy(edata[nameAt:], "bcryptprimitives.dll")
	copy(edata[forward:], "advapi32.SystemFunction036")
	copy(edata[symbolAt:], "ProcessPrng")
	return file
}

// A result is what the program said.
type result struct {
	code        int
	out, errors string
}

// cupclint runs the program in C:\exports with text on standard input.
func cupclint(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return start(t, drive("exports"), stdin, exe, args...)
}

func start(t *testing.T, dir, stdin, program string, args ...string) result {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute) // of a machine that has much else to do
	defer stop()
	c := command(ctx, wine, append([]string{program}, args...)...)
	c.Dir, c.Stdin = dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v\n%s", args, err, errs.String())
	}
	return result{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

// want fails unless the program ended with the code and said all of the texts.
func (r result) want(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, text := range texts {
		if !strings.Contains(r.out+r.errors, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if t.Failed() {
		t.Fatalf("output:\n%s\nerrors:\n%s", r.out, r.errors)
	}
}

// write makes a file below C:\exports and returns its path here.
func write(t *testing.T, text string, parts ...string) string {
	t.Helper()
	name := drive(append([]string{"exports"}, parts...)...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
