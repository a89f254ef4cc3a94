// Package tftp downloads the configuration of Jabber from the call manager's TFTP servers as the client does: over HTTP on port 6970, else
// over HTTPS on 6972, else by TFTP on UDP port 69. Servers and names of files go in, as exports or the user name them; what was downloaded
// comes out, and findings: files that are missing, damaged, different from server to server or from the file of the repository, those of
// the static rules about what was downloaded, and secrets that the server gives to everybody.
//
// Files are only read, never written. Secrets are taken out before anything is kept. Nobody logs in.
package tftp
