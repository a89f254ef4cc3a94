package rules

import (
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// A server is one host that the export names, in one role, with its port and transport as far as the export has them.
type server struct {
	address, port, protocol *export.Property // nil when the export does not have them
	implied                 int              // the port when none is given
}

// A family names the keys of a service: the primary first, then its backups.
type family struct {
	implied int
	roles   [3][3]export.KeyID // address, port, protocol
}

var (
	directoryFamily = family{389, [3][3]export.KeyID{
		{export.DirectoryPrimaryAddress, export.DirectoryPrimaryPort, export.DirectoryPrimaryProtocol},
		{export.DirectoryBackup1Address, export.DirectoryBackup1Port, export.DirectoryBackup1Protocol},
		{export.DirectoryBackup2Address, export.DirectoryBackup2Port, export.DirectoryBackup2Protocol},
	}}
	mailStoreFamily = family{143, [3][3]export.KeyID{
		{export.MailStorePrimaryAddress, export.MailStorePrimaryPort, export.MailStorePrimaryProtocol},
		{export.MailStoreBackup1Address, export.MailStoreBackup1Port, export.MailStoreBackup1Protocol},
		{export.MailStoreBackup2Address, export.MailStoreBackup2Port, export.MailStoreBackup2Protocol},
	}}
	ctiFamily = family{2748, [3][3]export.KeyID{
		{export.CallControlPrimaryAddress, export.CallControlPrimaryPort, export.CallControlPrimaryProtocol},
		{export.CallControlBackup1Address, export.CallControlBackup1Port, export.CallControlBackup1Protocol},
		{export.CallControlBackup2Address, export.CallControlBackup2Port, export.CallControlBackup2Protocol},
	}}
)

// servers yields the servers of a family that have an address.
func (f *family) servers(in *lint.Input) func(yield func(int, server) bool) {
	return func(yield func(int, server) bool) {
		for i, keys := range f.roles {
			address := in.Get(keys[0])
			if known(address) && !yield(i, server{address, in.Get(keys[1]), in.Get(keys[2]), f.implied}) {
				return
			}
		}
	}
}

func directoryServers(in *lint.Input) func(yield func(int, server) bool) {
	return directoryFamily.servers(in)
}

func mailStores(in *lint.Input) func(yield func(int, server) bool) {
	return mailStoreFamily.servers(in)
}

// number returns the port, the implied one when none is given, 0 for one that is not a number.
func (s server) number() int {
	if !known(s.port) {
		return s.implied
	}
	n, err := strconv.Atoi(s.port.Value)
	if err != nil {
		return 0
	}
	return n
}

func (s server) speaks(protocol string) bool {
	return s.protocol != nil && strings.EqualFold(s.protocol.Value, protocol)
}

// secure reports whether the transport is TLS of either kind.
func (s server) secure() bool { return s.speaks("SSL") || s.speaks("TLS") }

// portPlace is where a finding about the port points to: the port, or the address if there is no port.
func (s server) portPlace() *export.Property {
	if known(s.port) {
		return s.port
	}
	return s.address
}
