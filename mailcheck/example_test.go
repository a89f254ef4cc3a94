package mailcheck_test

import (
	"context"
	"fmt"
	"net"

	"cupclint/mailcheck"
)

// A server that speaks something else on the mail store's port is found, and what it said is quoted.
func ExampleChecker() {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
			_ = c.Close()
		}
	}()

	var checker mailcheck.Checker // no budget: it never logs in
	seen := checker.ProbeIMAP(context.Background(), mailcheck.IMAPRequest{
		Target: mailcheck.Target{Host: "127.0.0.1", Port: server.Addr().(*net.TCPAddr).Port},
	})
	for _, f := range mailcheck.Judge([]*mailcheck.IMAPObservation{seen}, nil, mailcheck.JudgeOptions{}) {
		fmt.Println(f.Severity, f.Rule, f.Name)
	}
	// Output: error MAIL101 imap-unreachable
}
