// Package fix applies the edits that findings carry. The bytes of an export and a judge that lints them go in; the mended bytes, what
// was mended and what was left alone come out, and on demand a file that is replaced as a whole or a patch that git takes.
//
// Every byte outside of an edit stays: encoding, byte order mark, line ends, order. An edit counts only when the mended text reads
// back as it was meant: the values that were to change have changed, and no other key or value has. Fixes are applied until none is
// left, so a second run changes nothing.
//
// The package never writes outside of the folder it was given, never through a symbolic link that leads out of it, never into an
// archive, and never puts a secret into a patch.
package fix
