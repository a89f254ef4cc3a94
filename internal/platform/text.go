package platform

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Text is the text of a small file as UTF-8 without a byte order mark. PowerShell writes UTF-16 for > and a mark for -Encoding utf8, and
// Notepad offers both; a mark that was treated as a part of a password would count as a failed log-in. Without a mark the bytes stay as
// they are.
func Text(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return data
	}
	var units []uint16
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}
