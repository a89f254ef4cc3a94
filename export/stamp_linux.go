package export

import "golang.org/x/sys/unix"

// stampBefore returns the stamp of an open file, or none.
func stampBefore(_ string, f file) Stamp {
	var st unix.Stat_t
	if err := unix.Fstat(int(f), &st); err != nil {
		return Stamp{}
	}
	return stampOf(&st)
}

// StampOf returns the stamp of a file, of what a symbolic link leads to.
func StampOf(name string) (Stamp, error) {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return Stamp{}, err
	}
	return stampOf(&st), nil
}

func stampOf(st *unix.Stat_t) Stamp {
	return Stamp{Size: st.Size, Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano(), Device: uint64(st.Dev), Number: st.Ino}
}
