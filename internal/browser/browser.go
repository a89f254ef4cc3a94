// Package browser looks at a page in a real browser: headless Chromium, driven by its DevTools protocol over two pipes, so that no port is
// opened. A file goes in; what the page says of itself, what the browser complains of, what it asked the network for, and pictures come
// out. It is for tests and for the documentation's pictures; the program itself never starts a browser.
package browser

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Names are the programs that are looked for, in this order.
func Names() []string { return []string{"chromium", "chromium-browser", "google-chrome"} }

// A Browser is a running one. Close it.
type Browser struct {
	cmd     *exec.Cmd
	profile string
	to      io.WriteCloser
	done    chan struct{} // closed when nothing more is read

	mu      sync.Mutex
	next    int
	waiting map[int]chan answer
	events  func(message)
	ended   error
}

// A message is one of the protocol, an answer or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

type answer struct {
	result json.RawMessage
	err    error
}

// Start runs the browser found at path. It ends with the context.
func Start(ctx context.Context, path string) (*Browser, error) {
	profile, err := os.MkdirTemp("", "cupclint-browser-")
	if err != nil {
		return nil, err
	}
	childIn, to, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(profile))
	}
	from, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, childIn.Close(), to.Close(), os.RemoveAll(profile))
	}
	// Without the sandbox, which neither root nor most containers can have: the pages are our own. Without shared memory, of which
	// containers have little.
	args := []string{"--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
		"--disable-background-networking", "--disable-sync",
		"--disable-component-update", "--remote-debugging-pipe", "--user-data-dir=" + profile}
	b := &Browser{cmd: exec.CommandContext(ctx, path, args...), profile: profile, to: to, done: make(chan struct{}),
		waiting: make(map[int]chan answer)}
	b.cmd.ExtraFiles = []*os.File{childIn, childOut} // its descriptors 3 and 4
	err = b.cmd.Start()
	_ = childIn.Close() // the child has its own
	_ = childOut.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", path, err), to.Close(), from.Close(), os.RemoveAll(profile))
	}
	go b.read(from)
	return b, nil
}

// closeLimit is how long the browser may take to end by itself.
const closeLimit = 10 * time.Second

// Close ends the browser: it is asked to, so that its own children end before it, and made to where that takes too long.
func (b *Browser) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	if err := b.call(ctx, "", "Browser.close", nil, nil); err != nil {
		_ = b.cmd.Process.Kill() // what matters is that it ends
	}
	_ = b.to.Close()
	select {
	case <-b.done:
	case <-ctx.Done():
		_ = b.cmd.Process.Kill()
		<-b.done
	}
	_ = b.cmd.Wait() // how it ended is of no interest
	return b.removeProfile()
}

// removeProfile removes the browser's files. Its helpers end a little later than itself, and write until then.
func (b *Browser) removeProfile() error {
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	deadline := time.Now().Add(closeLimit)
	for {
		err := os.RemoveAll(b.profile)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-pause.C
	}
}

// maxMessage bounds one message: a picture may have some megabytes.
const maxMessage = 64 << 20

// read takes messages, each ended by a zero byte, until the browser ends.
func (b *Browser) read(from io.ReadCloser) {
	defer close(b.done)
	defer from.Close()
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxMessage)
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		for i, c := range data {
			if c == 0 {
				return i + 1, data[:i], nil
			}
		}
		return 0, nil, nil
	})
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			continue
		}
		b.take(m)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = errors.New("the browser has ended")
	for id, c := range b.waiting {
		c <- answer{err: b.ended}
		delete(b.waiting, id)
	}
}

func (b *Browser) take(m message) {
	b.mu.Lock()
	c, events := b.waiting[m.ID], b.events
	delete(b.waiting, m.ID)
	b.mu.Unlock()
	switch {
	case m.ID != 0 && c != nil && m.Error != nil:
		c <- answer{err: errors.New(m.Error.Message)}
	case m.ID != 0 && c != nil:
		c <- answer{result: m.Result}
	case m.ID == 0 && events != nil:
		events(m)
	}
}

// call sends a command and waits for its answer.
func (b *Browser) call(ctx context.Context, session, method string, params, result any) error {
	c := make(chan answer, 1)
	b.mu.Lock()
	if b.ended != nil {
		b.mu.Unlock()
		return b.ended
	}
	b.next++
	id := b.next
	b.waiting[id] = c
	text, err := json.Marshal(struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId,omitempty"`
		Method  string `json:"method"`
		Params  any    `json:"params,omitempty"`
	}{id, session, method, params})
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case a := <-c:
		if a.err != nil {
			return fmt.Errorf("%s: %w", method, a.err)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(a.result, result)
	}
}

// A View is how a page is looked at.
type View struct {
	Width, Height int  // CSS pixels
	Dark          bool // the reader prefers dark colours
	Print         bool // as for a printer
	NoScript      bool // JavaScript is off
}

type object = map[string]any

// A Page is one page that is open.
type Page struct {
	b       *Browser
	session string

	mu       sync.Mutex
	loaded   chan struct{} // closed when the page has loaded; made anew by Go
	messages []string
	requests []string
}

