package resolve_test

import (
	"fmt"

	"cupclint/resolve"
)

func ExamplePresence() {
	a := resolve.Presence("cups.cisco.com", "CISCO.COM")
	fmt.Println(a.Value, a.Step, a.Verdict(), a.Rules())
	fmt.Println(a.Reason())
	// Output:
	// cups.cisco.com.CISCO.COM domain-appended wrong [PRES002]
	// The node name "cups.cisco.com" ends with the domain "CISCO.COM" only if case is ignored; the client does not ignore it and appends the domain again.
}
