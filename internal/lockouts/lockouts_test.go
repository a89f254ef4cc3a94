package lockouts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func collect(t *testing.T, in io.Reader, account string) (Report, Stats) {
	t.Helper()
	c := NewCollector(account)
	st, err := c.Read(in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rs := c.Reports()
	if len(rs) == 0 {
		t.Fatalf("no report for %q; %+v", account, st)
	}
	return rs[0], st
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSimpleBindsAreNotBlamedOnTheDomainController(t *testing.T) {
	r, st := collect(t, bytes.NewReader(file(t, "eventviewer.xml")), "EXAMPLE\\svc")
	if st.Events != 8 || st.Used != 7 || st.Unclear != 0 {
		t.Errorf("%+v", st)
	}
	if r.Failures != 4 || len(r.Locks) != 1 || !r.Locks[0].Hidden || r.Locks[0].Caller != "DC1" {
		t.Errorf("%+v", r)
	}
	if want := time.Date(2009, 3, 2, 8, 0, 1, 123456700, time.UTC); !r.First.Equal(want) {
		t.Errorf("since %v", r.First)
	}
	top := r.Sources[0]
	if top.Name != "10.0.0.17" || top.Failures != 2 || top.Reasons["wrong password"] != 2 || top.Behind != "" {
		t.Errorf("the first source is %+v", top)
	}
	for _, s := range r.Sources {
		if strings.HasPrefix(s.Name, "DC1") {
			t.Errorf("the domain controller is blamed: %+v", s)
		}
		if s.Behind == "DC1" && s.Failures+s.Locks != 2 {
			t.Errorf("hidden behind DC1: %+v", s)
		}
	}
}

func TestEveryFormatTellsTheSameSource(t *testing.T) {
	for name, want := range map[string]struct {
		failures, locks int
	}{
		"eventviewer.csv": {1, 1},
		"exportcsv.csv":   {2, 0},
		"legacy.csv":      {2, 1},
		"legacy.xml":      {5, 1},
		"wevtutil.xml":    {0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			raw := file(t, name)
			crlf := bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
			for enc, in := range map[string][]byte{
				"utf-8": raw, "utf-8 with mark": append([]byte("\xef\xbb\xbf"), raw...), "crlf": crlf,
				"utf-16 little": utf16(t, crlf, unicode.LittleEndian), "utf-16 big": utf16(t, raw, unicode.BigEndian),
			} {
				r, st := collect(t, bytes.NewReader(in), "svc@example.com")
				if r.Failures != want.failures || len(r.Locks) != want.locks || st.Unclear != 0 {
					t.Errorf("%s: %+v, %+v", enc, r, st)
				}
				for _, s := range r.Sources {
					if s.Name != "PC-17" && s.Name != "10.0.0.17" {
						t.Errorf("%s: source %+v", enc, s)
					}
				}
				if r.First.IsZero() || r.First.Year() != 2009 || r.First.Month() != 3 || r.First.Day() != 2 || r.First.Hour() != 8 {
					t.Errorf("%s: since %v", enc, r.First)
				}
			}
		})
	}
}

func utf16(t *testing.T, b []byte, e unicode.Endianness) []byte {
	t.Helper()
	out, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWindows1252(t *testing.T) {
	raw := bytes.ReplaceAll(file(t, "legacy.csv"), []byte("PC-17"), []byte("BÜRO-17"))
	in, err := charmap.Windows1252.NewEncoder().Bytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := collect(t, bytes.NewReader(in), "svc"); r.Sources[0].Name != "BÜRO-17" {
		t.Errorf("%+v", r.Sources)
	}
}

func TestLDAPBindNamesTheClientAndUnlockIsCounted(t *testing.T) {
	r, _ := collect(t, bytes.NewReader(file(t, "wevtutil.xml")), "svc")
	if r.Unlocks != 1 || len(r.Sources) != 2 {
		t.Fatalf("%+v", r)
	}
	for _, s := range r.Sources {
		if s.Name == "10.0.0.17" && s.Binds != 1 {
			t.Errorf("%+v", s)
		}
	}
}

func TestAllAccountsAreReportedLockedOnesFirst(t *testing.T) {
	c := NewCollector("")
	if _, err := c.Read(bytes.NewReader(file(t, "eventviewer.xml")), Options{}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range c.Reports() {
		names = append(names, r.Account)
	}
	if got := strings.Join(names, " "); got != "svc alice" {
		t.Errorf("%s", got)
	}
}

func TestBadInputGivesOnePositionedError(t *testing.T) {
	xml := file(t, "eventviewer.xml")
	for name, tc := range map[string]struct {
		in   []byte
		says string
	}{
		"binary evtx":      {append([]byte("ElfFile\x00"), make([]byte, 100)...), "binary event log"},
		"binary evt":       {append([]byte("\x30\x00\x00\x00LfLe"), make([]byte, 100)...), "binary event log"},
		"empty":            {nil, "empty"},
		"blank":            {[]byte(" \r\n\t"), "empty"},
		"cut off":          {xml[:len(xml)/2], "ends in the middle of an event"},
		"no event":         {[]byte("<html><body/></html>"), "no <Event>"},
		"another csv":      {[]byte("a,b,c\n1,2,3\n"), "a table without a column for the event number"},
		"a huge event":     {[]byte("<Events><Event><System><EventID>4740" + strings.Repeat(" ", 2<<20)), "larger than"},
		"an endless quote": {[]byte("Event ID,x\n4740,\"" + strings.Repeat("y", 3<<20)), "larger than"},
		"not well-formed":  {[]byte("<Events><Event><System></Event>"), "line 1"},
		"an entity":        {[]byte("<!DOCTYPE x [<!ENTITY a \"b\">]><Events><Event>&a;</Event></Events>"), "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(bytes.NewReader(tc.in), Options{}, func(*Event) {})
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error: %v", err)
			}
		})
	}
	if _, _, err := Read(strings.NewReader("ElfFile\x00"), Options{}, nil); !errors.Is(err, ErrBinary) {
		t.Error(err)
	}
}

func TestWhatWasReadBeforeAnErrorIsKept(t *testing.T) {
	xml := file(t, "eventviewer.xml")
	c := NewCollector("svc")
	if _, err := c.Read(bytes.NewReader(xml[:len(xml)*3/4]), Options{}); err == nil {
		t.Fatal("no error")
	}
	if rs := c.Reports(); len(rs) != 1 || rs[0].Failures == 0 {
		t.Errorf("%+v", rs)
	}
}

func TestAnUnknownLanguageIsSaid(t *testing.T) {
	in := "Keywords,Date and Time,Source,Event ID,Task Category\nx,02.03.2009 08:00:01,y,4740,z,\"Käyttäjätili lukittiin.\n\nTilin nimi: " +
		"svc\"\n"
	st, _, err := Read(strings.NewReader(in), Options{}, func(*Event) { t.Error("an event") })
	if !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "language") || st.Unclear != 1 {
		t.Errorf("%+v %v", st, err)
	}
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	c := NewCollector("")
	for i := range maxAccounts + 100 {
		c.Add(&Event{ID: LogonBad, User: fmt.Sprint("u", i), Status: "0xc000006a"})
	}
	for i := range maxSources + 100 {
		c.Add(&Event{ID: LogonBad, User: "u1", Computer: fmt.Sprint("PC", i), Status: "0xc000006a"})
	}
	if len(c.accounts) > maxAccounts || len(c.accounts["u1"].seen) > maxSources {
		t.Error("bounds do not hold")
	}
	for _, r := range c.Reports() {
		if !r.Cut {
			t.Fatal("nothing says that the report is cut")
		}
	}
}
