package wire

import (
	"net"

	"golang.org/x/net/ipv4"
)

const (
	// maxWrite is how many queries one call takes: with fewer than MaxOutstanding a Server seldom has more.
	maxWrite = 64
	// maxRead is how many answers one call takes. There are seldom more, since the reader is fast, and each needs a buffer.
	maxRead = 16
	// bufferSize is more than any server should send: it is asked for udpSize bytes at most.
	bufferSize = 4096
)

// mmsgConn uses sendmmsg and recvmmsg.
type mmsgConn struct {
	*ipv4.PacketConn // of IPv6 as well: the calls are the same
	out, in          []ipv4.Message
	received         [][]byte
}

func newBatchConn(conn *net.UDPConn) batchConn {
	c := &mmsgConn{PacketConn: ipv4.NewPacketConn(conn), out: make([]ipv4.Message, maxWrite), in: make([]ipv4.Message, maxRead)}
	for i := range c.out {
		c.out[i].Buffers = make([][]byte, 1)
	}
	space := make([]byte, maxRead*bufferSize)
	for i := range c.in {
		c.in[i].Buffers = [][]byte{space[i*bufferSize : (i+1)*bufferSize]}
	}
	return c
}

func (c *mmsgConn) send(datagrams [][]byte) (int, error) {
	n := min(len(datagrams), maxWrite)
	for i, d := range datagrams[:n] {
		c.out[i].Buffers[0] = d
	}
	n, err := c.WriteBatch(c.out[:n], 0)
	return max(n, 0), err // with an error n may be -1, as the system returns it
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
