package page_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/browser"
	"cupclint/internal/serve/page"
	"cupclint/internal/servertest"
)

// A desk is the page in a browser.
type desk struct {
	t   *testing.T
	ctx context.Context
	b   *browser.Browser
	p   *browser.Page
	url string
}

func newDesk(t *testing.T, b *browser.Browser, path string, v browser.View) *desk {
	t.Helper()
	server := httptest.NewServer(newPage(t, page.Options{Version: "1.0", Probes: new(probes),
		Token: func(*http.Request) string { return "TOKEN" }}))
	t.Cleanup(server.Close)
	p, err := b.Open(t.Context(), server.URL+path, v)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t, t.Context(), b, p, server.URL}
}

func (d *desk) eval(expression string, value any) {
	d.t.Helper()
	if err := d.p.Eval(d.ctx, expression, value); err != nil {
		d.t.Fatal(err)
	}
}

// text is the visible text of an element.
func (d *desk) text(selector string) (text string) {
	d.t.Helper()
	d.eval(`(document.querySelector("`+selector+`") || {innerText: ""}).innerText`, &text)
	return text
}

// until waits for something in the page.
func (d *desk) until(condition string) {
	d.t.Helper()
	var ok bool
	d.eval(`new Promise(done => { const look = () => (`+condition+`) ? done(true) : setTimeout(look, 20); look(); })`, &ok)
}

func (d *desk) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		if err := d.p.Press(d.ctx, k); err != nil {
			d.t.Fatal(err)
		}
	}
}

// tabTo presses Tab until the focus is on what the selector fits.
func (d *desk) tabTo(selector string) {
	d.t.Helper()
	const most = 120
	for range most {
		d.press("Tab")
		var there, visible bool
		d.eval(`document.activeElement.matches("`+selector+`")`, &there)
		d.eval(`(() => { const s = getComputedStyle(document.activeElement), l = document.activeElement.closest(".complaint");
			return s.outlineStyle !== "none" || l && getComputedStyle(l).outlineStyle !== "none"; })()`, &visible)
		if !visible {
			var what string
			d.eval(`document.activeElement.outerHTML.slice(0, 200)`, &what)
			d.t.Errorf("the focus is not to be seen on %s", what)
		}
		if there {
			return
		}
	}
	d.t.Fatalf("the keyboard does not reach %s", selector)
}

