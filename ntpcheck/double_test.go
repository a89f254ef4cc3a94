package ntpcheck_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/ntpcheck"
)

// ruleIDs are the rules of the findings with their severities, sorted.
func ruleIDs(findings []lint.Finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule+":"+f.Severity.String())
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// An answer is what a double sends (RFC 5905, section 7.3).
type answer struct {
	leap, version, mode, stratum int
	reference                    string
	dispersion                   time.Duration
	offset                       time.Duration
	noTime                       bool // the times are 0, as in many refusals
	cut                          int  // bytes that are sent; 0 for all
	other                        bool // an answer to another question
}

func short(d time.Duration) uint32 { return uint32(d * 65536 / time.Second) }

func stamp(t time.Time) uint64 {
	since := t.Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
	return uint64(since/time.Second)<<32 | uint64(since%time.Second)<<32/uint64(time.Second)
}

func (a answer) packet(question []byte) []byte {
	b := make([]byte, 48)
	b[0] = byte(a.leap<<6 | a.version<<3 | a.mode)
	b[1] = byte(a.stratum)
	binary.BigEndian.PutUint32(b[8:], short(a.dispersion))
	copy(b[12:16], a.reference)
	if !a.other {
		copy(b[24:32], question[40:48])
	}
	if !a.noTime {
		now := stamp(time.Now().Add(a.offset))
		binary.BigEndian.PutUint64(b[16:], now)
		binary.BigEndian.PutUint64(b[32:], now)
		binary.BigEndian.PutUint64(b[40:], now)
	}
	if a.cut > 0 {
		b = b[:a.cut]
	}
	return b
}

// double runs a time server that answers with a packet for each question; no packet means silence. It returns its address.
func double(t *testing.T, reply func(n int, question []byte) []byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for n := 1; ; n++ {
			size, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if size < 48 || b[0] != 4<<3|3 {
				t.Errorf("question %x", b[:size])
				return
			}
			if out := reply(n, b[:size]); out != nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return conn.LocalAddr().String()
}

var right = answer{version: 4, mode: 4, stratum: 2, reference: "\xc0\x00\x02\x07"}

func with(change func(*answer)) answer {
	a := right
	change(&a)
	return a
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer answer
		rules  string
		says   string
	}{
		{"right", right, "", "stratum 2"},
		{"a reference clock", with(func(a *answer) { a.stratum, a.reference = 1, "GPS" }), "", ".GPS."},
		{"NTPv3 from Windows", with(func(a *answer) { a.version = 3 }), "NTP104:error", "NTPv3"},
		{"Windows as it is installed", with(func(a *answer) { a.version, a.stratum, a.reference, a.dispersion = 3, 1, "LOCL", 10*time.Second }),
			"NTP104:error NTP106:error NTP108:info", "NTPv3"},
		{"not synchronised", with(func(a *answer) { a.leap = 3 }), "NTP102:error", "not synchronised"},
		{"stratum 16", with(func(a *answer) { a.stratum = 16 }), "NTP102:error", "not synchronised"},
		{"just started", with(func(a *answer) { a.leap, a.stratum, a.reference = 3, 0, "INIT" }), "NTP102:error", "not synchronised"},
		{"stratum 5", with(func(a *answer) { a.stratum = 5 }), "NTP103:error", "stratum 5"},
		{"RATE", with(func(a *answer) { a.leap, a.stratum, a.reference = 3, 0, "RATE" }), "NTP105:error", "RATE"},
		{"DENY without times", with(func(a *answer) { a.leap, a.stratum, a.reference, a.noTime = 3, 0, "DENY", true }), "NTP105:error", "DENY"},
		{"uncertain", with(func(a *answer) { a.dispersion = 1200 * time.Millisecond }), "NTP106:error", "root dispersion 1.200 s"},
		{"another clock", with(func(a *answer) { a.offset = 90 * time.Second }), "NTP107:warning", "offset 90."},
		{"a client's packet", with(func(a *answer) { a.mode = 3 }), "NTP101:error", "mode"},
		{"half a packet", with(func(a *answer) { a.cut = 20 }), "NTP101:error", "20 bytes"},
		{"another question's answer", with(func(a *answer) { a.other = true }), "NTP101:error", "match"},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := double(t, func(_ int, q []byte) []byte { return c.answer.packet(q) })
			o := checker().Probe(t.Context(), request(t, addr))
			if got := ruleIDs(ntpcheck.Judge([]*ntpcheck.Observation{o})); got != c.rules {
				t.Errorf("rules %q, want %q; error %v, answer %+v", got, c.rules, o.Error, o.Answer)
			}
			if !strings.Contains(o.Summary(), c.says) {
				t.Errorf("summary %q", o.Summary())
			}
			if o.Asked != 1 {
				t.Errorf("%d questions to a server that answers", o.Asked)
			}
			// What is saved is judged in the same way.
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			var again ntpcheck.Observation
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatal(err)
			}
			if a, b := ntpcheck.Judge([]*ntpcheck.Observation{o}), ntpcheck.Judge([]*ntpcheck.Observation{&again}); !reflect.DeepEqual(a, b) {
				t.Errorf("judged anew: %v\nbefore: %v", b, a)
			}
		})
	}
}

