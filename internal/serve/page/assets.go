package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"cupclint/internal/report"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/page.css static/page.js static/icon.svg
var staticFiles embed.FS

func loadTemplates() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{"clean": report.Clean, "on": func(v *view, x any) on { return on{v, x} }}).
		ParseFS(templateFiles, "templates/*.html")
}

// on hands a template a value together with the view.
type on struct {
	V *view
	X any
}

// assets are style, script and picture. Their names have a hash of their content, so browsers may keep them for good.
type assets struct {
	files            map[string]asset
	CSS, JS, Picture string // their addresses
}

type asset struct {
	kind string
	data []byte
}

func loadAssets() (a assets, err error) {
	a.files = make(map[string]asset)
	for _, f := range []struct {
		name, kind string
		address    *string
	}{{"page.css", "text/css; charset=utf-8", &a.CSS}, {"page.js", "text/javascript; charset=utf-8", &a.JS}, {"icon.svg", "image/svg+xml",
		&a.Picture}} {
		data, err := staticFiles.ReadFile("static/" + f.name)
		if err != nil {
			return a, err
		}
		if f.name == "page.css" { // one design with the report
			style, err := report.PageStyle()
			if err != nil {
				return a, err
			}
			data = append([]byte(style), data...)
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(f.name)
		name := fmt.Sprintf("%s-%s%s", f.name[:len(f.name)-len(ext)], hex.EncodeToString(sum[:8]), ext)
		a.files[name] = asset{f.kind, data}
		*f.address = assetsPath + "/" + name
	}
	return a, nil
}

func (h *handler) asset(w http.ResponseWriter, r *http.Request) {
	if err := h.start(); err != nil {
		http.Error(w, "not available", http.StatusInternalServerError)
		return
	}
	f, ok := h.assets.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(f.data) // who asked is gone otherwise
}
