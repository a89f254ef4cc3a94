package recent

import (
	"fmt"
	"strings"
	"testing"
)

func TestValuesAreRememberedUntilOthersTakeTheirPlace(t *testing.T) {
	var v Values
	for _, s := range []string{"hq", "berlin", "hq", "lyon"} {
		v.Add(s)
		if !v.Has(s) {
			t.Errorf("%s is forgotten at once", s)
		}
	}
	if v.Has("oslo") {
		t.Error("a value is known that was not added")
	}
	for i := range 1000 {
		v.Add(fmt.Sprint(i))
	}
	for i := range 1000 {
		if known := v.Has(fmt.Sprint(i)); known != (i >= 1000-len(v.slots)) {
			t.Errorf("value %d of 1000 is remembered: %v", i, known)
		}
	}
}

func TestEmptyAndLongValuesAreNotRemembered(t *testing.T) {
	var v Values
	long := strings.Repeat("x", Max+1)
	for _, s := range []string{"", long} {
		v.Add(s)
		if v.Has(s) {
			t.Errorf("a value of %d bytes is remembered", len(s))
		}
	}
	if (*Values)(nil).Has("") || (*Values)(nil).Has("x") {
		t.Error("no memory remembers a value")
	}
}

func TestRememberedValuesAreCopies(t *testing.T) {
	var v Values
	b := []byte("cups1")
	v.Add(string(b))
	b[0] = 'd'
	if !v.Has("cups1") || v.Has(string(b)) {
		t.Error("the memory changed with the text")
	}
}