// picture writes the page as a picture into the folder of CUPCLINT_PICTURES, for people.
func (d *desk) picture(name string) {
	d.t.Helper()
	folder := os.Getenv("CUPCLINT_PICTURES")
	if folder == "" {
		return
	}
	png, err := d.p.Picture(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// quiet proves that the console said nothing and no other server was asked.
func (d *desk) quiet() {
	d.t.Helper()
	if m := d.p.Messages(); len(m) > 0 {
		d.t.Errorf("the console says %s", m)
	}
	for _, r := range d.p.Requests() {
		if !strings.HasPrefix(r, d.url+"/") {
			d.t.Errorf("the page asked for %s", r)
		}
	}
}

// fits proves that nothing is wider than the view, and that every text has enough contrast.
func (d *desk) fits(v browser.View) {
	d.t.Helper()
	var width int
	d.eval("document.documentElement.scrollWidth", &width)
	if width > v.Width {
		d.t.Errorf("the page is %d wide, the view %d", width, v.Width)
	}
	contrast, err := os.ReadFile("../../report/testdata/contrast.js")
	if err != nil {
		d.t.Fatal(err)
	}
	var poor []string
	d.eval(string(contrast), &poor)
	for _, what := range poor {
		d.t.Errorf("too little contrast: %s", what)
	}
	var small []string
	d.eval(`[...document.querySelectorAll("button, .button, summary, input[type=radio]")].filter(e => e.checkVisibility()).filter(e => {
		const r = (e.closest("label") || e).getBoundingClientRect(); return r.width < 24 || r.height < 24; }).map(e => e.outerHTML)`, &small)
	for _, what := range small {
		d.t.Errorf("too small for a finger: %s", what)
	}
}

const invalid = "Desk Phone: Failed to connect. Invalid credentials.\n"

// A person with a keyboard alone goes through the whole flow: complaint, text, question, ticket, a probe.
func TestTheFlowWithTheKeyboard(t *testing.T) {
	b := servertest.Browser(t)
	for name, v := range map[string]browser.View{
		"desktop": {Width: 1200, Height: 900}, "phone": {Width: 390, Height: 800, Dark: true},
		"plain": {Width: 1000, Height: 900, NoScript: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, b, "/", v)
			d.quiet()
			d.fits(v)
			d.picture("form-" + name)
			submit := func(then string) {
				t.Helper()
				if v.NoScript {
					if err := d.p.Go(d.ctx, func() error { return d.p.Press(d.ctx, "Enter") }); err != nil {
						t.Fatal(err)
					}
				} else {
					d.press("Enter")
				}
				d.until(then)
			}
			d.press("Tab")
			if got := d.text(":focus"); got != "Skip to the content" {
				t.Errorf("the first stop is %q", got)
			}
			d.tabTo("[name=complaint]")
			d.press(" ", "ArrowDown", "ArrowDown")
			var chosen string
			d.eval(`document.querySelector("[name=complaint]:checked").value`, &chosen)
			if chosen != "desk-phone" {
				t.Fatalf("the arrows lead to %s", chosen)
			}
			d.tabTo("#text")
			if err := d.p.Type(d.ctx, invalid); err != nil {
				t.Fatal(err)
			}
			d.tabTo(".main")
			submit(`document.querySelector("#answer")`)
			if got := d.text("#answer"); !strings.Contains(got, "LDAP authentication gets a referral") || !strings.Contains(got, "UC team") {
				t.Errorf("the answer is %q", got)
			}
			d.fits(v)
			d.picture("result-" + name)
			d.tabTo("[name='answer.ldap'][value='389']")
			submit(`document.querySelector("#answer").innerText.includes("389 or 636")`)
			if got := d.text("#answer"); !strings.Contains(got, "your answer to") {
				t.Errorf("after the question: %q", got)
			}
			d.tabTo("#ticket-text")
			if !v.NoScript {
				d.tabTo("[data-copy]")
				d.press("Enter")
				d.until(`document.getElementById("status").textContent === "Copied"`)
			}
			d.tabTo(".targets button")
			submit(`document.querySelector("[name=confirmed]")`)
			d.fits(v)
			d.picture("confirm-" + name)
			d.tabTo("[name=confirmed]")
			submit(`document.querySelector("#answer")`)
			if got := d.text("#live ~ p + p"); !strings.Contains(got, "challenge for realm acme.com") {
				t.Errorf("the probe says %q", got)
			}
			d.quiet()
		})
	}
}

