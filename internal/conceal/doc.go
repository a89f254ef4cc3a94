// Package conceal writes exports, folders and saved cases with the pseudonyms of a site, so that they can be given away and rules still
// find in them what they find in the real ones.
//
// Everything is read twice: Words first learn the names of a site from all texts, then replace them. What is replaced and what stays is
// decided in internal/pseudonym; this package knows where names are: in properties by the type of their key, in certificates, in texts
// that are coded once more. It never writes a file, and nothing of a secret is learned: give it texts that export.Redact returned.
package conceal
