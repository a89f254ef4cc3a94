package wire

import "net"

// A batchConn is a connected UDP socket that sends and receives several datagrams with one call where the system can: a call costs more
// than what this package does with an answer. One goroutine sends, and one receives.
type batchConn interface {
	// send writes datagrams in their order and returns how many of them were written. It waits while the socket is full. Without an error
	// some may be left. An error is that of the first one that was not written.
	send(datagrams [][]byte) (int, error)
	// receive waits for a datagram and returns the datagrams that have come, as many as one call takes. They are valid until the next call.
	receive() ([][]byte, error)
	Close() error
}

// plainConn takes one datagram at a time, on systems without a call for several.
type plainConn struct {
	net.Conn
	buf []byte
	one [1][]byte
}

func newPlainConn(conn net.Conn) batchConn { return &plainConn{Conn: conn, buf: make([]byte, 64<<10)} }

func (c *plainConn) send(datagrams [][]byte) (int, error) {
	if _, err := c.Write(datagrams[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

func (c *plainConn) receive() ([][]byte, error) {
	n, err := c.Read(c.buf)
	c.one[0] = c.buf[:n]
	return c.one[:], err
}
