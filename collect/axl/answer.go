package axl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// judge tells answers from failures.
func judge(status int, answer []byte, call *Call) ([]byte, error) {
	page := text(answer)
	switch status {
	case http.StatusOK:
		if f := fault(answer); f != nil {
			return nil, f
		}
		if err := whole(answer); err != nil {
			return nil, &Error{Kind: Cut, Status: status, Detail: "the answer is not whole: " + err.Error()}
		}
		if !bytes.Contains(answer, []byte(call.Operation+"Response")) {
			return nil, &Error{Kind: Cut, Status: status, Detail: "the answer is not one to " + call.Operation}
		}
		return answer, nil
	case http.StatusUnauthorized:
		return nil, &Error{Kind: Refused, Status: status, Detail: page}
	case http.StatusForbidden:
		return nil, &Error{Kind: Forbidden, Status: status, Detail: page}
	case http.StatusNotFound:
		return nil, &Error{Kind: NotFound, Status: status, Detail: page}
	case http.StatusServiceUnavailable:
		return nil, &Error{Kind: Busy, Status: status, Detail: page}
	case 599:
		return nil, &Error{Kind: Version, Status: status, Detail: page}
	}
	if f := fault(answer); f != nil {
		f.Status = status
		return nil, f
	}
	return nil, &Error{Kind: Status, Status: status, Detail: fmt.Sprintf("AXL answers with HTTP status %d", status)}
}

// text is a page without its tags, shortened.
func text(page []byte) string {
	var b strings.Builder
	in := false
	for _, r := range string(page[:min(len(page), 16<<10)]) {
		switch {
		case r == '<':
			in = true
			b.WriteByte(' ')
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	const most = 600
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// fault reads a SOAP fault; nil where there is none.
func fault(answer []byte) *Error {
	if !bytes.Contains(answer, []byte("Fault")) {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(answer))
	f := &Error{Kind: Faulted}
	inside := false
	name := ""
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			name = t.Name.Local
			inside = inside || name == "Fault"
		case xml.CharData:
			s := strings.TrimSpace(string(t))
			if !inside || s == "" {
				continue
			}
			switch strings.ToLower(name) {
			case "faultstring":
				f.Detail = s
			case "axlcode":
				f.Code = s
			case "axlmessage":
				if f.Detail == "" || s != f.Detail {
					f.Detail = s
				}
			}
		}
	}
	if !inside {
		return nil
	}
	const most = 400
	if len(f.Detail) > most {
		f.Detail = strings.ToValidUTF8(f.Detail[:most], "") + "..."
	}
	return f
}

// whole reports whether the answer is XML to its end.
func whole(answer []byte) error {
	d := xml.NewDecoder(bytes.NewReader(answer))
	for n := 0; ; n++ {
		_, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case err != nil:
			return err
		}
	}
}

// Records counts the records of an answer: the elements inside of return.
func Records(answer []byte) int {
	n := 0
	each(answer, func(path []string, _ string, begin bool) {
		if begin && len(path) > 1 && path[len(path)-2] == "return" {
			n++
		}
	})
	return n
}

// Values gives the texts of the elements of a name directly in the records of an answer, or in its single record. There is always one.
func Values(answer []byte, name string) []string {
	var out []string
	each(answer, func(path []string, text string, begin bool) {
		n := len(path)
		if begin || path[n-1] != name || n < 3 || path[n-3] != "return" && path[n-2] != "return" {
			return
		}
		out = append(out, strings.TrimSpace(text))
	})
	if out == nil {
		return []string{""}
	}
	return out
}

// each walks the elements of an answer: begin is set where one begins, text is what one without others holds where it ends.
func each(answer []byte, f func(path []string, text string, begin bool)) {
	d := xml.NewDecoder(bytes.NewReader(answer))
	var path []string
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			text.Reset()
			f(path, "", true)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			f(path, text.String(), false)
			path = path[:len(path)-1]
			text.Reset()
		}
	}
}

// Rows gives records of a list as maps from element to text: fields directly in a record.
func Rows(answer []byte) []map[string]string {
	var out []map[string]string
	each(answer, func(path []string, text string, begin bool) {
		n := len(path)
		switch {
		case begin && n > 1 && path[n-2] == "return":
			out = append(out, map[string]string{})
		case !begin && n > 2 && path[n-3] == "return" && len(out) > 0:
			out[len(out)-1][path[n-1]] = strings.TrimSpace(text)
		}
	})
	return out
}
