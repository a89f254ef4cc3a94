package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// An issued certificate of a test, with its key.
type issued struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate that ends at a time. Without a parent it signs itself; key is a new one where nil.
func issue(t *testing.T, name string, ends time.Time, parent *issued, key *ecdsa.PrivateKey, ca bool) *issued {
	t.Helper()
	var err error
	if key == nil {
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: ends.Add(-4000 * day), NotAfter: ends, IsCA: ca,
		BasicConstraintsValid: true,
	}
	if !ca {
		template.IPAddresses, template.ExtKeyUsage = []net.IP{net.IPv4(127, 0, 0, 1)}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	signer, above := key, template
	if parent != nil {
		signer, above = parent.key, parent.Certificate
	}
	der, err := x509.CreateCertificate(rand.Reader, template, above, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{c, key}
}

// show lets a server present the certificates and returns what the handshake showed at a time.
func show(t *testing.T, at time.Time, roots []*issued, sent ...*issued) *TLSFacts {
	t.Helper()
	pool := x509.NewCertPool()
	for _, r := range roots {
		pool.AddCert(r.Certificate)
	}
	cert := tls.Certificate{PrivateKey: sent[0].key}
	for _, c := range sent {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	o, err := shake(t, &Prober{Roots: pool, Now: func() time.Time { return at }},
		tlsServer(t, &tls.Config{Certificates: []tls.Certificate{cert}}))
	if err != nil {
		t.Fatal(err)
	}
	return o.TLS
}

func TestCertificatesThatExpireSoon(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return at.Add(d) }
	root := issue(t, "Root", in(3000*day), nil, nil, true)
	// Two certificates of one authority: what it gave itself ends late, what another one gave it ends soon.
	cross := issue(t, "Old Root", in(3000*day), nil, nil, true)
	crossed := issue(t, "Root", in(5*day), cross, root.key, true)
	short := issue(t, "Issuing CA", in(9*day+time.Hour), root, nil, true)
	long := issue(t, "Issuing CA", in(900*day), root, short.key, true)
	shortRoot := issue(t, "Short Root", in(20*day), nil, nil, true)
	leaf := func(d time.Duration, by *issued) *issued { return issue(t, "leaf", in(d), by, nil, false) }
	for name, tt := range map[string]struct {
		roots, sent []*issued
		soon        time.Duration
		want        []TLSProblem // of those about what is soon
		says        []string
		days        []int
	}{
		"31 days": {[]*issued{root}, []*issued{leaf(31*day, root)}, 0, nil, nil, nil},
		"30 days": {[]*issued{root}, []*issued{leaf(30*day, root)}, 0, []TLSProblem{CertExpiresSoon},
			[]string{"expires on 2026-03-31 12:00 UTC, in 30 days"}, []int{30}},
		"a day and a half": {[]*issued{root}, []*issued{leaf(36*time.Hour, root)}, 0, []TLSProblem{CertExpiresSoon},
			[]string{"in 1 day."}, []int{1}},
		"an hour": {[]*issued{root}, []*issued{leaf(time.Hour, root)}, 0, []TLSProblem{CertExpiresSoon},
			[]string{"in less than a day"}, []int{0}},
		"expired":       {[]*issued{root}, []*issued{leaf(-time.Hour, root)}, 0, nil, nil, nil},
		"not yet valid": {[]*issued{root}, []*issued{leaf(4010*day, root)}, 5000 * day, nil, nil, nil},
		"60 days when 90 are soon": {[]*issued{root}, []*issued{leaf(60*day, root)}, 90 * day, []TLSProblem{CertExpiresSoon},
			[]string{"in 60 days"}, []int{60}},
		"5 days when 3 are soon": {[]*issued{root}, []*issued{leaf(5*day, root)}, 3 * day, nil, nil, nil},
		"5 days when nothing is": {[]*issued{root}, []*issued{leaf(5*day, root)}, -1, nil, nil, nil},
		"not trusted": {nil, []*issued{leaf(5*day, root)}, 0, []TLSProblem{CertExpiresSoon}, []string{"in 5 days"},
			[]int{5}},
		"self-signed": {nil, []*issued{leaf(5*day, nil)}, 0, []TLSProblem{CertExpiresSoon}, []string{"in 5 days"},
			[]int{5}},
		"an authority that ends first": {[]*issued{root}, []*issued{leaf(300*day, short), short}, 0, []TLSProblem{ChainExpiresSoon},
			[]string{"whose authority CN=Issuing CA expires on 2026-03-10"}, []int{9}},
		"both": {[]*issued{root}, []*issued{leaf(12*day, short), short}, 0,
			[]TLSProblem{CertExpiresSoon, ChainExpiresSoon}, []string{"in 12 days", "in 9 days"}, []int{12, 9}},
		"an authority that ends later": {[]*issued{root}, []*issued{leaf(8*day, short), short}, 0, []TLSProblem{CertExpiresSoon},
			[]string{"in 8 days"}, []int{8}},
		"the root ends first": {[]*issued{shortRoot}, []*issued{leaf(300*day, shortRoot)}, 0, []TLSProblem{ChainExpiresSoon},
			[]string{"CN=Short Root"}, []int{20}},
		"an authority of an unknown root": {nil, []*issued{leaf(300*day, short), short, root}, 0, []TLSProblem{ChainExpiresSoon},
			[]string{"CN=Issuing CA"}, []int{9}},
		"another root that does not matter": {nil, []*issued{leaf(300*day, root), shortRoot}, 0, nil, nil, nil},
		"a second chain that lasts":         {[]*issued{root, cross}, []*issued{leaf(300*day, root), crossed}, 0, nil, nil, nil},
		"only the chain that ends": {[]*issued{cross}, []*issued{leaf(300*day, root), crossed}, 0, []TLSProblem{ChainExpiresSoon},
			[]string{"CN=Root"}, []int{5}},
		"the authority's newer certificate": {[]*issued{root}, []*issued{leaf(300*day, short), short, long}, 0, nil, nil, nil},
		"a chain without end in its names": {nil, []*issued{leaf(300*day, short), short, crossed, cross}, 0, []TLSProblem{ChainExpiresSoon},
			[]string{"CN=Root"}, []int{5}},
	} {
		t.Run(name, func(t *testing.T) {
			var problems []TLSProblem
			for _, v := range show(t, at, tt.roots, tt.sent...).JudgeCertificate("server x", tt.soon) {
				if v.Problem != CertExpiresSoon && v.Problem != ChainExpiresSoon {
					if v.DaysLeft != nil {
						t.Errorf("%s has days: %d", v.Problem, *v.DaysLeft)
					}
					continue
				}
				n := len(problems)
				problems = append(problems, v.Problem)
				if n >= len(tt.want) {
					continue
				}
				if v.DaysLeft == nil || *v.DaysLeft != tt.days[n] || !strings.Contains(v.Message, tt.says[n]) || v.Fix == "" {
					t.Errorf("%+v, want %q with %d days", v, tt.says[n], tt.days[n])
				}
			}
			if len(problems) != len(tt.want) || len(problems) > 0 && problems[0] != tt.want[0] || len(problems) > 1 && problems[1] != tt.want[1] {
				t.Errorf("%v, want %v", problems, tt.want)
			}
		})
	}
}

// A case that is judged again later is judged by the time of the handshake.
func TestExpiryIsJudgedByTheTimeOfTheHandshake(t *testing.T) {
	at := time.Now().Add(-500 * day).Truncate(time.Second)
	root := issue(t, "Root", at.Add(3000*day), nil, nil, true)
	facts := show(t, at, []*issued{root}, issue(t, "leaf", at.Add(10*day+time.Minute), root, nil, false))
	verdicts := facts.JudgeCertificate("server x", 0)
	if len(verdicts) != 1 || verdicts[0].DaysLeft == nil || *verdicts[0].DaysLeft != 10 {
		t.Errorf("%+v", verdicts)
	}
}

// What a failed handshake shows of a certificate does not count.
func TestNothingExpiresSoonWithoutAHandshake(t *testing.T) {
	var none *TLSFacts
	o, _ := shake(t, &Prober{Timeouts: Uniform(200 * time.Millisecond)}, listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }))
	for _, f := range []*TLSFacts{none, o.TLS, {}} {
		if v := f.JudgeCertificate("server x", 0); len(v) > 0 {
			t.Errorf("%+v", v)
		}
	}
}
