package passwords

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// htpasswd -nbB ops "correct horse", with two costs, and what caddy and Prometheus' tools write.
const (
	ops  = "ops:$2y$05$rQdpCXMtqbCJLEmX3DGBu.8Kb6r0nR8o8ZsjAJUX0sVX3mDVOrSzS"
	hash = "$2y$05$rQdpCXMtqbCJLEmX3DGBu.8Kb6r0nR8o8ZsjAJUX0sVX3mDVOrSzS"
)

func lineOf(t *testing.T, user, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), minCost)
	if err != nil {
		t.Fatal(err)
	}
	return user + ":" + string(h)
}

func TestCheck(t *testing.T) {
	f, err := Parse([]byte("\ufeff# the desk\r\n\r\n" + lineOf(t, "ops", "correct horse") + "\r\n" + lineOf(t, "jürg", "Paßwort ") + " \n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		user, password string
		want           bool
	}{
		{"ops", "correct horse", true}, {"jürg", "Paßwort ", true}, {"ops", "correct hors", false}, {"ops", "", false}, {"", "", false},
		{"OPS", "correct horse", false}, {"jürg", "correct horse", false}, {"unknown", "correct horse", false},
		{"ops", strings.Repeat("x", 1000), false}, {"ops\x00correct horse", "", false},
	} {
		if f.Proven(test.user, test.password) {
			t.Errorf("%q is proven before it was checked", test.user)
		}
		for range 2 {
			if got := f.Check(test.user, test.password); got != test.want || f.Proven(test.user, test.password) != test.want {
				t.Errorf("%q %q: %v", test.user, test.password, got)
			}
		}
	}
}

// Comparing with the hash for unknown users saves no time, and no password is right.
func TestUnknownUsersTakeAsLong(t *testing.T) {
	for cost := minCost; cost <= maxCost; cost++ {
		h := unknownHash(cost)
		if got, err := bcrypt.Cost(h); err != nil || got != cost {
			t.Errorf("%s: cost %d, %v", h, got, err)
		}
		if _, _, _, err := parseLine("u:" + string(h)); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	if err := bcrypt.CompareHashAndPassword(unknownHash(minCost), nil); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Error(err) // any other error comes before the work is done
	}
}

func TestWrongFiles(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		line int
		want string
	}{
		"empty":         {"", 0, "no user"},
		"comments only": {"# a\n\n", 0, "no user"},
		"MD5":           {"ops:$apr1$abcdefgh$0123456789012345678901\n", 1, "not one of bcrypt"},
		"SHA-1":         {ops + "\nb:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", 2, "not one of bcrypt"},
		"plain text":    {"ops:geheim\n", 1, "not one of bcrypt"},
		"no colon":      {"geheim\n", 1, "not a user name"},
		"no user":       {":" + hash, 1, "not a user name"},
		"cut off":       {"ops:" + hash[:59] + "\n", 1, "not one of bcrypt"},
		"not base64":    {"ops:" + hash[:59] + "!\n", 1, "not complete"},
		"too cheap":     {"ops:$2y$04" + hash[6:], 1, "cost of the hash is 4"},
		"too dear":      {"ops:$2y$15" + hash[6:], 1, "cost of the hash is 15"},
		"twice":         {ops + "\n" + ops, 2, "a line before"},
		"control":       {"o\x01ps:" + hash, 1, "characters"},
		"not UTF-8":     {"o\xffps:" + hash, 1, "characters"},
		"web config":    {"basic_auth_users:\n  ops: " + hash, 1, "not one of bcrypt"},
		"too long":      {strings.Repeat("#", MaxFile+1), 0, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") {
				t.Fatalf("the error is %v", err)
			}
			var at *Error
			if errors.As(err, &at) && at.Line != test.line || at == nil && test.line != 0 {
				t.Errorf("the error is %v, want line %d", err, test.line)
			}
		})
	}
}

// What Apache's tool writes is understood.
func TestHtpasswd(t *testing.T) {
	tool, err := exec.LookPath("htpasswd")
	if err != nil {
		t.Skip("htpasswd is not installed")
	}
	out, err := exec.CommandContext(t.Context(), tool, "-nbB", "-C", "6", "ops", "correct horse").Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(out)
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if !f.Check("ops", "correct horse") || f.Check("ops", "wrong") {
		t.Error("the password is not the one of the tool")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(ops + "\n# a\n\r\nb:" + hash))
	f.Add([]byte("ops:$2y$31$" + hash[7:]))
	f.Add([]byte(":\n::\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse(text)
		if err != nil {
			return
		}
		for user, hash := range file.hashes {
			if cost, err := bcrypt.Cost(hash); err != nil || cost > maxCost || strings.Contains(user, ":") || user == "" {
				t.Fatalf("%q: %d, %v", user, cost, err)
			}
		}
	})
}
