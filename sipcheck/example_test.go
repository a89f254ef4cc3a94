package sipcheck_test

import (
	"context"
	"fmt"
	"net"

	"cupclint/sipcheck"
)

// A CTIManager's port must accept connections and keep them open.
func ExampleChecker() {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()

	var checker sipcheck.Checker
	seen := checker.ProbeCTI(context.Background(), sipcheck.CTIRequest{Target: sipcheck.Target{Host: "127.0.0.1", Port: port}})
	for _, f := range sipcheck.Judge(nil, []*sipcheck.CTIObservation{seen}, sipcheck.JudgeOptions{}) {
		fmt.Println(f.Severity, f.Rule, f.Name, seen.Error.Class)
	}
	// Output: error CTI101 cti-unreachable refused
}
