// Package platform answers what differs between operating systems: what an error of the network means, who may read a file, where the
// system keeps its own files, and what a console can show. Errors, handles and the environment go in; answers come out. It never decides
// what follows from them.
//
// The files of Windows are built for Windows only. What can be computed on every system is in files that are built everywhere, and tested
// there.
package platform
