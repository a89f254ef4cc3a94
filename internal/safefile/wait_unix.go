//go:build unix

package safefile

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// NonBlock keeps the opening of a named pipe from waiting for its writer, where nothing could end it.
const NonBlock = syscall.O_NONBLOCK

// awaitWriter waits until there is data in a pipe or its writer has gone: before the first writer comes, a read says that the pipe has
// ended. It ends with the file's deadline.
func awaitWriter(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return conn.Read(func(fd uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
}
