package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"cupclint/internal/lab/cluster"
)

// Numbers of RFC 1350 and RFC 2347 to 2349.
const (
	tftpRead, tftpWrite, tftpData, tftpAck, tftpError, tftpOptions = 1, 2, 3, 4, 5, 6

	tftpNoFile, tftpDenied, tftpIllegal = 1, 2, 4

	tftpBlock     = 512
	tftpMostBlock = 1428
	tftpTries     = 4
	tftpWait      = time.Second // for an acknowledgement
	tftpLost      = 20 * time.Millisecond
)

// startTFTP serves files over TFTP, for reading only.
func (l *Lab) startTFTP(ctx context.Context, s service, file func(name string) (string, bool)) error {
	config := new(net.ListenConfig)
	host, ports := s.host.address(true), s.ports()
	if !l.options.Loopback {
		host, ports = netip.AddrFrom4([4]byte{127, 0, 0, 1}), []uint16{0}
	}
	var c net.PacketConn
	var err error
	for _, port := range ports {
		if c, err = config.ListenPacket(ctx, "udp4", netip.AddrPortFrom(host, port).String()); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("listen for %s over UDP: %w", s, err)
	}
	at := c.LocalAddr().(*net.UDPAddr).AddrPort()
	l.services[s] = at
	l.order = append(l.order, ordered{"files over TFTP (UDP)", s})
	l.closers = append(l.closers, c.Close)
	l.work.Go(func() {
		buffer := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(buffer)
			if err != nil {
				return
			}
			request := string(buffer[:n])
			l.work.Go(func() { l.transfer(ctx, at.Addr(), from, request, file) })
		}
	})
	return nil
}

// transfer answers one request from a port of its own.
func (l *Lab) transfer(ctx context.Context, at netip.Addr, to net.Addr, request string, file func(name string) (string, bool)) {
	// A connected socket: what comes from elsewhere does not reach it.
	c, err := (&net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0))}).DialContext(ctx, "udp4", to.String())
	if err != nil || !l.keep(c) {
		return
	}
	defer l.drop(c)
	refuse := func(code uint16, text string) {
		_, _ = c.Write(append(tftpHead(tftpError, code), text+"\x00"...)) // a client that has gone misses nothing
	}
	if len(request) < 4 {
		refuse(tftpIllegal, "Illegal TFTP operation")
		return
	}
	fields := strings.Split(strings.TrimSuffix(request[2:], "\x00"), "\x00")
	switch {
	case request[1] == tftpWrite:
		refuse(tftpDenied, "Access violation")
		return
	case request[1] != tftpRead || len(fields) < 2 || !strings.EqualFold(fields[1], "octet"):
		refuse(tftpIllegal, "Illegal TFTP operation")
		return
	}
	text, ok := file(fields[0])
	if !ok {
		refuse(tftpNoFile, "File not found")
		return
	}
	size, agreed := tftpBlock, ""
	for i := 2; i+1 < len(fields) && !l.has(cluster.TFTPPlain); i += 2 {
		n, err := strconv.Atoi(fields[i+1])
		switch name := strings.ToLower(fields[i]); {
		case err != nil:
		case name == "blksize" && n >= 8:
			size = min(n, tftpMostBlock)
			agreed += fields[i] + "\x00" + strconv.Itoa(size) + "\x00"
		case name == "tsize":
			agreed += fields[i] + "\x00" + strconv.Itoa(len(text)) + "\x00"
		}
	}
	lose := l.has(cluster.TFTPLoses)
	if agreed != "" && !tftpSend(c, append([]byte{0, tftpOptions}, agreed...), 0, lose) {
		return
	}
	for block := 1; ; block++ {
		part := text[:min(size, len(text))]
		text = text[len(part):]
		if !tftpSend(c, append(tftpHead(tftpData, uint16(block)), part...), uint16(block), lose && block%3 == 0) || len(part) < size {
			return
		}
	}
}

func tftpHead(op, number uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, op), number)
}

// tftpSend sends a packet until it is acknowledged; false where that does not come. One that is lost is first sent the second time.
func tftpSend(c net.Conn, packet []byte, block uint16, lost bool) bool {
	answer := make([]byte, 512)
	for range tftpTries {
		wait := tftpWait
		if lost {
			lost, wait = false, tftpLost
		} else if _, err := c.Write(packet); err != nil {
			return false
		}
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return false
		}
		for {
			n, err := c.Read(answer)
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
			case err != nil || n < 4 || answer[1] == tftpError:
				return false
			case answer[1] == tftpAck && binary.BigEndian.Uint16(answer[2:]) == block:
				return true
			default:
				continue // of a packet that was sent twice
			}
			break
		}
	}
	return false
}
