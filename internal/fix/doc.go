// Package fix applies the edits of findings. It gets the bytes of an export and a judge that lints them. It returns the fixed bytes, the
// findings that were fixed and those that were not. It can also replace a file as a whole, or write a patch for git.
//
// Every byte outside of an edit stays: encoding, byte order mark, line ends, order. The fixed text is read again, and an edit is
// applied only if the intended values have changed and no other key or value has. Fixes are applied until none is left, so a second
// run changes nothing.
//
// The package never writes outside of the folder it was given, never through a symbolic link that leads out of it, never into an
// archive, and never puts a secret into a patch.
package fix
