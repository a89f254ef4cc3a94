package mailcheck

import (
	"bytes"
	"context"
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts_voicemail.tsv
var factsVoicemail string

// The ports of Unity Connection where Jabber is notified of new messages, over HTTPS and over HTTP.
const (
	portNotifyTLS   = 7443
	portNotifyPlain = 7080
)

// vmrest is the first path that the client asks for.
const vmrest = "/vmrest/version"

// A VoicemailRequest is one Unity Connection server to ask as Jabber does, without a log-in.
type VoicemailRequest struct {
	Target probe.Target // with ImplTLS for https
	Rank   string
	Place  live.Place
	// Notify are the ports of notifications in the order of preference; 7443 and 7080 if there are none.
	Notify []int
}

// A VoicemailObservation is what one server answered.
type VoicemailObservation struct {
	probe.Observation
	Rank  string     `json:"rank,omitempty"`
	Place live.Place `json:"place"`
	At    time.Time  `json:"at"`
	// Answer is that of the REST interface; nil if none came.
	Answer *VoicemailAnswer `json:"answer,omitempty"`
	// Notify are the ports of notifications that were tried, in order; the last one is open if it has no error.
	Notify []NotifyPort `json:"notify,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// A VoicemailAnswer is the part of the answer that a judgement needs.
type VoicemailAnswer struct {
	Request  string   `json:"request"`
	Status   int      `json:"status"`
	Offered  []string `json:"offered,omitempty"` // authentication schemes
	Location string   `json:"location,omitempty"`
	// Version says that the interface answered without a log-in, HTML that the answer was a web page.
	Version bool `json:"version,omitempty"`
	HTML    bool `json:"html,omitempty"`
}

// alive reports whether the REST interface itself answered: it asks for a log-in, or says its version.
func (a *VoicemailAnswer) alive() bool {
	return a.Status == http.StatusOK && a.Version || a.Status == http.StatusUnauthorized && slices.Contains(a.Offered, "Basic")
}

// A NotifyPort is a port that was tried.
type NotifyPort struct {
	Port  int          `json:"port"`
	Error *probe.Error `json:"error,omitempty"`
}

// Voicemail is Unity Connection's HTTPS as a live area.
func Voicemail() *area.Service[VoicemailRequest, VoicemailObservation] {
	return area.New(area.Service[VoicemailRequest, VoicemailObservation]{
		About: area.Info{
			Name: "voicemail", Command: "mail", Facts: factsVoicemail, Rules: lint.LiveRules(ruleVoicemail, ruleVMREST, ruleNotify),
			Shared:      lint.LiveRules(ruleCertificate),
			Unreachable: ruleVoicemail.Rule(),
			Link:        area.Link{Order: 6, Name: "Voicemail (Jabber)", Protocol: "HTTPS", Keys: []string{"Jabber.Voicemail.", "VoiceMail."}},
			Host:        "Jabber.Voicemail.VoicemailPrimaryServer",
			Ports:       &area.Ports{TLS: portHTTPS},
			Metrics:     []*area.Metric{metricOffered, metricNotify},
		},
		// Clients of the SIP generation read voicemail by IMAP.
		Requests: func(in *lint.Input) ([]VoicemailRequest, area.Known) {
			if in.Generation != resolve.XMPP {
				return nil, area.Known{}
			}
			return VoicemailOf(in.Export), area.Known{}
		},
		Reads:    area.KeysOf("Jabber.Voicemail.", "VoiceMail.", "UCService."),
		Target:   func(r *VoicemailRequest) *probe.Target { return &r.Target },
		Same:     func(r *VoicemailRequest) string { return area.SameTarget(r.Target) },
		Describe: func(r *VoicemailRequest) area.Row { return area.RowTo(r.Target, "voicemail", r.Rank, r.Place) },
		Probe: func(ctx context.Context, t area.Tools, r VoicemailRequest) *VoicemailObservation {
			return checker(t).ProbeVoicemail(ctx, r)
		},
		Judged: func(seen []*VoicemailObservation, k area.Known) []lint.Finding {
			return JudgeVoicemail(seen, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

// Seen implements area.Observation.
func (o *VoicemailObservation) Seen() []area.Seen {
	return area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
}

// VoicemailTarget is the target of a server; port 0 means 443.
func VoicemailTarget(host string, port int) probe.Target {
	if port == 0 {
		port = portHTTPS
	}
	return probe.Target{Host: host, Port: port, Security: probe.ImplTLS}
}

// VoicemailOf finds the Unity Connection servers that an export names: those of Jabber's files, of the client configuration web service
// and of the UC services. Everything is copied; the export may be dropped.
func VoicemailOf(e *export.Export) []VoicemailRequest {
	var out []VoicemailRequest
	add := func(p *export.Property, rank string, t probe.Target) {
		if t.Host = strings.Clone(strings.TrimSpace(t.Host)); t.Host != "" {
			out = append(out, VoicemailRequest{Target: t, Rank: rank, Place: live.PlaceOf(e, p)})
		}
	}
	for _, s := range [...]struct {
		rank string
		key  export.KeyID
	}{
		{rankPrimary, export.JabberVoicemailVoicemailPrimaryServer}, {rankBackup1, export.JabberVoicemailVoicemailBackup1Server},
		{rankBackup2, export.JabberVoicemailVoicemailBackup2Server},
	} {
		for p := range e.All(s.key) {
			add(p, s.rank, VoicemailTarget(p.Value, 0))
		}
	}
	for _, s := range [...]struct {
		rank                    string
		address, port, protocol export.KeyID
	}{
		{rankPrimary, export.VoiceMailPrimaryAddress, export.VoiceMailPrimaryPort, export.VoiceMailPrimaryProtocol},
		{rankBackup1, export.VoiceMailBackup1Address, export.VoiceMailBackup1Port, export.VoiceMailBackup1Protocol},
		{rankBackup2, export.VoiceMailBackup2Address, export.VoiceMailBackup2Port, export.VoiceMailBackup2Protocol},
	} {
		p := e.Get(s.address)
		if p == nil || strings.EqualFold(live.Text(e, export.VoiceMailServerType), "Unity") { // Unity keeps voicemail in Exchange
			continue
		}
		t := VoicemailTarget(p.Value, live.Port(live.Text(e, s.port), portHTTPS))
		if strings.EqualFold(live.Text(e, s.protocol), schemeHTTP) {
			t.Security, t.Port = probe.Plain, live.Port(live.Text(e, s.port), portHTTP)
		}
		add(p, s.rank, t)
	}
	for u := range live.UCServices(e, "Voicemail") {
		out = append(out, VoicemailRequest{Target: VoicemailTarget(u.Host, u.Port), Rank: "UC service", Place: u.Place})
	}
	return out
}

// maxVMREST bounds the answer, in bytes.
const maxVMREST = 64 << 10

// ProbeVoicemail asks one server for the version of its REST interface, and tries the ports of notifications. It never returns an error:
// what failed is in the observation. It does not log in.
func (c *Checker) ProbeVoicemail(ctx context.Context, r VoicemailRequest) *VoicemailObservation {
	c = c.ready()
	o := &VoicemailObservation{Rank: r.Rank, Place: r.Place, At: c.Prober.Clock().UTC()}
	o.Target = r.Target
	session := web.Session{Prober: c.Prober, Target: r.Target, Seen: &o.Observation, MaxBody: maxVMREST, WebProxy: c.WebProxy}
	a, err := session.Get(ctx, probe.Protocol, vmrest, "")
	if err != nil {
		if o.Fail(o.Reached, err).Class == probe.Cancelled {
			o.Incomplete = "the run was cancelled"
		}
		return o
	}
	o.Answer = &VoicemailAnswer{
		Request: probe.Clean(a.Request), Status: a.Status, Offered: offered(a.Header), Location: probe.Clean(a.Header.Get("Location")),
		HTML:    a.IsHTML(),
		Version: a.Cut == nil && (bytes.Contains(a.Body, []byte("<VersionInformation")) || bytes.Contains(a.Body, []byte(`"vmrest"`))),
	}
	if !o.Answer.alive() {
		return o
	}
	ports := r.Notify
	if len(ports) == 0 {
		ports = []int{portNotifyTLS, portNotifyPlain}
	}
	for _, port := range ports {
		side := new(probe.Observation)
		conn, err := c.Prober.Connect(ctx, probe.Target{Host: r.Target.Host, Port: port}, side)
		n := NotifyPort{Port: port}
		if err == nil {
			_ = conn.Close()
		} else if n.Error = probe.AsError(probe.Connect, err); n.Error.Class == probe.Cancelled {
			o.Incomplete = "the run was cancelled"
		}
		if o.Notify = append(o.Notify, n); err == nil {
			break
		}
	}
	return o
}
