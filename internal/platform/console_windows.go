package platform

import (
	"os"

	"golang.org/x/sys/windows"
)

// Sequences has a console interpret sequences of colour and movement, and reports whether it does: those before Windows 10 do not.
// Letters need no code page: Go writes UTF-16 to a console.
func Sequences(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 ||
		windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
