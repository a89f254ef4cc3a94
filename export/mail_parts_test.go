package export_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"

	"cupclint/export"
)

const mailHead = "Received: from a by b; Mon, 4 Mar 2024 10:00:00 +0100\r\nFrom: anna@acme.com\r\nTo: help@acme.com\r\nSubject: " +
	"export\r\nMIME-Version: 1.0\r\n"

// coded is text in base64, in lines of 76 characters.
func coded(data []byte) string {
	code := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for ; len(code) > 76; code = code[76:] {
		b.WriteString(code[:76] + "\r\n")
	}
	return b.String() + code + "\r\n"
}

// A mailPart is a header and a body as it is in the mail.
type mailPart struct{ header, body string }

func multipartMail(parts ...mailPart) string {
	var b strings.Builder
	b.WriteString(mailHead + "Content-Type: multipart/mixed;\r\n boundary=\"_000_x_\"\r\n\r\nThis is a mail in parts.\r\n")
	for _, p := range parts {
		b.WriteString("--_000_x_\r\n" + p.header + "\r\n" + p.body + "\r\n")
	}
	return b.String() + "--_000_x_--\r\n"
}

func attachment(name string, data []byte) mailPart {
	return mailPart{"Content-Type: application/octet-stream; name=\"" + name + "\"\r\nContent-Disposition: attachment;\r\n filename=\"" +
		name +
		"\"\r\nContent-Transfer-Encoding: base64\r\n", coded(data)}
}

func prose(text string) mailPart {
	return mailPart{"Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 7bit\r\n", text + "\r\n"}
}

var mailRegistry = "Windows Registry Editor Version 5.00\r\n\r\n" + adminData +
	"\"TftpServer1\"=\"cucm1\"\r\n\"MyPassword\"=\"hunter2\"\r\n\"CtiServer1\"=\"b\"\r\n"

const mailConfig = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<config version=\"1.0\">\n <Directory>\n  <UseSSL>1</UseSSL>\n " +
	"</Directory>\n</config>\n"

