package servertest

import (
	"crypto/md5"
	"crypto/tls"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// digest answers a challenge as RFC 2617 section 3.2.2 says, with qop "auth" and MD5.
func digest(t *testing.T, answer, addr, password string) string {
	t.Helper()
	param := func(name string) string {
		found := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(answer)
		if found == nil {
			t.Fatalf("no %s in the challenge:\n%s", name, answer)
		}
		return found[1]
	}
	sum := func(parts ...string) string { return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":")))) }
	realm, nonce := param("realm"), param("nonce")
	response := sum(sum(User, realm, password), nonce, "00000001", "c", "auth", sum("REGISTER", "sip:"+addr))
	return fmt.Sprintf("Authorization: Digest username=%q, realm=%q, nonce=%q, uri=%q, qop=auth, nc=00000001, cnonce=\"c\", response=%q\r\n",
		User, realm, nonce, "sip:"+addr, response)
}

func TestKamailioRegister(t *testing.T) {
	server := Kamailio(t, KamailioConfig{Realm: "elsewhere.example"})
	const contact = "Contact: <sip:alice@127.0.0.1:9>;expires=60\r\n"
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			register := func(headers, want string) string {
				t.Helper()
				answer, err := sipRequest(t.Context(), network, server.Addr, "REGISTER", headers)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(answer, "SIP/2.0 "+want+" ") {
					t.Fatalf("want %s:\n%s", want, answer)
				}
				return answer
			}
			challenge := register(contact, "401")
			if !strings.Contains(challenge, `realm="elsewhere.example"`) {
				t.Errorf("another realm:\n%s", challenge)
			}
			challenge = register(contact+digest(t, challenge, server.Addr, "wrong"), "401")
			if bindings := server.Bindings(t); strings.Contains(bindings, "127.0.0.1:9") {
				t.Errorf("registered with a wrong password:\n%s", bindings)
			}
			register(contact+digest(t, challenge, server.Addr, Password), "200")
			if bindings := server.Bindings(t); !strings.Contains(bindings, "127.0.0.1:9") {
				t.Errorf("not registered:\n%s", bindings)
			}
			challenge = register("", "401")
			register("Contact: *\r\nExpires: 0\r\n"+digest(t, challenge, server.Addr, Password), "200")
			if bindings := server.Bindings(t); strings.Contains(bindings, "127.0.0.1:9") {
				t.Errorf("still registered:\n%s", bindings)
			}
		})
	}
	t.Run("INVITE", func(t *testing.T) {
		answer, err := sipRequest(t.Context(), "tcp", server.Addr, "INVITE", contact)
		if err != nil || !strings.HasPrefix(answer, "SIP/2.0 407 ") {
			t.Errorf("%v, want 407:\n%s", err, answer)
		}
	})
}

func TestKamailioOpen(t *testing.T) {
	server := Kamailio(t, KamailioConfig{Open: true})
	answer, err := sipRequest(t.Context(), "tcp", server.Addr, "REGISTER", "Contact: <sip:alice@127.0.0.1:9>;expires=60\r\n")
	if err != nil || !strings.HasPrefix(answer, "SIP/2.0 200 ") {
		t.Errorf("%v, want 200:\n%s", err, answer)
	}
}

func TestKamailioTLS(t *testing.T) {
	ca := CA(t)
	config := ca.ClientConfig("sip.example.com")
	server := Kamailio(t, KamailioConfig{CA: ca})
	conn, err := tls.Dial("tcp", server.TLSAddr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer, err := sipExchange(t.Context(), conn, "TLS", server.TLSAddr, "OPTIONS", "")
	if err != nil || !strings.HasPrefix(answer, "SIP/2.0 200 ") {
		t.Errorf("%v, want 200:\n%s", err, answer)
	}

	expired := Kamailio(t, KamailioConfig{CA: ca, Flaw: Expired})
	_, err = tls.Dial("tcp", expired.TLSAddr, config)
	checkError(t, "expired", err, "certificate has expired")
	old := Kamailio(t, KamailioConfig{CA: ca, OldTLS: true})
	_, err = tls.Dial("tcp", old.TLSAddr, config)
	checkError(t, "TLS 1.2 where only 1.0 is spoken", err, "protocol version")
	config.MinVersion = tls.VersionTLS10
	conn, err = tls.Dial("tcp", old.TLSAddr, config)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func TestKamailioIsGoneAfterStop(t *testing.T) {
	server := Kamailio(t, KamailioConfig{})
	pid := server.cmd.Process.Pid
	server.Stop()
	if groupRuns(pid) {
		t.Error("a process of the server still runs")
	}
	if err := sipOptions(t.Context(), server.Addr); err == nil {
		t.Error("the server still answers")
	}
}
