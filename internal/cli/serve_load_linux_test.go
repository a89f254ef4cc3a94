package cli

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"cupclint/internal/serve/guard"
	"cupclint/internal/servertest"
)

// serveMemory bounds the resident memory of the server, for any requests.
const serveMemory = 128 << 20

// An attacked server is the real program in a process of its own.
type attacked struct {
	served
	cmd *exec.Cmd
}

// attack starts the program; its folders are empty.
func attack(t *testing.T, args ...string) *attacked {
	t.Helper()
	withoutRace(t, "measures the memory of the program as it is")
	s := &attacked{served: served{dir: t.TempDir()}}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
	s.cmd = exec.CommandContext(t.Context(), thisProgram(t), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Dir = s.dir
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + s.dir, "XDG_STATE_HOME=" + s.dir, runAsProgram + "=1"}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for s.url == "" && lines.Scan() {
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			s.url = strings.TrimSuffix(m[1], "/")
		}
	}
	go func() { _, _ = io.Copy(&s.served, stderr) }()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // for a test that failed before end
		_ = s.cmd.Wait()
	})
	if s.url == "" {
		t.Fatal("the program does not serve")
	}
	return s
}

// end stops the server as a service manager does. Its memory was within the bound and nothing is left on the disk.
func (s *attacked) end(t *testing.T) {
	t.Helper()
	peak := peakOf(t, fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	t.Logf("%d MB of memory", peak>>20)
	if peak > serveMemory {
		t.Errorf("%d MB of memory, the bound is %d", peak>>20, serveMemory>>20)
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("there are files while it runs: %q", left)
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("the server left %q", left)
	}
}

// served proves that others are served: a page, a small form and the health of the server.
func (s *attacked) serves(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/", "/glossary", "/healthz"} {
		if status, _ := s.get(t, path); status != 200 {
			t.Errorf("others get status %d for %s", status, path)
		}
	}
	if status, text := s.form(t, strings.NewReader("complaint=presence&text=presence+is+offline"), nil); status != 200 {
		t.Errorf("others get status %d for a form: %s", status, text)
	}
}

// session gets a cookie and a token.
func (s *attacked) session(t *testing.T) (cookie, token string) {
	t.Helper()
	resp, err := s.client.Get(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, _ = strings.Cut(resp.Header.Get("Set-Cookie"), ";")
	_, text := readAnswer(t, resp)
	m := tokenInForm.FindStringSubmatch(text)
	if m == nil || cookie == "" {
		t.Fatal("the page has no token")
	}
	return cookie, m[1]
}

// form sends the rest of a form after its token.
func (s *attacked) form(t *testing.T, rest io.Reader, header map[string]string) (int, string) {
	t.Helper()
	cookie, token := s.session(t)
	return s.send(t, io.MultiReader(strings.NewReader(guard.TokenField+"="+token+"&"), rest), "application/x-www-form-urlencoded", cookie,
		header)
}

func (s *attacked) send(t *testing.T, body io.Reader, kind, cookie string, header map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/diagnose", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Cookie", cookie)
	for k, v := range header {
		switch k {
		case "Host":
			req.Host = v
		case "Length":
			_, _ = fmt.Sscan(v, &req.ContentLength)
		default:
			req.Header.Set(k, v)
		}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	return readAnswer(t, resp)
}

// statuses counts what many clients at once get.
func statuses(n int, one func() int) map[int]int {
	var mu sync.Mutex
	out := make(map[int]int)
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			status := one()
			mu.Lock()
			defer mu.Unlock()
			out[status]++
		})
	}
	all.Wait()
	return out
}

