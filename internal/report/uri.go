package report

import (
	"net/url"
	"path/filepath"
	"strings"
)

// fileURI writes a path as a URI reference (RFC 3986; RFC 8089 for files). A path with a drive letter is absolute on every system: a case
// that was saved on Windows may be judged elsewhere. goos is the system whose paths have the form //server/share.
func fileURI(file, goos string) string {
	for _, scheme := range [...]string{"http://", "https://", "tftp://"} { // a file that a probe downloaded is named by its address
		if strings.HasPrefix(file, scheme) {
			return file
		}
	}
	file = filepath.ToSlash(file)
	windows := goos == "windows"
	if long, ok := strings.CutPrefix(file, "//?/"); ok && windows { // the form of Windows for long paths
		file = long
		if share, ok := strings.CutPrefix(long, "UNC/"); ok {
			file = "//" + share
		}
	}
	u := url.URL{Path: file}
	switch {
	case hasDrive(file):
		u.Scheme, u.Path = "file", "/"+file
	case windows && strings.HasPrefix(file, "//"):
		u.Scheme = "file"
		var path string
		u.Host, path, _ = strings.Cut(file[2:], "/")
		u.Path = "/" + path
	case filepath.IsAbs(file):
		u.Scheme = "file"
	}
	return u.String()
}

// hasDrive reports whether the path begins with a drive letter and is absolute: C:/.
func hasDrive(file string) bool {
	return len(file) > 2 && (file[0]|0x20) >= 'a' && (file[0]|0x20) <= 'z' && file[1] == ':' && file[2] == '/'
}
