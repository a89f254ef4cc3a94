package lab

import (
	"context"
	"io"
	"net"
)

// The CTIManager, which in the broken deployment is not running.
var ctiCUCM = service{hostCUCM, 2748}

func (l *Lab) startCTI(ctx context.Context, _ *authority) error {
	if !l.options.Fixed {
		return l.closedPort(ctx, ctiCUCM)
	}
	return l.begin(ctx, "CTIManager", ctiCUCM, nil, hold)
}

// hold keeps the connection open until the other side closes it. CTI's own protocol is not spoken.
func hold(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
