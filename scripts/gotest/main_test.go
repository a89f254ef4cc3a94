package main

import (
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

func TestMissingPrefixIsTheOneOfTheServers(t *testing.T) {
	if missingPrefix != servertest.MissingPrefix {
		t.Errorf("%q, but skips begin with %q", missingPrefix, servertest.MissingPrefix)
	}
}

func TestSummary(t *testing.T) {
	tests := []struct{ name, events, want string }{
		{
			"passed and skipped",
			`{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"A","Output":"=== RUN A\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"B","Output":"    x.go:1: missing server: nsd is not installed\n"}
{"Action":"skip","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Test":"C","Output":"    x.go:1: not today\n"}
{"Action":"skip","Package":"p","Test":"C"}
{"Action":"pass","Package":"p","Elapsed":1.25}
{"Action":"skip","Package":"without/tests"}
`,
			`ok    p  1.2s
skipped: p B: nsd is not installed
1 passed, 0 failed, 2 skipped (1 for missing servers)
`,
		},
		{
			"the output of a failed test only",
			`{"Action":"output","Package":"p","Test":"A","Output":"said by A\n"}
{"Action":"output","Package":"p","Test":"B","Output":"said by B: \"Action\":\"pass\"\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p","Elapsed":2}
`,
			`said by B: "Action":"pass"
FAIL
FAIL  p  2.0s
1 passed, 1 failed, 0 skipped (0 for missing servers)
`,
		},
		{
			"in a random order",
			`{"Action":"output","Package":"p","Output":"-test.shuffle 1763971200\n"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p","Elapsed":2}
{"Action":"output","Package":"q","Output":"-test.shuffle 1763971201\n"}
{"Action":"pass","Package":"q","Elapsed":1}
`,
			`-test.shuffle 1763971200
FAIL
FAIL  p  2.0s  in the order of -shuffle=1763971200
ok    q  1.0s
0 passed, 1 failed, 0 skipped (0 for missing servers)
`,
		},
		{
			"cut off by a panic",
			`{"Action":"output","Package":"p","Test":"A","Output":"panic: oh\n"}
{"Action":"output","Package":"other","Test":"A","Output":"still running\n"}
{"Action":"fail","Package":"p","Elapsed":0}
{"Action":"pass","Package":"other","Test":"A"}
`,
			`panic: oh
FAIL  p  0.0s
1 passed, 1 failed, 0 skipped (0 for missing servers)
`,
		},
		{
			"not built",
			`{"Action":"fail","Package":"other","Test":"A"}
{"Action":"fail","Package":"other","Elapsed":3}
{"ImportPath":"p","Action":"build-output","Output":"p/x.go:1: undefined: y\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p"}
no event at all
`,
			`FAIL  other  3.0s
p/x.go:1: undefined: y
FAIL	p [build failed]
FAIL  p  0.0s
no event at all
0 passed, 2 failed, 0 skipped (0 for missing servers)
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			s := newSummary(&out)
			if err := s.read(strings.NewReader(test.events)); err != nil {
				t.Fatal(err)
			}
			s.close()
			if out.String() != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", out.String(), test.want)
			}
		})
	}
}
