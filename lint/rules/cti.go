package rules

import (
	"cupclint/export"
	"cupclint/lint"
)

func cti() []*lint.Rule {
	return []*lint.Rule{lint.Define("CTI001", lint.Rule{Check: ctiMissing})}
}

// ctiMissing knows 2748, the port of CTIManager, and 2749, its TLS port.
func ctiMissing(in *lint.Input) []lint.Finding {
	if on := in.Get(export.CallControlEnabled); on != nil && isTrue(on.Value) && !known(in.Get(export.CallControlPrimaryAddress)) {
		f := in.Missing(export.CallControlPrimaryAddress, on,
			"desk phone control is on, but no CTI server is configured. Desk Phone stays unavailable")
		f.Fix = "Add a CTI gateway server to the CTI gateway profile and assign the profile to the user."
		return one(f)
	}
	var findings []lint.Finding
	for _, s := range ctiFamily.servers(in) {
		switch n := s.number(); {
		case n == 2749 && s.protocol != nil && known(s.protocol) && !s.secure():
			f := in.At(s.port, "the CTI server %s has port 2749, CTIManager's port for TLS, but the protocol is %s",
				s.address.Value, s.protocol.Value)
			f.Fix = "Use port 2748 with TCP, or set the protocol to TLS."
			findings = append(findings, f)
			continue
		case n == 2748 && s.secure():
			f := in.At(s.protocol, "the CTI server %s has the protocol %s on port 2748, which is not for TLS. CTIManager's port for TLS is 2749",
				s.address.Value, s.protocol.Value)
			f.Fix = "Use port 2749 with TLS, or set the protocol to TCP."
			findings = append(findings, f)
			continue
		case n == 2748 || n == 2749 || n < 1 || n > 65535:
			continue // another rule reports a port that is not a number
		}
		f := in.At(s.port, "the CTI server %s has port %s, but CTIManager listens on 2748. Desk Phone stays unavailable",
			s.address.Value, s.port.Value)
		f.Fix = "Set the port of the CTI gateway server to 2748."
		findings = append(findings, f)
	}
	return findings
}
