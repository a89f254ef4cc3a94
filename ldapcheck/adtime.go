package ldapcheck

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Never is the value for a time span or moment that AD calls "never".
const adNever = math.MaxInt64

// filetimeEpoch is 1601-01-01, in seconds before the Unix epoch.
const filetimeEpoch = 11644473600

// ParseFiletime reads a Windows FILETIME (100 ns since 1601) in decimal. ok is false for 0 and for "never": AD uses
// both; see MS-ADA1.
func ParseFiletime(s string) (t time.Time, ok bool, err error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, false, fmt.Errorf("%q is not a FILETIME", s)
	}
	if n == 0 || n == adNever {
		return time.Time{}, false, nil
	}
	return time.Unix(n/1e7-filetimeEpoch, n%1e7*100).UTC(), true, nil
}

// ParseInterval reads an AD time span: a negative number of 100 ns. The smallest number means "for ever", which forever
// reports; spans beyond 292 years are "for ever" too.
func ParseInterval(s string) (d time.Duration, forever bool, err error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("%q is not a time span", s)
	}
	if n == math.MinInt64 || n == adNever {
		return 0, true, nil
	}
	if n < 0 {
		n = -n
	}
	if n > math.MaxInt64/100 {
		return 0, true, nil
	}
	return time.Duration(n) * 100, false, nil
}

// ParseGeneralizedTime reads RFC 4517, section 3.3.13: YYYYMMDDHH[MM[SS]][.fraction](Z|+hhmm|-hhmm). OpenLDAP's
// 000001010000Z, "locked for good", gives forever.
func ParseGeneralizedTime(s string) (t time.Time, forever bool, err error) {
	bad := fmt.Errorf("%q is not a generalized time", s)
	if s == "000001010000Z" {
		return time.Time{}, true, nil
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits != 10 && digits != 12 && digits != 14 {
		return time.Time{}, false, bad
	}
	stamp := s[:digits] + "0000"[:14-digits]
	rest := s[digits:]
	unit := map[int]time.Duration{10: time.Hour, 12: time.Minute, 14: time.Second}[digits]
	var frac time.Duration
	if strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, ",") {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		f, err := strconv.ParseFloat("0."+rest[1:n], 64)
		if n == 1 || err != nil {
			return time.Time{}, false, bad
		}
		frac, rest = time.Duration(f*float64(unit)), rest[n:]
	}
	zone := time.UTC
	if rest != "Z" {
		off, ok := offset(rest)
		if !ok {
			return time.Time{}, false, bad
		}
		zone = time.FixedZone("", off)
	}
	t, err = time.ParseInLocation("20060102150405", stamp, zone)
	if err != nil {
		return time.Time{}, false, bad
	}
	return t.Add(frac).UTC(), false, nil
}

func offset(s string) (seconds int, ok bool) {
	if (len(s) != 3 && len(s) != 5) || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:], 10, 16)
	if err != nil {
		return 0, false
	}
	h, m := int(n), 0
	if len(s) == 5 {
		h, m = int(n)/100, int(n)%100
	}
	if h > 23 || m > 59 {
		return 0, false
	}
	seconds = h*3600 + m*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
