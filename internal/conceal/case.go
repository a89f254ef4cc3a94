package conceal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"cupclint/internal/pseudonym"
)

// caseField is the first field of a saved case.
const caseField = `"cupclintCase"`

// IsCase reports whether a text is a case that an audit saved.
func IsCase(data []byte) bool {
	head := bytes.TrimLeft(data[:min(len(data), 64)], " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) && bytes.HasPrefix(bytes.TrimLeft(head[1:], " \t\r\n"), []byte(caseField))
}

// Fields of a case by what their text is. All other texts are searched for the words of the site.
const (
	hostFields = "host serverName commonName dnsHostName node servers presenceServers homes first from resolver resolvers assumed others ntp"

	domainFields = "domain domains realm"
	userFields   = "user username sAMAccountName userPrincipalName account owner"
	// words of the program, or of a protocol, that hold nothing of a site
	fixedFields = "rule area kind severity class phase reached security network transport view outcome type step " +
		"generation role rank status version cipher problems product protocol scheme schemes algorithm qop mechanismsBefore mechanismsAfter " +
		"supportedControls supportedSASLMechanisms startTLS end form use verdict at vendor schema kiss fault cupclintCase content " +
		"digestCredential authenticationModule notSent"
	hashFields = "sha256 fingerprint" // of certificates, of findings
)

// among reports whether a word is in a list of words with blanks between them.
func among(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// LearnCase takes in the words of a saved case.
func (w *Words) LearnCase(data []byte) error {
	_, err := editCase(data, func(field, text string) string {
		switch {
		case among(fixedFields, field), among(hashFields, field):
			return text
		case among(hostFields, field), field == "name" && strings.Contains(text, "."): // rules have no dot in their names
			w.Learn(pseudonym.Host, text)
		case among(domainFields, field):
			w.Learn(pseudonym.Domain, text)
		case among(userFields, field):
			w.Learn(pseudonym.User, text)
		}
		w.learnCoded(text)
		return text
	})
	return err
}

// Case hides a saved case. Its fields and their order stay. Equal fingerprints stay equal; what they were made from cannot be guessed.
func (w *Words) Case(data []byte) ([]byte, error) {
	return editCase(data, func(field, text string) string {
		switch {
		case among(fixedFields, field):
			return text
		case among(hashFields, field):
			sum, number, numbered := strings.Cut(text, ":") // of a finding: several can have one
			if _, err := strconv.Atoi(number); numbered && err == nil {
				return w.hash(sum) + ":" + number
			}
			return w.hash(text)
		}
		return coded(withoutPEM(text), w.Replace)
	})
}

// hash gives a hash another value, of the same length.
func (w *Words) hash(text string) string {
	mac := hmac.New(sha256.New, w.Secret())
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))[:min(len(text), 2*sha256.Size)]
}

// editCase writes a JSON text anew with other texts. edit gets the field that a text is in; texts of a list are in the field of the list.
func editCase(data []byte, edit func(field, text string) string) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var out bytes.Buffer
	if err := editValue(dec, &out, "", edit); err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read the case: there is more text after it")
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, out.Bytes(), "", " "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

func editValue(dec *json.Decoder, out *bytes.Buffer, field string, edit func(field, text string) string) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		object := t == '{'
		out.WriteString(t.String())
		for n := 0; dec.More(); n++ {
			if n > 0 {
				out.WriteByte(',')
			}
			if object {
				name, err := dec.Token()
				if err != nil {
					return err
				}
				field = name.(string) //nolint:forcetypeassert // the decoder gives nothing else
				writeText(out, field)
				out.WriteByte(':')
			}
			if err := editValue(dec, out, field, edit); err != nil {
				return err
			}
		}
		end, err := dec.Token()
		if err != nil {
			return err
		}
		fmt.Fprint(out, end)
	case string:
		writeText(out, edit(field, t))
	case nil:
		out.WriteString("null")
	default:
		fmt.Fprint(out, t)
	}
	return nil
}

func writeText(out *bytes.Buffer, text string) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text can always be written
	out.Truncate(out.Len() - 1)
}
