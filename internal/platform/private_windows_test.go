package platform

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// shared asks Windows itself. t.TempDir is not used: Wine, in which this runs too, cannot remove a tree.
func shared(t *testing.T, name string) bool {
	t.Helper()
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	is, err := sharedWith(name, user.User.Sid)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

// rights is the list in the language of SDDL.
func rights(t *testing.T, name string) string {
	t.Helper()
	sd, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	return sd.String()
}

// share gives everybody all rights.
func share(t *testing.T, name string) {
	t.Helper()
	sd, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	acl, _, err := sd.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil); err != nil {
		t.Skip("this file system has no lists of access: ", err)
	}
}

func TestOthersLoseTheirAccess(t *testing.T) {
	dir, err := os.MkdirTemp("", "private")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "logins.json")
	if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = os.Remove(name)
		_ = os.Remove(dir)
	}()
	share(t, dir)
	share(t, name)
	if !shared(t, dir) || !shared(t, name) {
		t.Fatal("what everybody may read is not known as shared")
	}
	if err := PrivateFolder(dir); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := KeepPrivate(f); err != nil {
		t.Fatal(err)
	}
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("Wine adds the entries of the folder above to a list that is protected from that")
	}
	if shared(t, dir) || shared(t, name) {
		t.Errorf("others have access still: folder %t, file %t: %s", shared(t, dir), shared(t, name), rights(t, name))
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != "{}" {
		t.Errorf("the user cannot read it: %q, %v", data, err)
	}
}