// TestSilence: a lost packet is asked for again, and a server that stays silent is asked three times.
func TestSilence(t *testing.T) {
	p := &probe.Prober{Timeouts: probe.Uniform(1500 * time.Millisecond)}
	lost := double(t, func(n int, q []byte) []byte {
		if n < 3 {
			return nil
		}
		return right.packet(q)
	})
	if o := (&ntpcheck.Checker{Prober: p}).Probe(t.Context(), request(t, lost)); o.Error != nil || o.Asked != 3 || o.Answer == nil ||
		len(o.Addresses) != 1 {
		t.Errorf("%v, %+v, asked %d, addresses %q", o.Error, o.Answer, o.Asked, o.Addresses)
	}
	silent := double(t, func(int, []byte) []byte { return nil })
	o := (&ntpcheck.Checker{Prober: p}).Probe(t.Context(), request(t, silent))
	f := ntpcheck.Judge([]*ntpcheck.Observation{o})
	if ruleIDs(f) != "NTP101:error" || o.Asked != 3 || o.Error.Class != probe.Timeout ||
		!strings.Contains(f[0].Message, "does not answer: 3 NTP requests") {
		t.Errorf("%v, asked %d, %v", o.Error, o.Asked, f)
	}
}

// TestNobodyListens: the system says at once that nothing is there.
func TestNobodyListens(t *testing.T) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	conn.Close()
	o := checker().Probe(t.Context(), request(t, addr))
	if o.Error == nil || o.Error.Class != probe.Refused || o.Asked != 1 {
		t.Errorf("%v, asked %d", o.Error, o.Asked)
	}
}

// TestCancelled: a run that ends is not the server's fault, whichever question it ends in.
func TestCancelled(t *testing.T) {
	p := &probe.Prober{Timeouts: probe.Uniform(1500 * time.Millisecond)}
	for _, last := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		addr := double(t, func(n int, _ []byte) []byte {
			if n == last {
				cancel()
			}
			return nil
		})
		o := (&ntpcheck.Checker{Prober: p}).Probe(ctx, request(t, addr))
		if o.Incomplete == "" || len(ntpcheck.Judge([]*ntpcheck.Observation{o})) != 0 {
			t.Errorf("question %d: %v, %q", last, o.Error, o.Incomplete)
		}
		cancel()
	}
}

