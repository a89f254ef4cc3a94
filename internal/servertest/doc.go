// Package servertest runs real servers on loopback for the tests of the live checks: nsd and unbound, Samba as an
// Active Directory domain controller, OpenLDAP, 389 Directory Server, Dovecot, Apache, Kamailio, chrony, OpenSSH and tftpd-hpa.
//
// In comes a test and what its server must know (zones, certificates, accounts); out goes a server that has already
// answered a real question of its own protocol. Each server gets a loopback address that no other test holds, runs in
// the foreground as a child of the test, and is gone when the test has ended. Its log is shown when the test fails.
//
// A test whose server is not installed is skipped by name, and fails where the environment says CI=true. With -short
// no server is started. scripts/install-servers.sh installs all of them on Debian.
//
// The package never listens outside 127.0.0.0/8, never touches a configuration or data directory of the system, and
// is never imported by anything but tests.
package servertest
