package ldapcheck_test

import (
	"context"
	"fmt"
	"net"

	"cupclint/ldapcheck"
)

// A port without a listener is distinguished from a silent one and from a name that does not exist.
func ExampleChecker() {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()

	var checker ldapcheck.Checker // no budget: it never logs in
	seen := checker.Probe(context.Background(), ldapcheck.Request{
		Target: ldapcheck.Target{Host: "127.0.0.1", Port: port}, Role: ldapcheck.RoleManual, Anonymous: true,
	})
	for _, f := range ldapcheck.Judge([]*ldapcheck.Observation{seen}, ldapcheck.JudgeOptions{}) {
		fmt.Println(f.Severity, f.Rule, f.Name, seen.Error.Class)
	}
	// Output: error LDAP101 ldap-unreachable refused
}
