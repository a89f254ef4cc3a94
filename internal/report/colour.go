package report

// Colours of a terminal (ECMA-48). They are from the sixteen colours that a user can set, and readable on a light and on a dark background:
// no yellow, cyan or white, which cannot be seen on white, and blue and magenta only in bold, which is lighter on black. Green is not bold,
// because many terminals make bold green too light for white.
const (
	Bold    = "1"
	Red     = "1;31"
	Magenta = "1;35" // warnings, and what needs care
	Blue    = "1;34"
	Green   = "32"
	Faint   = "2"
)

// Paint gives a text a colour, if on is set.
func Paint(on bool, color, s string) string {
	if !on || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}
