package tftp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cupclint/internal/probe"
)

// Opcodes of RFC 1350 and RFC 2347.
const (
	opRead  = 1
	opData  = 3
	opAck   = 4
	opError = 5
	opOACK  = 6
)

// Error codes of RFC 1350 and RFC 2347.
const (
	codeNotFound = 1
	codeTooMuch  = 3 // disk full: the transfer is broken off
	codeTID      = 5
	codeOptions  = 8
)

const (
	defaultBlock = 512  // RFC 1350
	wantedBlock  = 1428 // fits a frame of Ethernet (RFC 2348)
)

// A packet is what a server sent.
type packet struct {
	op      uint16
	block   uint16            // data
	data    []byte            // data; a part of the buffer that was parsed
	code    int               // error
	message string            // error
	options map[string]string // option acknowledgement, names in lower case
}

var errShort = errors.New("a packet that is too short")

// parse reads one packet.
func parse(b []byte) (p packet, err error) {
	if len(b) < 4 {
		return p, errShort
	}
	p.op = binary.BigEndian.Uint16(b)
	switch rest := b[2:]; p.op {
	case opData:
		p.block, p.data = binary.BigEndian.Uint16(rest), rest[2:]
	case opError:
		p.code = int(binary.BigEndian.Uint16(rest))
		text, _, _ := bytes.Cut(rest[2:], []byte{0})
		p.message = probe.Clean(string(text))
	case opOACK:
		fields := strings.Split(strings.TrimSuffix(string(rest), "\x00"), "\x00")
		if len(fields)%2 != 0 || len(fields) > 16 {
			return p, errors.New("an option acknowledgement that does not consist of pairs of names and values")
		}
		p.options = make(map[string]string)
		for i := 0; i < len(fields); i += 2 {
			p.options[strings.ToLower(fields[i])] = fields[i+1]
		}
	default:
		return p, fmt.Errorf("a packet of kind %d", p.op)
	}
	return p, nil
}

// blockSize is what the server agreed to; 512 where it did not mention it.
func (p *packet) blockSize() (int, error) {
	text, ok := p.options["blksize"]
	if !ok {
		return defaultBlock, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 8 || n > wantedBlock {
		return 0, fmt.Errorf("a block size of %s, although at most %d was requested", probe.Clean(text), wantedBlock)
	}
	return n, nil
}

// size is the size of the file that the server announced, -1 for none.
func (p *packet) size() int64 {
	n, err := strconv.ParseInt(p.options["tsize"], 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// readRequest asks for a file in mode octet.
func readRequest(name string, options bool) []byte {
	b := binary.BigEndian.AppendUint16(nil, opRead)
	b = append(b, name+"\x00octet\x00"...)
	if options {
		b = append(b, "blksize\x00"+strconv.Itoa(wantedBlock)+"\x00tsize\x000\x00"...)
	}
	return b
}

func acknowledge(block uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, opAck), block)
}

func refuse(code uint16, text string) []byte {
	return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, opError), code), text+"\x00"...)
}
