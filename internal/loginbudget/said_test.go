package loginbudget_test

import (
	"testing"

	"cupclint/internal/loginbudget"
)

func TestSays(t *testing.T) {
	for text, want := range map[string]loginbudget.Said{
		"NO Wrong Password, please try again": loginbudget.SaidPassword, "Login incorrect": loginbudget.SaidName,
		"LOGIN failed": loginbudget.SaidFailed, "Too many failed attempts": loginbudget.SaidMany, "server is busy": "", "": "",
	} {
		for _, kind := range []loginbudget.Said{
			loginbudget.SaidPassword, loginbudget.SaidName, loginbudget.SaidFailed, loginbudget.SaidMany,
		} {
			if loginbudget.Says(text, kind) != (kind == want) {
				t.Errorf("%q, %s: got %t", text, kind, kind != want)
			}
		}
	}
	if !loginbudget.Says("bad user", loginbudget.SaidPassword, loginbudget.SaidName) {
		t.Error("one of several kinds is enough")
	}
}