func TestMailsInBase64(t *testing.T) {
	registry := `TftpServer1=cucm1 MyPassword=hunter2 CtiServer1=b`
	status := "admin:show status\r\n\r\nHost Name    : cucm1\r\n\r\nadmin:\r\n"
	for what, c := range map[string]struct {
		mail   string
		want   string
		format export.Format
	}{
		"the body": {mailHead + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			coded([]byte(mailConfig)),
			"Jabber.Directory.UseSSL=1", export.Jabber},
		"an attachment": {multipartMail(prose("Hello"), attachment("a.reg", utf16Of(mailRegistry, binary.LittleEndian))), registry,
			export.Registry},
		"an attachment in UTF-8 with a mark": {multipartMail(prose("Hello"), attachment("a.reg", []byte("\xEF\xBB\xBF"+mailRegistry))),
			registry,
			export.Registry},
		"a picture before it": {multipartMail(prose("Hello"),
			mailPart{"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n", coded([]byte("\x89PNG"))},
			attachment("jabber-config.xml", []byte(mailConfig))), "Jabber.Directory.UseSSL=1", export.Jabber},
		"JSON": {multipartMail(prose("Hello"), attachment("a.json", []byte(`{"Presence.Domain": "acme.com"}`))),
			"Presence.Domain=acme.com", export.JSON},
		"a table": {multipartMail(prose("Hello"), attachment("a.csv", []byte("key,value\nServicesDomain,acme.com\n"))),
			"ServicesDomain=acme.com", export.JabberEMM},
		"a folded answer": {multipartMail(prose("Hello"), attachment("a.txt",
			[]byte(adminKey[:80]+"\n"+adminKey[80:]+"\n    CtiServer1    REG_SZ    b\n"))), "CtiServer1=b", export.Registry},
		"a bootstrap file": {multipartMail(prose("Hello"), attachment("jabber-bootstrap.properties",
			[]byte("ServicesDomain: acme.com\n"))), "ServicesDomain=acme.com", export.JabberBootstrap},
		"in Latin-1": {mailHead + "Content-Type: text/plain; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			coded([]byte("Presence.Domain = m\xfcnchen.de\r\n")), "Presence.Domain=münchen.de", export.Properties},
		"a mail in the mail": {multipartMail(prose("see below"), mailPart{"Content-Type: message/rfc822\r\n", mailHead +
			"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded([]byte(mailConfig))}),
			"Jabber.Directory.UseSSL=1", export.Jabber},
		"quoted-printable": {multipartMail(prose("Hello"),
			mailPart{"Content-Type: application/json; name=a.json\r\nContent-Disposition: attachment\r\n" +
				"Content-Transfer-Encoding: quoted-printable\r\n", "{\"Presence.Domain\": \"ac=\r\nme.com\", \"A\": \"=3D\"}\r\n"}),
			"Presence.Domain=acme.com A==", export.JSON},
		"an attachment as it is": {multipartMail(prose("Hello"),
			mailPart{"Content-Type: application/json; name=a.json\r\nContent-Disposition: attachment\r\n",
				`{"Presence.Domain": "acme.com"}`}), "Presence.Domain=acme.com", export.JSON},
		"a part alone": {"--_000_x_\r\n" + attachment("a.reg", []byte(mailRegistry)).header + "\r\n" + coded([]byte(mailRegistry)) +
			"--_000_x_--\r\n",
			registry, export.Registry},
		"lines with LF": {strings.ReplaceAll(multipartMail(prose("Hello"), attachment("a.xml", []byte(mailConfig))), "\r\n", "\n"),
			"Jabber.Directory.UseSSL=1", export.Jabber},
		"two outputs": {multipartMail(prose("Hello"), attachment("a.txt", []byte(status)), attachment("b.txt",
			[]byte(strings.ReplaceAll(status, "cucm1", "cucm2")))),
			"host name=cucm1 host name=cucm2", export.CLI},
	} {
		e, err := new(export.Reader).Parse("in.eml", []byte(c.mail))
		if got := join(e); err != nil || !strings.EqualFold(got, c.want) && c.format != export.CLI || e.Format != c.format {
			t.Errorf("%s: %q, %v; want %q", what, got, err, c.want)
			continue
		}
		if c.format == export.CLI {
			if got := strings.ToLower(join(e)); !strings.Contains(got, "cucm1") || !strings.Contains(got, "cucm2") {
				t.Errorf("%s: %q", what, got)
			}
		}
		checkRanges(t, e, []byte(c.mail))
	}
}

// Each value is in the group of the line that has it.
func TestPlacesInBase64(t *testing.T) {
	text := multipartMail(prose("Hello"), attachment("a.reg", utf16Of(mailRegistry, binary.LittleEndian)))
	e, err := new(export.Reader).Parse("in.eml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	begin := strings.Index(text, "//5X") // the mark, and the first letter
	for i := range e.Properties {
		p := &e.Properties[i]
		at := e.Range(p)
		// Without the line ends, three bytes are four characters.
		chars := len(strings.ReplaceAll(text[begin:at.Start], "\r\n", ""))
		want := 2 + 2*strings.Index(mailRegistry, `"`+p.Value+`"`) + 2
		if got := (chars*3 + 3) / 4; got != want {
			t.Errorf("%s begins at byte %d of the attachment, want %d", p.Name, got, want)
		}
		if line := 1 + strings.Count(text[:at.Start], "\n"); at.Line != line || e.NameRange(p).Line == 0 {
			t.Errorf("%s is in line %d, want %d", p.Name, at.Line, line)
		}
		if source, _ := e.Source(at, 20, 80); p.Secret() == strings.Contains(source, p.Value) {
			t.Errorf("%s: the line shows %q", p.Name, source)
		}
	}
}

// decodedParts are the bodies of a mail, decoded by the standard library.
func decodedParts(t *testing.T, data []byte) (parts []string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	_, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if err != nil {
			return parts
		}
		body := io.Reader(p)
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text))
	}
}

// redact masks the secrets of all parts, in their encoding.
func TestRedactOfAMail(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		in := []byte(multipartMail(prose("the password is Sommer2024! thanks"), attachment("a.reg", utf16Of(mailRegistry, order)),
			attachment("b.txt", []byte("Directory.Password = geheim77\r\n")), attachment("c.bin", []byte{0, 1, 2, 3})))
		got, err := export.Redact("in.eml", in, export.Auto)
		if err != nil || len(got.Lines) != 3 || len(got.Left) > 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		parts := decodedParts(t, got.Data)
		want := []string{"the password is REDACTED thanks\r\n", string(utf16Of(strings.Replace(mailRegistry, "hunter2", "REDACTED", 1),
			order)),
			"Directory.Password = REDACTED\r\n", "\x00\x01\x02\x03"}
		if fmt.Sprintf("%q", parts) != fmt.Sprintf("%q", want) {
			t.Errorf("%q, want %q", parts, want)
		}
		for i, line := range bytes.Split(got.Data, []byte("\r\n")) {
			if len(line) > 76 {
				t.Errorf("line %d has %d characters", i+1, len(line))
			}
		}
		again, err := export.Redact("in.eml", got.Data, export.Auto)
		if err != nil || len(again.Lines) > 0 || !bytes.Equal(again.Data, got.Data) {
			t.Errorf("again: %v, %v", again.Lines, err)
		}
	}
}

