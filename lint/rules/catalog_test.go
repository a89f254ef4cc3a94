package rules_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// Every attribute that the Global Catalog lacks is one finding on its ports, and none on those of a domain (MS-ADA1 to MS-ADA3,
// isMemberOfPartialAttributeSet). The list is written down a second time here: a row that is lost is noticed.
func TestEveryAttributeOutsideTheGlobalCatalogIsFound(t *testing.T) {
	outside := strings.Fields("mobile otherTelephone title company co postalCode streetAddress thumbnailPhoto department " +
		"physicalDeliveryOfficeName facsimileTelephoneNumber pager otherMobile otherHomePhone proxyAddresses jpegPhoto employeeID " +
		"employeeNumber initials info wWWHomePage uid memberOf MOBILE")
	inside := strings.Fields("cn sAMAccountName mail sn givenName displayName telephoneNumber userPrincipalName msRTCSIP-PrimaryUserAddress")
	t.Chdir(t.TempDir())
	want := map[string]bool{}
	for _, port := range []int{3268, 3269, 389, 636} {
		for _, a := range append(outside, inside...) {
			name := filepath.Join(fmt.Sprint(port, "-", a), "in.properties")
			want[filepath.ToSlash(name)] = port > 1000 && strings.Contains(" "+strings.Join(outside, " ")+" ", " "+a+" ")
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name,
				fmt.Appendf(nil, "Directory.Primary.Address = dc1\nDirectory.Primary.Port = %d\nJabber.Directory.BusinessPhone = %s\n", port, a),
				0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	sources, errs := export.Find([]string{"."})
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Errors: errs, Rules: rules.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	found := map[string]bool{}
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if f.Rule == "LDAP009" {
			found[filepath.ToSlash(f.File)] = true
		}
	}
	for name, w := range want {
		if found[name] != w {
			t.Errorf("%s: found %v, want %v", name, found[name], w)
		}
	}
}
