package wire

import (
	"encoding/binary"
	"errors"
	"net"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

const (
	// maxWrite is how many queries one call takes: with fewer than MaxOutstanding a Server seldom has more.
	maxWrite = 64
	// maxRead is how many answers one call takes. There are seldom more, since the reader is fast, and each needs a buffer.
	maxRead = 16
	// bufferSize is more than any server should send: it is asked for udpSize bytes at most.
	bufferSize = 4096
)

// mmsgConn uses sendmmsg and recvmmsg. It gives the kernel queries of one length as one message, which the kernel cuts into datagrams
// after most of its own work is done (UDP_SEGMENT, "UDP GSO" of Linux 4.18).
type mmsgConn struct {
	*ipv4.PacketConn // of IPv6 as well: the calls are the same
	out, in          []ipv4.Message
	received         [][]byte
	cut              []byte // tells the kernel to cut a message; nil if it does not
}

func newBatchConn(conn *net.UDPConn) batchConn {
	c := &mmsgConn{PacketConn: ipv4.NewPacketConn(conn), out: make([]ipv4.Message, maxWrite), in: make([]ipv4.Message, maxRead),
		cut: newCut(conn)}
	space := make([]byte, maxRead*bufferSize)
	for i := range c.in {
		c.in[i].Buffers = [][]byte{space[i*bufferSize : (i+1)*bufferSize]}
	}
	return c
}

// newCut makes the control message that has the kernel cut a message. It is nil if the kernel does not know UDP_SEGMENT: it would send the
// message as it is.
func newCut(conn *net.UDPConn) []byte {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	unknown := errors.ErrUnsupported
	err = raw.Control(func(fd uintptr) { _, unknown = unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT) })
	if err != nil || unknown != nil {
		return nil
	}
	h := unix.Cmsghdr{Level: unix.IPPROTO_UDP, Type: unix.UDP_SEGMENT}
	h.SetLen(unix.CmsgLen(2)) // the length of a datagram
	cut := make([]byte, unix.CmsgSpace(2))
	_, err = binary.Encode(cut, binary.NativeEndian, h)
	if err != nil {
		return nil
	}
	return cut
}

func (c *mmsgConn) send(datagrams [][]byte) (int, error) {
	messages := 0
	for rest := datagrams[:min(len(datagrams), maxWrite)]; len(rest) > 0; messages++ {
		n := 1
		for c.cut != nil && n < len(rest) && len(rest[n]) == len(rest[0]) {
			n++
		}
		m := &c.out[messages]
		m.Buffers, m.OOB = append(m.Buffers[:0], rest[:n]...), m.OOB[:0]
		if n > 1 {
			m.OOB = append(m.OOB, c.cut...)
			binary.NativeEndian.PutUint16(m.OOB[unix.CmsgLen(0):], uint16(len(rest[0])))
		}
		rest = rest[n:]
	}
	sent, err := c.WriteBatch(c.out[:messages], 0)
	written := 0
	for i := range max(sent, 0) { // with an error it may be -1, as the system returns it
		written += len(c.out[i].Buffers)
	}
	if c.cut != nil && refusesCut(err) {
		c.cut = nil
		if written == 0 {
			return c.send(datagrams)
		}
		err = nil // the rest comes again
	}
	return written, err
}

// refusesCut reports whether the way to the server does not allow that a message is cut: some devices and tunnels do not (udp(7)).
func refusesCut(err error) bool {
	return errors.Is(err, unix.EIO) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EMSGSIZE) || errors.Is(err, unix.EOPNOTSUPP)
}

// receive marks an answer that did not fit as truncated, so that it is asked for over TCP.
func (c *mmsgConn) receive() ([][]byte, error) {
	n, err := c.ReadBatch(c.in, 0)
	c.received = c.received[:0]
	for i := range c.in[:max(n, 0)] {
		msg := c.in[i].Buffers[0][:c.in[i].N]
		if len(msg) == bufferSize {
			msg[2] |= truncatedBit
		}
		c.received = append(c.received, msg)
	}
	return c.received, err
}
