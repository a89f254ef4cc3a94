package safefile

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// posixACL is the attribute with the access control list of a file.
const posixACL = "system.posix_acl_access"

// attributes are the extended attributes of a file, its access control list among them.
type attributes map[string][]byte

// attributesOf reads them. A file system without them has none.
func attributesOf(f *os.File) attributes {
	size, err := unix.Flistxattr(int(f.Fd()), nil)
	if err != nil || size == 0 {
		return nil
	}
	names := make([]byte, size)
	if size, err = unix.Flistxattr(int(f.Fd()), names); err != nil {
		return nil
	}
	kept := attributes{}
	for name := range strings.SplitSeq(strings.TrimRight(string(names[:size]), "\x00"), "\x00") {
		size, err := unix.Fgetxattr(int(f.Fd()), name, nil)
		if err != nil {
			continue
		}
		value := make([]byte, size)
		if size, err = unix.Fgetxattr(int(f.Fd()), name, value); err == nil {
			kept[name] = value[:size]
		}
	}
	return kept
}

// give sets them. Without its access control list a file could no longer be read by those whom the list names, so that is an error; all
// others are kept where it is allowed.
func (a attributes) give(f *os.File) error {
	for name, value := range a {
		if err := unix.Fsetxattr(int(f.Fd()), name, value, 0); err != nil && name == posixACL {
			return &os.PathError{Op: "keep the access control list in", Path: f.Name(), Err: err}
		}
	}
	return nil
}
