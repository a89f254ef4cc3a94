package cli

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/internal/report"
	"cupclint/internal/testrace"
	"cupclint/lint"
)

// checkMerge lints a folder as a whole and in n shards, and demands that the merge gives the same bytes in every format, and the same exit
// code. The reports of the shards are given in the order of r, and their jobs differ.
func checkMerge(t *testing.T, r *rand.Rand, n int, formats, args []string) {
	t.Helper()
	out := t.TempDir()
	run := func(name string, args ...string) (int, string) {
		for _, f := range formats {
			args = append(args, "--format", f+"="+filepath.Join(out, name+"."+f))
		}
		code, _, stderr := here(t, append(args, "--quiet")...)
		if code == exitUsage {
			t.Fatal(stderr)
		}
		return code, stderr
	}
	show := []string{"--addresses", "--explain-deployments", "--fail-on", "warning"}
	code, stderr := run("whole", slices.Concat([]string{"lint"}, show, args)...)
	var shards []string
	for i := 1; i <= n; i++ {
		shard := filepath.Join(out, fmt.Sprintf("shard-%d.json", i))
		_, stdout, _ := here(t, append([]string{"lint", "--shard", fmt.Sprintf("%d/%d", i, n), "--fail-on", "warning", "--jobs",
			fmt.Sprint(1 + i%3), "-o", shard, "--quiet"}, args...)...)
		if stdout != "" {
			t.Errorf("shard %d/%d writes to standard output: %s", i, n, stdout)
		}
		shards = append(shards, shard)
	}
	r.Shuffle(n, func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	merged, stderr2 := run("merged", slices.Concat([]string{"merge"}, show, shards)...)
	if merged != code {
		t.Errorf("%d shards give the exit code %d, the whole run %d\n%s\n%s", n, merged, code, stderr2, stderr)
	}
	if stderr2 != stderr {
		t.Errorf("%d shards say\n%s\nthe whole run\n%s", n, stderr2, stderr)
	}
	for _, f := range formats {
		want, err := os.ReadFile(filepath.Join(out, "whole."+f))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, "merged."+f))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%d shards of %v give another report in %s than the whole run:\n%s", n, args, f, firstDifference(want, got))
		}
	}
}

// here runs a command in the working directory.
func here(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	env := &environment{loginCost: cheap, stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
		getenv: func(string) string { return "" }, workDir: dir}
	code = execute(t.Context(), env, args)
	return code, out.String(), errs.String()
}

func firstDifference(a, b []byte) string {
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range max(len(x), len(y)) {
		switch {
		case i >= len(x):
			return "more: " + y[i]
		case i >= len(y):
			return "missing: " + x[i]
		case x[i] != y[i]:
			return fmt.Sprintf("line %d\n%.1500s\n%.1500s", i+1, x[i], y[i])
		}
	}
	return "none"
}

// The fixtures have a finding of every static rule, and inputs that cannot be read.
func TestShardsOfTheFixtures(t *testing.T) {
	testrace.Slow(t, "lints hundreds of shards, one after the other")
	root, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	r := rand.New(rand.NewPCG(1, 2))
	inputs := []string{"rules", "broken", "deployments", "edits", "addresses", "right", "nosuch.xml"}
	if testing.Short() {
		checkMerge(t, r, 2, report.Formats(), inputs)
		return
	}
	for _, n := range []int{1, 2, 7, 400} {
		checkMerge(t, r, n, report.Formats(), inputs)
	}
	checkMerge(t, r, 3, report.Formats(), []string{"reality/server", "reality/core", "reality/appliance"})
}

// made is a generated deployment: sites with exports of clients and servers, all of which can be wrong in ways that show only across files.
func made(r *rand.Rand) map[string]string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	files := map[string]string{}
	for site := range 1 + r.IntN(5) {
		folder := fmt.Sprintf("in/site%d/", site)
		if r.IntN(4) == 0 {
			folder = "in/"
		}
		for client := range r.IntN(12) {
			var b strings.Builder
			line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
			if r.IntN(8) == 0 {
				line("# cupclint: ignore-file %s known since the move", pick("PRES016", "LDAP007", "PRES002", "HYG003", "DEP001"))
			}
			line("Presence.Primary.Address = %s", pick("cup1", "cup2", "cup1.acme.com", "10.1.1.1"))
			line("Presence.Domain = %s", pick("acme.com", "acme.com", "ACME.com", "other.org"))
			line("Directory.Primary.Address = %s", pick("dc1.acme.com", "dc2.acme.com"))
			line("Directory.Primary.Port = %s", pick("389", "3268", "x"))
			line("Directory.DN = %s", pick("svc@acme.com", "SVC@acme.com", "cn=svc,dc=acme,dc=com", fmt.Sprintf("u%d@acme.com", client)))
			if r.IntN(3) > 0 {
				line("Directory.Password = %s", pick("Kq8vT2mZ1x", "Kq8vT2mZ1x", "Rw5nB9cJ4y"))
			}
			line("User.ID = user%d", client)
			if r.IntN(3) == 0 {
				line("Calendar.Account = %s", pick("svc@acme.com", "calendar"))
			}
			if r.IntN(10) == 0 {
				line("this is not a setting")
			}
			files[fmt.Sprintf("%sclient%d.properties", folder, client)] = b.String()
		}
		if r.IntN(2) == 0 {
			files[folder+"servers.properties"] = fmt.Sprintf("Cluster.Node.1.Name = %s\nCluster.Node.1.Role = cups\nSIPProxy.Domain = %s\n"+
				"CUCM.LDAPAuthentication.Server.1.Address = %s\nCUCM.LDAPAuthentication.DN = %s\n",
				pick("cup1", "cup3"), pick("acme.com", "Acme.com"), pick("dc1.acme.com", "dc3.acme.com"), pick("svc@acme.com", "sync@acme.com"))
		}
		if r.IntN(5) == 0 {
			files[folder+"jabber-config.xml"] = "<config><Directory><PrimaryServerName>dc1</PrimaryServerName></Directory></config>\n"
		}
		if r.IntN(5) == 0 {
			files[folder+"cut.xml"] = "<r>"
		}
	}
	files["in/always.properties"] = good
	if r.IntN(2) == 0 {
		files[".cupclint.yaml"] = "suppress:\n" +
			"  - {rule: PRES016, key: Presence.Domain, reason: one}\n" +
			"  - {rule: LDAP007, path: 'in/site1/**', reason: two}\n" +
			"  - {rule: OCS001, path: 'in/nowhere/**', reason: three}\n" +
			"  - {rule: HYG003, path: 'in/site2/**', reason: four}\n" +
			pick("", "deployments:\n  one: ['in/site1/**', 'in/site2/**']\n  two: ['in/site2/**', 'in/*.properties']\n") +
			"own-rules:\n  - id: ACME-001\n    each: deployment\n    must: same(\"Directory.Primary.Port\")\n" +
			"    message: \"the exports of {site} differ: {list(\\\"Directory.Primary.Port\\\")}\"\n" +
			"  - id: ACME-002\n    each: export\n    must: list(\"Calendar.Account\")[0] != \"\"\n    message: m\n"
	}
	return files
}