// Intune has app configurations in base64 in JSON.
func TestPayloadsOfIntune(t *testing.T) {
	android := base64.StdEncoding.EncodeToString([]byte(`{"kind":"androidenterprise#managedConfiguration","managedProperty":[{"key":"ServicesDomain",` +
		`"valueString":"acme.com"},{"key":"Password","valueString":"hunter2"}]}`))
	other := base64.StdEncoding.EncodeToString([]byte(`{"managedProperty":[{"key":"api_password","valueString":"geheim77"}]}`))
	apple := base64.StdEncoding.EncodeToString([]byte(`<dict><key>ServicesDomain</key><string>acme.com</string></dict>`))
	for _, text := range []string{`{"value": [{"payloadJson": "` + other + `"}, {"payloadJson":"` + android + `"}]}`,
		`{"encodedSettingXml" : "` + apple + `"}`} {
		e, err := new(export.Reader).Parse("in.json", []byte(text))
		if err != nil || e.Format != export.JabberEMM || !strings.HasPrefix(join(e), "ServicesDomain=acme.com") {
			t.Errorf("%q, %v", join(e), err)
			continue
		}
		got, err := export.Redact("in.json", []byte(text), export.Auto)
		if err != nil {
			t.Fatal(err)
		}
		for code := range strings.SplitSeq(string(got.Data), `"`) {
			if raw, err := base64.StdEncoding.DecodeString(code); err == nil &&
				(bytes.Contains(raw, []byte("hunter2")) || bytes.Contains(raw, []byte("geheim77"))) {
				t.Errorf("%s is left", raw)
			}
		}
	}
}

// Of several parts with settings one is read, and that is said. The text of a mail may be there twice.
func TestAMailWithSettingsInTwoParts(t *testing.T) {
	first, second := attachment("a.reg", []byte(mailRegistry)), attachment("jabber-config.xml", []byte(mailConfig))
	text := multipartMail(prose("Hello"), first, second)
	e, err := new(export.Reader).Parse("in.eml", []byte(text))
	if err != nil || e.Format != export.Registry || e.Problem == nil || !strings.Contains(e.Problem.Error(), "jabber-config.xml") {
		t.Fatalf("%v, %v", err, e)
	}
	line := 1 + strings.Count(text[:strings.Index(text, second.body)], "\n")
	if want := fmt.Sprintf("in.eml:%d:1: settings are in this part", line); !strings.Contains(e.Problem.Error(), want) {
		t.Errorf("%v, want %s", e.Problem, want)
	}
	for what, text := range map[string]string{
		"twice":   multipartMail(prose("Hello"), first, first),
		"nothing": multipartMail(prose("Hello"), first, attachment("b.txt", []byte("nothing here\n"))),
	} {
		if e, err := new(export.Reader).Parse("in.eml", []byte(text)); err != nil || e.Problem != nil {
			t.Errorf("%s: %v, %v", what, err, e.Problem)
		}
	}
}

// A mail that is read as it is stays what it is, with any attachment. What nothing is found in gives the error of the mail.
func TestAMailThatIsReadAsItIs(t *testing.T) {
	text := multipartMail(prose("Presence.Domain = acme.com"), attachment("a.reg", []byte(mailRegistry)))
	if e, err := new(export.Reader).Parse("in.eml", []byte(text)); err != nil || strings.Contains(join(e), "TftpServer1") {
		t.Errorf("%q, %v", join(e), err)
	}
	text = multipartMail(prose("Hello"), attachment("a.txt", []byte("nothing here\n")))
	if e, err := new(export.Reader).Parse("in.eml", []byte(text)); err == nil || !strings.Contains(err.Error(),
		"in.eml:1:1: nothing in this input") {
		t.Errorf("%q, %v", join(e), err)
	}
}

func FuzzMail(f *testing.F) {
	fuzzFormat(f, "parts.eml", []export.Format{export.Auto},
		multipartMail(prose("x password is Sommer2024!"), attachment("a.reg", utf16Of(mailRegistry, binary.LittleEndian))),
		mailHead+"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"+coded([]byte(mailConfig)),
		multipartMail(mailPart{"Content-Transfer-Encoding: quoted-printable\r\n", "{\"Presence.Domain\": \"ac=\r\nme.com\"}"}),
		`{"payloadJson":"eyJrZXkiOiJTZXJ2aWNlc0RvbWFpbiIsInZhbHVlIjoiYSJ9"}`)
}