// Open opens a file, or an address that begins with http, and waits until it has loaded. One page is open at a time.
func (b *Browser) Open(ctx context.Context, file string, v View) (*Page, error) {
	address := file
	if !strings.HasPrefix(file, "http:") && !strings.HasPrefix(file, "https:") {
		path, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		address = (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	}
	p := &Page{b: b, loaded: make(chan struct{})}
	b.mu.Lock()
	b.events = p.event
	b.mu.Unlock()
	var target struct{ TargetID string }
	if err := b.call(ctx, "", "Target.createTarget", object{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	var attached struct{ SessionID string }
	if err := b.call(ctx, "", "Target.attachToTarget", object{"targetId": target.TargetID, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	p.session = attached.SessionID
	for _, domain := range []string{"Page.enable", "Runtime.enable", "Log.enable", "Network.enable"} {
		if err := b.call(ctx, p.session, domain, nil, nil); err != nil {
			return nil, err
		}
	}
	if err := p.Look(ctx, v); err != nil {
		return nil, err
	}
	err := p.Go(ctx, func() error { return b.call(ctx, p.session, "Page.navigate", object{"url": address}, nil) })
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Go does something that leads to another page, and waits until that has loaded.
func (p *Page) Go(ctx context.Context, do func() error) error {
	loaded := make(chan struct{})
	p.mu.Lock()
	p.loaded = loaded
	p.mu.Unlock()
	if err := do(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.b.done:
		return errors.New("the browser has ended")
	case <-loaded:
		return nil
	}
}

// Look changes the view.
func (p *Page) Look(ctx context.Context, v View) error {
	scheme, media := "light", "screen"
	if v.Dark {
		scheme = "dark"
	}
	if v.Print {
		media = "print"
	}
	if err := p.b.call(ctx, p.session, "Emulation.setEmulatedMedia",
		object{"media": media, "features": []object{{"name": "prefers-color-scheme", "value": scheme}}}, nil); err != nil {
		return err
	}
	if err := p.b.call(ctx, p.session, "Emulation.setScriptExecutionDisabled", object{"value": v.NoScript}, nil); err != nil {
		return err
	}
	return p.b.call(ctx, p.session, "Emulation.setDeviceMetricsOverride",
		object{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": v.Width < 600}, nil)
}

// event notes what the page says and asks for.
func (p *Page) event(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch m.Method {
	case "Page.loadEventFired":
		select {
		case <-p.loaded:
		default:
			close(p.loaded)
		}
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
		p.messages = append(p.messages, string(m.Params))
	case "Network.requestWillBeSent":
		var r struct{ Request struct{ URL string } }
		if json.Unmarshal(m.Params, &r) == nil {
			p.requests = append(p.requests, r.Request.URL)
		}
	}
}

// Messages are what the console shows, as the protocol has it.
func (p *Page) Messages() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.messages...)
}

// Requests are the addresses that were asked for, the page's own first.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Eval evaluates an expression of JavaScript in the page and decodes its value as JSON; of a promise, what it ends with.
func (p *Page) Eval(ctx context.Context, expression string, value any) error {
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := p.b.call(ctx, p.session, "Runtime.evaluate", object{"expression": expression, "returnByValue": true, "awaitPromise": true},
		&out); err != nil {
		return err
	}
	if e := out.ExceptionDetails; e != nil {
		return fmt.Errorf("evaluate: %s %s", e.Text, e.Exception.Description)
	}
	return json.Unmarshal(out.Result.Value, value)
}

// keys are those that Press knows, with their codes on Windows.
var keys = map[string]int{"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowUp": 38, "ArrowDown": 40}

// Press presses a key as a person does: Tab, Enter, Escape, ArrowDown, ArrowUp or a blank.
func (p *Page) Press(ctx context.Context, key string) error {
	code, ok := keys[key]
	if !ok {
		return fmt.Errorf("unknown key %q", key)
	}
	down := object{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
	switch key {
	case "Enter":
		down["text"] = "\r"
	case " ":
		down["text"], down["code"] = " ", "Space"
	}
	if err := p.b.call(ctx, p.session, "Input.dispatchKeyEvent", down, nil); err != nil {
		return err
	}
	return p.b.call(ctx, p.session, "Input.dispatchKeyEvent", object{"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}, nil)
}

// Type types a text where the focus is.
func (p *Page) Type(ctx context.Context, text string) error {
	return p.b.call(ctx, p.session, "Input.insertText", object{"text": text}, nil)
}

// Hover moves the pointer to the middle of the first element that a selector fits.
func (p *Page) Hover(ctx context.Context, selector string) error {
	quoted, err := json.Marshal(selector)
	if err != nil {
		return err
	}
	var at struct{ X, Y float64 }
	if err := p.Eval(ctx, `(() => { const e = document.querySelector(`+string(quoted)+`); e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0]; return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`, &at); err != nil {
		return err
	}
	return p.b.call(ctx, p.session, "Input.dispatchMouseEvent", object{"type": "mouseMoved", "x": at.X, "y": at.Y}, nil)
}

// Screenshot is what the view shows, as PNG.
func (p *Page) Screenshot(ctx context.Context) ([]byte, error) {
	return p.picture(ctx, "Page.captureScreenshot", object{"format": "png"})
}

// Picture is the whole page, as PNG.
func (p *Page) Picture(ctx context.Context) ([]byte, error) {
	return p.picture(ctx, "Page.captureScreenshot", object{"format": "png", "captureBeyondViewport": true})
}

// PDF is the page as a printer gets it.
func (p *Page) PDF(ctx context.Context) ([]byte, error) {
	return p.picture(ctx, "Page.printToPDF", object{"printBackground": false})
}

func (p *Page) picture(ctx context.Context, method string, params object) ([]byte, error) {
	var out struct{ Data string }
	if err := p.b.call(ctx, p.session, method, params, &out); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(out.Data)
}
