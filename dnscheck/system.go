package dnscheck

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ReadSystemResolvers reads which resolvers this computer asks: from the file, which has the form of resolv.conf(5). On Windows it asks
// the system if no file is named. Nil says that there is no file and no answer from the system.
func ReadSystemResolvers(file string) (*ResolvConf, error) {
	if file != "" {
		return readOptional(file, ReadResolvConf)
	}
	d, err := ReadSystemDNS()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return d.Resolvers(), nil
}

// ReadSystemHosts reads this machine's hosts file. Nil says that it is not there.
func ReadSystemHosts(file string) (*HostsFile, error) {
	return readOptional(file, func(r io.Reader) (*HostsFile, error) { return ReadHosts(file, r) })
}

// readOptional reads a file of the system, which need not be there.
func readOptional[T any](path string, read func(io.Reader) (*T, error)) (*T, error) {
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer file.Close()
	v, err := read(file)
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}
