// Package tftp downloads the configuration of Jabber from the call manager's TFTP servers as the client does: over HTTP on port 6970, else
// over HTTPS on 6972, else by TFTP on UDP port 69. The input is servers and names of files, from exports or the user. The output is what
// was downloaded, and findings: files that are missing, damaged, different from server to server or from the file of the repository;
// findings of the static rules about the downloaded files; and secrets that the server gives to everyone.
//
// Files are only read, never written. Secrets are removed before anything is kept. The package never logs in.
package tftp