func TestServeAThousandAtOnce(t *testing.T) {
	s := attack(t)
	for _, path := range []string{"/", "/metrics", "/glossary", "/rules/PRES001"} {
		got := statuses(1000, func() int { status, _ := s.get(t, path); return status })
		if got[200] != 1000 {
			t.Errorf("%s: %v", path, got)
		}
	}
	cookie, token := s.session(t)
	paste := guard.TokenField + "=" + token + "&complaint=presence&text=" + strings.Repeat("Presence+is+offline.%0A", 200)
	got := statuses(1000, func() int {
		status, _ := s.send(t, strings.NewReader(paste), "application/x-www-form-urlencoded", cookie, nil)
		return status
	})
	if got[200]+got[503] != 1000 || got[200] < 100 {
		t.Errorf("forms: %v", got)
	}
	t.Logf("forms: %v", got)
	s.serves(t)
	s.end(t)
}

// Clients that open connections, send the half of a header or of a body, or announce a body that no form has, and wait.
func TestServeSlowClients(t *testing.T) {
	s := attack(t)
	cookie, token := s.session(t)
	body := guard.TokenField + "=" + token + "&complaint="
	address := strings.TrimPrefix(s.url, "http://")
	for i := range 900 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		begin := ""
		switch i % 4 {
		case 1:
			begin = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
		case 2:
			begin = fmt.Sprintf("POST /diagnose HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
				"Content-Length: %d\r\n\r\n%s", cookie, 15<<20, body+strings.Repeat("x", (i%7)*10_000))
		case 3:
			begin = "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
		}
		if _, err := io.WriteString(c, begin); err != nil {
			t.Fatal(err)
		}
	}
	s.serves(t)
	s.end(t)
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestServeAGigabyte(t *testing.T) {
	s := attack(t)
	const gigabyte = 1 << 30
	cookie, token := s.session(t)
	begin := guard.TokenField + "=" + token + "&text="
	for name, header := range map[string]map[string]string{"announced": {"Length": fmt.Sprint(gigabyte + len(begin))}, "in pieces": nil} {
		got := statuses(20, func() int {
			body := io.MultiReader(strings.NewReader(begin), io.LimitReader(zeros{}, gigabyte))
			status, text := s.send(t, body, "application/x-www-form-urlencoded", cookie, header)
			if status == 0 && (strings.Contains(text, "reset") || strings.Contains(text, "broken pipe")) {
				return http.StatusRequestEntityTooLarge // the client was still sending when the connection ended
			}
			return status
		})
		if got[413]+got[503] != 20 {
			t.Errorf("%s: %v", name, got)
		}
	}
	s.serves(t)
	s.end(t)
}

// Requests that other sites cause, and requests for other hosts.
func TestServeForeignRequests(t *testing.T) {
	s := attack(t)
	for name, test := range map[string]struct {
		header map[string]string
		want   int
	}{
		"another origin": {map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403},
		"another port":   {map[string]string{"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"}, 403},
		"another host":   {map[string]string{"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 421},
	} {
		cookie, token := s.session(t)
		body := guard.TokenField + "=" + token + "&complaint=presence"
		got := statuses(200, func() int {
			status, _ := s.send(t, strings.NewReader(body), "application/x-www-form-urlencoded", cookie, test.header)
			return status
		})
		if got[test.want] != 200 {
			t.Errorf("%s: %v", name, got)
		}
	}
	s.serves(t)
	s.end(t)
}

// Problem reports and other archives of the allowed size from many clients at once, also such as hold a thousand times as much.
func TestServeLargeUploads(t *testing.T) {
	withoutRace(t, "measures the memory of the program as it is") // before the archives are made: with the detector that takes a minute
	reports := map[string][]byte{"a problem report": reportOf(t, 15<<20), "a bomb": bomb(t, 60<<20), "small bombs": bomb(t, 15<<20),
		"a text": bytes.Repeat([]byte("2024-04-04 10:11:12,000 ERROR [0x00000000] [s.cpp(1)] [x] [y] - z\n"), 15<<20/67)}
	const clients = 3
	for _, name := range slices.Sorted(maps.Keys(reports)) {
		t.Run(name, func(t *testing.T) {
			s := attack(t)
			cookie, token := s.session(t)
			t.Logf("%d KB", len(reports[name])>>10)
			const boundary = "X"
			head := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n--%s\r\nContent-Disposition: form-data; "+
				"name=\"file\"; "+
				"filename=\"jabber-prt.zip\"\r\n\r\n", boundary, guard.TokenField, token, boundary)
			tail := "\r\n--" + boundary + "--\r\n"
			got := statuses(clients, func() int {
				body := io.MultiReader(strings.NewReader(head), bytes.NewReader(reports[name]), strings.NewReader(tail))
				status, text := s.send(t, body, "multipart/form-data; boundary="+boundary, cookie,
					map[string]string{"Length": fmt.Sprint(len(head) + len(reports[name]) + len(tail))})
				if status == 0 {
					t.Log(text)
				}
				return status
			})
			t.Logf("%v", got)
			if got[200]+got[503] != clients || got[200] == 0 {
				t.Errorf("%v", got)
			}
			s.serves(t)
			s.end(t)
		})
	}
}

// reportOf is a problem report whose archive has about that size.
func reportOf(t *testing.T, size int64) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prt.zip")
	for total := 10 * size; ; total += 2 * size {
		writeReport(t, path, total, zip.Deflate)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(text)) > size/2 {
			return text[:min(int64(len(text)), size)]
		}
	}
}

