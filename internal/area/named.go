package area

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/probe"
)

// Ports are the ports of a service: what a probe of a server takes that is named without an export.
type Ports struct {
	// Plain is the port without TLS or with StartTLS, TLS that with TLS from the first byte; 0 where the service has none.
	Plain, TLS int
	// AlsoTLS are further ports where TLS is spoken from the first byte.
	AlsoTLS []int
	// StartTLS says that a connection without a stated security upgrades to TLS on ports without TLS.
	StartTLS bool
	// UDP is the port over UDP; 0 where the service is not asked over UDP.
	UDP int
}

// Securities are the words for the protection of a connection.
func (p *Ports) Securities() []string {
	switch {
	case p.UDP != 0 && p.Plain == 0:
		return []string{overUDP}
	case p.UDP != 0:
		return []string{string(probe.Plain), string(probe.ImplTLS), overUDP}
	}
	return []string{string(probe.Plain), string(probe.StartTLS), string(probe.ImplTLS)}
}

const overUDP = "udp"

// Target makes a target of what is stated. A port of 0 follows from the security, and an empty security from the port.
func (p *Ports) Target(host string, port int, security string) (probe.Target, error) {
	t := probe.Target{Host: host, Port: port}
	switch {
	case port < 0 || port > 65535:
		return t, fmt.Errorf("port %d is outside 1 to 65535", port)
	case security != "" && !slices.Contains(p.Securities(), security):
		return t, fmt.Errorf("security %q: use %s", security, strings.Join(p.Securities(), ", "))
	case security == overUDP || p.UDP != 0 && p.Plain == 0:
		t.Network = overUDP
	case security != "":
		t.Security = probe.Security(security)
	case p.tls(port):
		t.Security = probe.ImplTLS
	case p.StartTLS:
		t.Security = probe.StartTLS
	default:
		t.Security = probe.Plain
	}
	switch {
	case t.Port != 0:
	case t.Network == overUDP:
		t.Port = p.UDP
	case t.Security == probe.ImplTLS || p.Plain == 0:
		t.Port = p.TLS
	default:
		t.Port = p.Plain
	}
	return t, nil
}

func (p *Ports) tls(port int) bool {
	if port == 0 {
		return p.Plain == 0
	}
	return port == p.TLS || slices.Contains(p.AlsoTLS, port)
}

// A Movable task is one whose target can differ from exports: port, security and the name in the certificate.
type Movable interface {
	// Move changes what is stated: a port of 0 and empty texts follow from the rest.
	Move(port int, security, serverName string) error
}

// Move implements Movable.
func (t *task[R, O]) Move(port int, security, serverName string) error {
	ports := t.service.About.Ports
	if ports == nil || t.service.Target == nil {
		return fmt.Errorf("the area %s takes no port, security and server name", t.service.About.Name)
	}
	to, err := ports.Target(t.service.Target(&t.request).Host, port, security)
	if err != nil {
		return err
	}
	to.ServerName = serverName
	*t.service.Target(&t.request) = to
	if t.service.Moved != nil {
		t.service.Moved(&t.request)
	}
	return nil
}

// A Metric is a number that the observations of an area have, named as Prometheus does: base units, and the unit at the end.
type Metric struct {
	Name, Help string
	// Labels are the names of labels that tell several values of one observation apart.
	Labels []string
}

// Is is a value of the metric, with the values of its labels.
func (m *Metric) Is(value float64, labels ...string) Measure {
	return Measure{Metric: m, Value: value, Labels: labels}
}

// Has is a value of a metric that is 1 or 0.
func (m *Metric) Has(yes bool, labels ...string) Measure {
	if yes {
		return m.Is(1, labels...)
	}
	return m.Is(0, labels...)
}

// A Measure is one value of a metric.
type Measure struct {
	Metric *Metric
	Value  float64
	Labels []string
}

// Measured is an Observation with more numbers than those that all have: see Info.Metrics.
type Measured interface{ Measures() []Measure }

// The metrics of log-ins and of lockouts, which several areas have.
var (
	LoginAccepted = &Metric{Name: "cupclint_login_accepted", Help: "1 if the log-in succeeded, 0 if the server rejected it. Missing where " +
		"none was made or judged.", Labels: []string{"account"}}
	LoginHeld = &Metric{Name: "cupclint_login_withheld", Help: "1 for a log-in that was not made, so that no account is locked. The reason " +
		"is that of the log-in budget.", Labels: []string{"account", "reason"}}
)

// LoginMeasures are what came of one log-in. judged says that the server decided on the password; withheld is the reason of the budget.
func LoginMeasures(account string, ok, judged bool, withheld string) []Measure {
	account = probe.Clean(account)
	switch {
	case withheld != "":
		return []Measure{LoginHeld.Is(1, account, withheld)}
	case ok || judged:
		return []Measure{LoginAccepted.Has(ok, account)}
	}
	return nil
}

// Number reads a number of a label, such as a port.
func Number(n int) string { return strconv.Itoa(n) }
