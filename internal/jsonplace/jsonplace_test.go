package jsonplace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/jsonplace"
)

func TestPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"{\n \"n\": 1,,\n}":        "line 2, column 9: invalid character ',' looking for beginning of object key string",
		"[":                        "line 1, column 2: the text ends too early",
		"{\"n\": 1,\n":             "line 2, column 1: the text ends too early",
		"{\"n\": 1,\n\"n\":\"x\"}": "line 2, column 8: json: cannot unmarshal string into Go struct field .N of type int",
	} {
		var v struct{ N int }
		err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&v)
		if got := jsonplace.Of([]byte(text), 0, err).Error(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestAnErrorWithoutAPlaceIsAtTheOffset(t *testing.T) {
	own := errors.New("own")
	for at, want := range map[int64][2]int{-1: {1, 1}, 0: {1, 1}, 2: {2, 1}, 3: {2, 2}, 99: {2, 3}} {
		e := jsonplace.Of([]byte("a\nbc"), at, own)
		if e.Line != want[0] || e.Column != want[1] || !errors.Is(e, own) {
			t.Errorf("%d: %v, want %v", at, e, want)
		}
	}
}

func TestTokens(t *testing.T) {
	const text = " {\"a\" :\t[1,\n\"b\"] }"
	dec := json.NewDecoder(strings.NewReader(text))
	var got []string
	for dec.More() || len(got) > 0 {
		at := jsonplace.Token(text, dec)
		if _, err := dec.Token(); err != nil {
			break
		}
		got = append(got, text[at:dec.InputOffset()])
	}
	if want := []string{"{", `"a"`, "[", "1", `"b"`, "]", "}"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
