//go:build !unix

package safefile

import "os"

// NonBlock is nothing where opening a file does not wait.
const NonBlock = 0

func awaitWriter(*os.File) error { return nil }
