package rules

import (
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// captures yields the records of packet captures.
func (e *evidence) captures(yield func(record, *lint.Fact) bool) {
	for _, o := range e.outputs {
		for r, server := range o.all(appliance.CaptureServer) {
			if !yield(r, server) {
				return
			}
		}
	}
}

func answeredBy3(r record) bool {
	return r.text(appliance.CaptureClientVersion) >= "4" && r.text(appliance.CaptureServerVersion) == "3"
}

func ntpVersion3(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for r, server := range e.captures {
		if !answeredBy3(r) {
			continue
		}
		f := d.At(r.get(appliance.CaptureServerVersion), "%s answers NTPv4 requests with NTPv3. The node that asks stays without time",
			server.Value)
		f.Related = []lint.Related{server.Related("%s asks with version %s", r.text(appliance.CaptureClient),
			r.text(appliance.CaptureClientVersion))}
		f.Fix = "Use an NTPv4 server as the source. Windows Time answers with NTPv3 and is not supported."
		findings = append(findings, f)
	}
	return findings
}

func ntpNoAnswer(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for r, server := range e.captures {
		if asked := r.text(appliance.CaptureAsked); asked != "0" && r.text(appliance.CaptureAnswered) == "0" {
			f := d.At(server, "%s does not answer: the capture has %s NTP requests and no answer", server.Value, asked)
			f.Fix = "Open UDP port 123 between the node and the server in both directions, and check that the server runs."
			findings = append(findings, f)
		}
	}
	return findings
}

var windowsTimeFields = [...]appliance.Field{
	appliance.WindowsTimeEnabled, appliance.WindowsTimeType, appliance.WindowsTimeAnnounceFlags, appliance.WindowsTimeDispersion,
}

func windowsTimeSource(e *evidence, d *lint.Deployment) []lint.Finding {
	const fix = "Use an NTP server that is not Windows: a router, a Linux server or an appliance of stratum 1 to 3."
	var findings []lint.Finding
	for _, o := range e.outputs {
		for _, field := range windowsTimeFields {
			if fact := o.first(field); fact != nil {
				f := d.At(fact, "the time source is Windows Time. Cisco does not support it as a time source of Unified CM, in any release")
				f.Fix = fix
				findings = append(findings, f)
				break
			}
		}
	}
	for r, server := range e.captures {
		if answeredBy3(r) {
			f := d.At(server, "%s answers as Windows Time does, with NTPv3. Cisco does not support Windows Time as a time source of Unified CM",
				server.Value)
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	return findings
}

func windowsTimeRegistry(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	add := func(fact *lint.Fact, severity lint.Severity, what, want string) {
		field, _ := fact.Key.Appliance()
		f := d.At(fact, "%s of Windows Time is %s: %s", strings.TrimPrefix(field.String(), "WindowsTime."), fact.Value, what)
		f.Severity = severity
		f.Fix = "Set it to " + want + " and restart the service Windows Time. It is better to use a source that is not Windows."
		findings = append(findings, f)
	}
	for _, o := range e.outputs {
		for _, fact := range o.all(appliance.WindowsTimeEnabled) {
			if fact.Value != "1" {
				add(fact, lint.Error, "the server does not answer NTP requests", "1")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeType) {
			if !strings.EqualFold(fact.Value, "NTP") {
				add(fact, lint.Error, "the server does not take its time from NTP servers", "NTP")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeAnnounceFlags) {
			switch fact.Value {
			case "5":
			case "6":
				add(fact, lint.Info, "it works for other clients; the value that is known to work with Unified CM is 5", "5")
			default:
				add(fact, lint.Error, "the server does not announce that it is a reliable source", "5")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeDispersion) {
			if fact.Value != "0" {
				add(fact, lint.Error, "the server announces so much uncertainty that NTP clients reject it", "0")
			}
		}
	}
	return findings
}
