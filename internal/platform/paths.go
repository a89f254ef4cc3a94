package platform

import (
	"path/filepath"
	"runtime"
)

// ResolvConf is the file that names this machine's resolvers. On Windows it is empty: no file does.
func ResolvConf() string { return resolvConf(runtime.GOOS) }

func resolvConf(goos string) string {
	if goos == "windows" {
		return ""
	}
	return "/etc/resolv.conf"
}

// HostsFile is the hosts file of this machine.
func HostsFile(getenv func(string) string) string { return hostsFile(runtime.GOOS, getenv) }

func hostsFile(goos string, getenv func(string) string) string {
	if goos != "windows" {
		return "/etc/hosts"
	}
	root := getenv("SystemRoot")
	if root == "" {
		root = `C:\Windows`
	}
	return root + `\System32\drivers\etc\hosts`
}

// Home is the folder of the user, or "": HOME, which shells of Unix set on Windows as well, else USERPROFILE.
func Home(getenv func(string) string) string {
	for _, name := range [...]string{"HOME", "USERPROFILE"} {
		if dir := getenv(name); filepath.IsAbs(dir) {
			return dir
		}
	}
	return ""
}