// The same findings, counts, order and exit code, for generated deployments, any number of shards and any order of reports.
func TestShardsOfGeneratedDeployments(t *testing.T) {
	testrace.Slow(t, "lints hundreds of shards, one after the other")
	seeds := 40
	if testing.Short() {
		seeds = 8
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			dir := t.TempDir()
			writeFiles(t, dir, made(r))
			t.Chdir(dir)
			checkMerge(t, r, 1+r.IntN(9), []string{"json", "text"}, []string{"in"})
		})
	}
}

// What accepts findings counts them over all inputs, so it is for the merge.
func TestShardsWithABaseline(t *testing.T) {
	for seed := range 6 {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		dir := t.TempDir()
		files := made(r)
		writeFiles(t, dir, files)
		t.Chdir(dir)
		if code, _, stderr := here(t, "lint", "--write-baseline", "in"); code != exitClean && code != exitInput {
			t.Fatal(code, stderr)
		}
		for i, name := range slices.Sorted(maps.Keys(files)) { // some findings come again, some go
			if i%3 == 0 && strings.HasPrefix(name, "in/") {
				if err := os.Rename(name, strings.Replace(name, "in/", "in/moved-", 1)); err != nil && filepath.Dir(name) == "in" {
					t.Fatal(err)
				}
			}
		}
		writeFiles(t, dir, map[string]string{"in/new.properties": "Presence.Primary.Address = cup1.acme.com\nPresence.Domain = new.org\n"})
		checkMerge(t, r, 1+r.IntN(5), []string{"json", "text"}, []string{"in"})
	}
}

// Every fleet rule can be judged in shards.
func TestFleetRulesCarryTheirFacts(t *testing.T) {
	for _, rule := range catalogue.All() {
		if rule.Fleet == nil {
			continue
		}
		if _, ok := rule.Fleet().(lint.Carrier); !ok {
			t.Errorf("%s compares exports and cannot do so in shards", rule.ID)
		}
	}
}

// No secret of an export is in the report of a shard, in no form.
func TestShardsCarryNoSecret(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"in/a.properties": "Directory.DN = svc@acme.com\nDirectory.Password = Kq8vT2mZ1x\nPresence.Domain = acme.com\n",
		"in/b.properties": "Directory.DN = svc@acme.com\nDirectory.Password = Kq8vT2mZ1x\nPresence.Domain = acme.com\n",
		"in/c.properties": "Directory.DN = svc@acme.com\nDirectory.Password = Rw5nB9cJ4y\nPresence.Domain = acme.com\n",
	})
	t.Chdir(dir)
	reports := func() (all [2][]byte) {
		for i := range all {
			here(t, "lint", "--shard", fmt.Sprintf("%d/2", i+1), "-o", "shard.json", "in")
			data, err := os.ReadFile("shard.json")
			if err != nil {
				t.Fatal(err)
			}
			all[i] = data
		}
		return all
	}
	before := reports()
	for _, secret := range []string{"Kq8vT2mZ1x", "Rw5nB9cJ4y"} {
		for _, data := range before {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("the report of a shard has the password %s", secret)
			}
		}
	}
	// Other passwords, with the same ones equal, give the same bytes: nothing is made of them.
	for _, name := range []string{"a", "b", "c"} {
		data, err := os.ReadFile("in/" + name + ".properties")
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("Kq8vT2mZ1x"), []byte("Zm3pL7hD6w")), []byte("Rw5nB9cJ4y"), []byte("Gt4kS8fQ2v"))
		writeFiles(t, dir, map[string]string{"in/" + name + ".properties": string(data)})
	}
	if after := reports(); !bytes.Equal(before[0], after[0]) || !bytes.Equal(before[1], after[1]) {
		t.Error("the report of a shard depends on the passwords")
	}
}
