package page

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
)

// The bounds of a form in addition to MaxUpload.
const (
	maxFields = 100
	maxFiles  = 20
	maxField  = 4 << 10   // bytes of a short field
	maxSealed = 512 << 10 // bytes of what an earlier page hands over
	maxName   = 100       // characters of a file's name
)

// A posted form.
type posted struct {
	complaint string
	answers   map[string]string // question and word; an empty word where the person does not know
	text      string
	files     []upload
	sealed    string
	confirmed bool
	fields    map[string]string // the others

	// room is the memory of all files: as long as the form, where its length is known, so that nothing is copied as it grows.
	room []byte
}

// An upload is a file as the browser sent it. Its name is for people.
type upload struct {
	name string
	data []byte
}

// read reads the form of a request as it comes in: into memory, never onto the disk.
func (v *view) read() (*posted, error) {
	r := v.r
	r.Body = http.MaxBytesReader(nil, r.Body, v.h.MaxUpload)
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	f := &posted{answers: make(map[string]string), fields: make(map[string]string)}
	switch kind {
	case "multipart/form-data":
		f.room = make([]byte, 0, min(max(r.ContentLength, 0), v.h.MaxUpload))
		err = f.parts(multipart.NewReader(r.Body, parameters["boundary"]))
	case "application/x-www-form-urlencoded":
		err = f.values(r.Body)
	default:
		return nil, v.fail(http.StatusUnsupportedMediaType, v.T("error.form"))
	}
	f.room = nil
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, v.fail(http.StatusRequestEntityTooLarge, v.T("error.too-large", v.h.MaxUpload>>20))
	case errors.Is(err, errTooMany):
		return nil, v.fail(http.StatusRequestEntityTooLarge, v.T("error.too-many", maxFiles))
	case err != nil:
		return nil, v.fail(http.StatusBadRequest, v.T("error.form"))
	}
	return f, nil
}

var errTooMany = errors.New("too many fields or files")

func (f *posted) parts(in *multipart.Reader) error {
	for n := 0; ; n++ {
		p, err := in.NextRawPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case n == maxFields:
			return errTooMany
		}
		if err := f.part(p); err != nil {
			return err
		}
	}
}

func (f *posted) part(p *multipart.Part) error {
	name := p.FormName()
	if name == "file" {
		data, err := f.readFile(p)
		switch {
		case err != nil:
			return err
		case len(data) == 0 && p.FileName() == "": // no file was chosen
			return nil
		case len(f.files) == maxFiles:
			return errTooMany
		}
		f.files = append(f.files, upload{f.unique(fileName(p.FileName())), data})
		return nil
	}
	most := int64(maxField)
	switch name {
	case "text":
		most = diagnose.MaxPaste
	case "sealed":
		most = maxSealed
	}
	data, err := io.ReadAll(io.LimitReader(p, most+1))
	if err != nil {
		return err
	}
	if int64(len(data)) > most {
		return errTooMany
	}
	f.set(name, string(data))
	return nil
}

// readFile reads a file after those before it. MaxUpload bounds them.
func (f *posted) readFile(p io.Reader) ([]byte, error) {
	from := len(f.room)
	for {
		if len(f.room) == cap(f.room) {
			f.room = slices.Grow(f.room, 64<<10) // the length of the form was not known
		}
		n, err := p.Read(f.room[len(f.room):cap(f.room)])
		f.room = f.room[:len(f.room)+n]
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return f.room[from:len(f.room):len(f.room)], err
		}
	}
}

func (f *posted) values(body io.Reader) error {
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return err
	}
	if len(data) > most {
		return errTooMany
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return err
	}
	if len(values) > maxFields {
		return errTooMany
	}
	for name, list := range values {
		if len(list) > 0 {
			f.set(name, list[0])
		}
	}
	return nil
}

func (f *posted) set(name, value string) {
	switch question, isAnswer := strings.CutPrefix(name, "answer."); {
	case isAnswer:
		f.answers[question] = value
	case name == "complaint":
		f.complaint = value
	case name == "text":
		f.text = value
	case name == "sealed":
		f.sealed = value
	case name == "confirmed":
		f.confirmed = value == "yes"
	default:
		f.fields[name] = value
	}
}

// fileName is the name of an upload as it is shown: without folders, control characters and secrets.
func fileName(given string) string {
	name := path.Base(strings.ReplaceAll(given, `\`, "/"))
	if name == "." || name == ".." || name == "/" || name == export.Stdin {
		name = "file"
	}
	name = strings.ReplaceAll(export.Hide(report.Clean(strings.ToValidUTF8(name, "?"))), "!", "_") // which separates members of an archive
	if utf8.RuneCountInString(name) > maxName {
		runes := []rune(name)
		ext := path.Ext(name)
		if len(ext) > 10 {
			ext = ""
		}
		name = string(runes[:maxName-len(ext)]) + ext
	}
	return name
}

// unique gives the second file of a name another one, so that their findings can be distinguished.
func (f *posted) unique(name string) string {
	for n := 2; ; n++ {
		taken := false
		for _, u := range f.files {
			taken = taken || u.name == name
		}
		if !taken {
			return name
		}
		ext := path.Ext(name)
		base := strings.TrimSuffix(name, ext)
		if i := strings.LastIndex(base, " ("); i > 0 && strings.HasSuffix(base, ")") && n > 2 {
			base = base[:i]
		}
		name = fmt.Sprintf("%s (%d)%s", base, n, ext)
	}
}
