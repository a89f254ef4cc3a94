//go:build !linux

package wire

import "net"

func newBatchConn(conn *net.UDPConn) batchConn { return newPlainConn(conn) }
