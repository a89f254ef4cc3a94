package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// fingerprintBytes is the length of HASH.
const fingerprintBytes = 32

// A fingerprint names a finding across runs, so that a baseline knows it again. It has two parts, HASH:N.
//
// HASH is the first 16 bytes, in lower-case hexadecimal, of the SHA-256 of three strings, each preceded by its
// length in decimal and a colon: the rule's ID; the key in canonical spelling, or nothing; and what the finding is
// about: the wrong value as the format decodes it, the subject of a live finding, or nothing where the value is
// a secret or missing. Neither file name nor line nor message enters, so moved lines, renamed files, another export
// format and a reworded message leave it alone. Secrets never enter, not even hashed.
//
// N distinguishes equal findings: it counts them from 1 in the order of the output. When one of several equal findings
// goes away, the others are numbered again, so a baseline knows how many there are, not which.
func fingerprint(rule, key, about string) string {
	buf := make([]byte, 0, 256)
	for _, s := range [...]string{rule, key, about} {
		buf = strconv.AppendInt(buf, int64(len(s)), 10)
		buf = append(buf, ':')
		buf = append(buf, s...)
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:fingerprintBytes/2])
}