// bomb is a small archive of exports of which much comes out.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	line := strings.Repeat("Presence.Primary.Address = "+strings.Repeat("x", 200)+"\n", 1000)
	for n := 0; n < size; n += 15 << 20 {
		w, err := z.Create(fmt.Sprintf("export-%d.properties", n))
		for m := 0; err == nil && m < 15<<20; m += len(line) {
			_, err = io.WriteString(w, line)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A hundred probes at once of servers that are silent, from the page and by modules: the page is served meanwhile.
func TestServeAHundredProbes(t *testing.T) {
	silent := servertest.Listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	dir := t.TempDir()
	var targets strings.Builder
	targets.WriteString("targets:\n")
	for i := range 100 {
		fmt.Fprintf(&targets, "  - {name: t%d, area: directory, address: %q}\n", i, silent)
	}
	modules := "modules:\n  ldap:\n    area: directory\n    targets: [\"" + silent + "\"]\n    timeout: 5s\n"
	writeFiles(t, dir, map[string]string{"probes.yaml": targets.String(), "modules.yaml": modules})
	s := attack(t, "--allow-probes", filepath.Join(dir, "probes.yaml"), "--modules", filepath.Join(dir, "modules.yaml"), "--resolver",
		"127.0.0.1:9",
		"--timeout", "5s")
	cookie, token := s.session(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var begun, all sync.WaitGroup
	var mu sync.Mutex
	got := make(map[string]int)
	for i := range 200 {
		begun.Add(1)
		all.Go(func() {
			method, path, kind := http.MethodGet, "/probe?module=ldap&target="+silent, "module"
			var body io.Reader
			if i%2 == 0 {
				id := "directory-" + strings.NewReplacer(".", "-", ":", "-").Replace(silent)
				if i > 0 {
					id += fmt.Sprintf("_%d", i/2+1)
				}
				method, path, kind = http.MethodPost, "/targets/"+id, "page"
				body = strings.NewReader(guard.TokenField + "=" + token + "&confirmed=yes")
			}
			req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
			begun.Done()
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Cookie", cookie)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := s.client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprintf("%s %d", kind, resp.StatusCode)]++
		})
	}
	begun.Wait()
	s.serves(t)
	all.Wait()
	t.Logf("%v", got)
	if got["page 200"] == 0 || got["module 200"] == 0 || got["page 200"]+got["page 503"] != 100 || got["module 200"]+got["module 503"] != 100 {
		t.Errorf("%v", got)
	}
	s.serves(t)
	s.end(t)
}