// Files are dropped, text is pasted anywhere, and a picture is refused with a word.
func TestFilesAreDroppedAndTextIsPasted(t *testing.T) {
	v := browser.View{Width: 1200, Height: 900}
	d := newDesk(t, servertest.Browser(t), "/?lang=de", v)
	d.picture("form-german")
	var prevented bool
	d.eval(`(() => { const data = new DataTransfer(); data.items.add(new File(["Presence.Primary.Address = cup1.cisco.com\n" +
		"Presence.Domain = example.org\nDirectory.Password = S3cr3tM4rk\nDirectory.Primary.Port = 99999\n"], "hq.properties"));
		return !document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})); })()`, &prevented)
	var files int
	d.eval(`document.getElementById("file").files.length`, &files)
	if !prevented || files != 1 {
		t.Fatalf("%d files after the drop", files)
	}
	d.eval(`(() => { const data = new DataTransfer(); data.setData("text/plain", "Presence: invalid credential");
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		return document.getElementById("text").value === "Presence: invalid credential"; })()`, &prevented)
	if !prevented {
		t.Error("the text was not pasted")
	}
	d.eval(`(() => { const data = new DataTransfer(); data.items.add(new File(["x"], "screen.png", {type: "image/png"}));
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		return document.getElementById("file").files.length === 1 && document.querySelector(".picked").textContent.includes("Bild"); })()`,
		&prevented)
	if !prevented {
		t.Error("a picture was read as a file")
	}
	d.eval(`(document.querySelector("[value=presence]").click(), document.querySelector("form .main").click(), true)`, &prevented)
	d.until(`document.querySelector("#answer")`)
	d.fits(v)
	d.picture("export-german")
	if got := d.text("#main"); strings.Contains(got, "S3cr3tM4rk") || !strings.Contains(got, "hq.properties") ||
		!strings.Contains(got, "cup1.cisco.com.example.org") {
		t.Errorf("the page shows %s", got)
	}
	if got := d.text("#answer"); !strings.Contains(got, "Digest Credential") {
		t.Errorf("the answer is %q", got)
	}
	d.eval(`(history.back(), true)`, &prevented)
	d.until(`document.querySelector("[value=presence]") && document.querySelector("[value=presence]").checked`)
	d.quiet()
}

// An explanation shows on hover and on focus, stays inside a small view, and Escape closes it. Without either it is in the list below.
func TestTermsAreExplained(t *testing.T) {
	b := servertest.Browser(t)
	for name, v := range map[string]browser.View{"desktop": {Width: 1200, Height: 900}, "phone": {Width: 390, Height: 800},
		"plain": {Width: 390, Height: 800, NoScript: true, Dark: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, b, "/address?node=cup1&domain=10.11.12.13", v)
			d.fits(v)
			d.picture("address-" + name)
			const tip = `document.querySelector(".tip").checkVisibility()`
			var shown, listed bool
			if d.eval(tip, &shown); shown {
				t.Error("the explanation is there before anybody asks")
			}
			d.eval(`document.getElementById(document.querySelector(".term a").hash.slice(1)).nextElementSibling.checkVisibility()`, &listed)
			if !listed {
				t.Error("the term is not in the list")
			}
			if err := d.p.Hover(d.ctx, ".term"); err != nil {
				t.Fatal(err)
			}
			if d.eval(tip, &shown); !shown {
				t.Error("nothing is explained on hover")
			}
			d.fits(v)
			d.picture("tip-" + name)
			if err := d.p.Hover(d.ctx, "h1"); err != nil {
				t.Fatal(err)
			}
			d.tabTo(".term a")
			if d.eval(tip, &shown); !shown {
				t.Error("nothing is explained on focus")
			}
			d.fits(v)
			if d.press("Escape"); !v.NoScript {
				if d.eval(tip, &shown); shown {
					t.Error("Escape does not close the explanation")
				}
			}
			d.quiet()
		})
	}
}

// Paper has the answer and what to do, without forms and buttons.
func TestTheResultOnPaper(t *testing.T) {
	d := newDesk(t, servertest.Browser(t), "/", browser.View{Width: 800, Height: 1100})
	var ok bool
	d.eval(`(document.getElementById("text").value = "Desk Phone: Failed to connect. Invalid credentials.",
		document.querySelector("form .main").click(), true)`, &ok)
	d.until(`document.querySelector("#answer")`)
	v := browser.View{Width: 800, Height: 1100, Print: true}
	if err := d.p.Look(d.ctx, v); err != nil {
		t.Fatal(err)
	}
	d.fits(v)
	d.picture("paper")
	var left []string
	d.eval(`[...document.querySelectorAll("button, input, textarea, nav")].filter(e => e.checkVisibility()).map(e => e.outerHTML)`, &left)
	if len(left) > 0 {
		t.Errorf("on paper: %q", left)
	}
	if got := d.text("#todo") + d.text(".ticket-paper"); !strings.Contains(got, "What to do") || !strings.Contains(got, "Likely cause: ") {
		t.Errorf("paper has only %s", got)
	}
}
