package platform

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// KeepPrivate takes other people's access to an open file of this user away: the bits of Unix mean nothing to Windows, which keeps a list.
// The user, the system and the administrators keep theirs.
func KeepPrivate(f *os.File) error { return keepPrivate(f.Name(), "") }

// PrivateFolder makes a folder that only this user, the system and the administrators can look into. What is made in it gets the same list.
// One that exists loses the access of others.
func PrivateFolder(name string) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return err
	}
	return keepPrivate(name, "OICI")
}

// keepPrivate writes a list of its own where others have access. inherit are the flags of its entries, in the language of SDDL.
func keepPrivate(name, inherit string) error {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("%s: find out who may read it: %w", name, err)
	}
	shared, err := sharedWith(name, user.User.Sid)
	if err != nil {
		return fmt.Errorf("%s: find out who may read it: %w", name, err)
	}
	if !shared {
		return nil
	}
	text := "D:P"
	for _, who := range [...]string{"SY", "BA", user.User.Sid.String()} {
		text += "(A;" + inherit + ";FA;;;" + who + ")"
	}
	list, err := windows.SecurityDescriptorFromString(text)
	if err == nil {
		var acl *windows.ACL
		if acl, _, err = list.DACL(); err == nil {
			err = windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT,
				windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("%s can be read by others: %w", name, err)
	}
	return nil
}

// uses are the rights that let someone read or change a file, list or fill a folder, or take these rights.
const uses = windows.FILE_READ_DATA | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC |
	windows.WRITE_OWNER | windows.GENERIC_READ | windows.GENERIC_WRITE | windows.GENERIC_ALL

// sharedWith reports whether the list of a file or folder gives access to others than the user, the system and the administrators. A file
// system without lists, such as FAT, shares everything.
func sharedWith(name string, user *windows.SID) (bool, error) {
	sd, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return false, err
	}
	acl, _, err := sd.DACL()
	switch {
	case errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND), err == nil && acl == nil:
		return true, nil
	case err != nil:
		return false, err
	}
	mine := []*windows.SID{user}
	for _, kind := range [...]windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid,
		windows.WinCreatorOwnerSid, windows.WinCreatorOwnerRightsSid} {
		if sid, err := windows.CreateWellKnownSid(kind); err == nil {
			mine = append(mine, sid)
		}
	}
	for i := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(acl, i, &ace); err != nil {
			return false, err
		}
		if ace.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && ace.Mask&uses != 0 && !oneOf((*windows.SID)(unsafe.Pointer(&ace.SidStart)),
			mine) {
			return true, nil
		}
	}
	return false, nil
}

func oneOf(sid *windows.SID, list []*windows.SID) bool {
	for _, s := range list {
		if sid.Equals(s) {
			return true
		}
	}
	return false
}