// TestOffsets: three servers show which one is wrong; two that agree show that this computer is.
func TestOffsets(t *testing.T) {
	at := func(offsets ...time.Duration) []*ntpcheck.Observation {
		var out []*ntpcheck.Observation
		for i, d := range offsets {
			out = append(out, &ntpcheck.Observation{
				Observation: probe.Observation{Target: ntpcheck.TargetOf(string(rune('a'+i)), 0)},
				Answer:      &ntpcheck.Answer{Version: 4, Stratum: 2, Timed: true, Offset: probe.Duration(d)},
			})
		}
		return out
	}
	const s = time.Second
	for _, c := range []struct {
		offsets []time.Duration
		rules   string
		says    string
	}{
		{[]time.Duration{0, s / 2}, "", ""},
		{[]time.Duration{2 * s}, "NTP107:warning", "a:123"},
		{[]time.Duration{60 * s, 60 * s}, "NTP107:info", "this computer"},
		{[]time.Duration{0, 60 * s}, "NTP107:warning", "b:123"},
		{[]time.Duration{0, 60 * s, 0}, "NTP107:error", "b:123"},
		{[]time.Duration{60 * s, 60 * s, 58 * s}, "NTP107:warning", "c:123"},
		{[]time.Duration{-60 * s, -60 * s, -60 * s}, "NTP107:info", "this computer"},
	} {
		f := ntpcheck.Judge(at(c.offsets...))
		if ruleIDs(f) != c.rules || len(f) > 0 && !strings.Contains(f[0].Message, c.says) {
			t.Errorf("%v: %v", c.offsets, f)
		}
	}
}

// TestFromExport: the sources of an output are asked, without the node's own clock and without names that the table cut.
func TestFromExport(t *testing.T) {
	text := `Network.TimeServer.1.Address = ntp9.example.com
Network.TimeServer.1.Port = 1123
admin:utils ntp server list
192.0.2.12
ntp4.example.com
admin:utils ntp status
ntpd (pid 3638) is running...

     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
 127.127.1.0     127.127.1.0     10 l    9   64  377    0.000    0.000   0.008
*192.0.2.10      198.51.100.7     2 u  921 1024  377   38.233    3.336   1.182
+timeserver12.ex 203.0.113.9      2 u  988 1024  377   37.044    3.252  12.236
+ntp.example     203.0.113.9      2 u  988 1024  377   37.044    3.252  12.236
`
	r := export.Reader{Stdin: strings.NewReader(text)}
	var got []string
	for e, err := range r.Read(t.Context(), export.Source{Name: export.Stdin}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range ntpcheck.FromExport(e) {
			got = append(got, r.Target.String())
			if r.Place.Line == 0 {
				t.Errorf("%s has no place", r.Target)
			}
		}
	}
	want := []string{"ntp9.example.com:1123", "192.0.2.12:123", "ntp4.example.com:123", "192.0.2.10:123", "ntp.example:123"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// FuzzAnswer: whatever a server sends, there is an observation that can be judged and saved.
func FuzzAnswer(f *testing.F) {
	question := make([]byte, 48)
	for _, a := range []answer{right, with(func(a *answer) { a.stratum, a.reference = 0, "RATE" }), with(func(a *answer) { a.version = 3 })} {
		f.Add(a.packet(question))
	}
	f.Add([]byte("HTTP/1.1 400 Bad Request"))
	for _, i := range []int{2, 3} { // poll interval, precision
		packet := right.packet(question)
		packet[i] = 0x80
		f.Add(packet)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &probe.Prober{Dial: func(context.Context, string, string) (net.Conn, error) { return &canned{data: data}, nil }}
		o := (&ntpcheck.Checker{Prober: p}).Probe(t.Context(), ntpcheck.Request{Target: ntpcheck.TargetOf("127.0.0.1", 0)})
		ntpcheck.Judge([]*ntpcheck.Observation{o})
		if _, err := json.Marshal(o); err != nil {
			t.Error(err)
		}
		if strings.ContainsFunc(o.Summary(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q", o.Summary())
		}
	})
}

// canned answers every question with the same bytes, with the question's own mark in place.
type canned struct {
	net.Conn
	data, question []byte
}

func (c *canned) Write(b []byte) (int, error) {
	c.question = slices.Clone(b)
	return len(b), nil
}

func (c *canned) Read(b []byte) (int, error) {
	n := copy(b, c.data)
	if n >= 32 && len(c.question) >= 48 {
		copy(b[24:32], c.question[40:48])
	}
	return n, nil
}

func (c *canned) Close() error                { return nil }
func (c *canned) SetDeadline(time.Time) error { return nil }
