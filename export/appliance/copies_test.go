package appliance_test

import (
	"slices"
	"strings"
	"testing"
)

func numbered(text, n string) string { return strings.ReplaceAll(text, "N:", n+":") }

// The form of hw_validation_err is not documented: a line that names a part and says no is a refusal, in any words.
func TestHardwareRefused(t *testing.T) {
	for text, want := range map[string][]string{
		"CPU speed 3000 MHz is not in the table for this model\n":   {"hw_validation_err.Hardware.Refused=CPU"},
		"The CPU in this server is faster than any supported one\n": {"hw_validation_err.Hardware.Refused=CPU"},
		"hardware check: riser option missing\n":                    {"hw_validation_err.Hardware.Refused=riser card"},
		"Disk size 36 GB: not allowed for this model\n":             {"hw_validation_err.Hardware.Refused=disk"},
		"cannot find a RAID card\n":                                 {"hw_validation_err.Hardware.Refused=RAID controller"},
		"Memory is less than 4096 MB\n":                             {"hw_validation_err.Hardware.Refused=memory"},
		"The model 7835-X9 was not found\n":                         {"hw_validation_err.Hardware.Refused=machine type"},
		"invalid parameter in program\n":                            {"hw_validation_err.Hardware.Refused=hardware"},
		"hw_validation: checking CPU speed ... passed\n":            {"hw_validation_err.Hardware.Accepted=CPU"},
		"hw_validation: checking memory ... passed hw_validation: checking disk ... failed": {"hw_validation_err.Hardware.Accepted=memory",
			"hw_validation_err.Hardware.Refused=disk"},
		"cpu_speed=3000\n": nil, // neither yes nor no: not understood
	} {
		if got := read(t, "hw_validation_err", text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPartsOfSystemOutputs(t *testing.T) {
	const disk = "Disk/logging        69235000K        2315000K       66920000K"
	for text, want := range map[string]string{
		disk + " (97%)\n":   "Disk.Used=97",
		disk + " ( 97 %)\n": "Disk.Used=97",
		disk + " (9":        "Disk.Used=97", // the end of a copy: from free and used
		"Disk/logging 69235000K 5315000K 60380000K":                                       "Disk.Used=92",
		"Disk/logging 0K 0K 0K":                                                           "Disk.Free=0",
		"DHCP         : enabled        Status      : up\n":                                "Network.DHCP=enabled",
		"Link Detected: yes            Mode        : Auto disabled, Half, 100 Mbits/s\n":  "Network.Mode=Auto disabled, Half, 100 Mbits/s",
		"admin:show network eth0\nDHCP : disabled Status : up\nLink Detected: no Mode : ": "Network.Link=no",
	} {
		if got := read(t, "pub.txt", text); !slices.ContainsFunc(got, func(s string) bool { return s == "pub."+want }) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What a copy without line ends, a folded header or a sentence before it does not take away.
func TestFoldedEvidence(t *testing.T) {
	const unregistered = "Oct  5 0N:14:20 pub ccm: 310: Oct  5 0N:14:20.118 UTC : %CCM-3-DeviceUnregistered: Device unregistered. " +
		"Device Name.:SEP00005E00534N: Reason Code [Optional].:8 Node ID:pub "
	for text, want := range map[string][]string{
		"Licence: INCREMENT CCM_NODE cisco 7.0 permanent uncounted \\\n HOSTID=00005e005340": {"Licence.Feature=CCM_NODE"},
		"\"INCREMENT CCM_NODE cisco 7.0 1-jan-2030 uncounted \\\n HOSTID=00005e005340":       {"Licence.Expiry=1-jan-2030"},
		"Command Line Interface is starting up, please wait ... VMware Installation: 2 vCPU WARNING: DNS unreachable " +
			"admin:show version active Active Master Version: 8.6.2.20000-2": {"Banner.VMware=yes",
			"Banner.DNS=WARNING: DNS unreachable", "Version.Active=8.6.2.20000-2"},
		numbered(unregistered, "1") + numbered(unregistered, "2") + numbered(unregistered, "3"): {"Phone.Name=SEP00005E005341",
			"Phone.Name=SEP00005E005342", "Phone.Reset=Oct  5 03:14:20"},
		"ip dhcp pool VOICE network 192.0.2.0 255.255.255.0 lease 0 8 ":           {"Phone.Lease=28800"},
		"ScopeId       : 192.0.2.0\nLeaseDuration : 3.00:00:00\nState : Active\n": {"Phone.Lease=259200"},
		"LeaseDuration : 08:00:00\n":                                              {"Phone.Lease=28800"},
		"dhcp-range=192.0.2.10,192.0.2.200,255.255.255.0,12h\n":                   {"Phone.Lease=43200"},
		"Ethernet 0\nDHCP : no\n\nDNS\nNot configured.\n": {"Network.DHCP=no",
			"Network.DNS.Primary=Not configured"},
		"Ethernet 0\nDHCP : disabled\n\nDNS\nPrimary :  Secondary :\n":                                     {"Network.DNS.Primary=none"},
		"ip dhcp pool VOICE\n lease 1\n!\n":                                                                {"Phone.Lease=86400"},
		"Reason: SIP;cause=200;text=\"cisco-alarm:13 Name=SEP1 Load=9\n InactiveLoad=9 Last=KeepaliveTO\"": {"Phone.Cause=KeepaliveTO"},
		"Ethernet 0 DHCP : disabled Status : up HWaddr 00:00:5E:00:53:40 DNS Primary : 192.0.2.53":         {"Network.MAC=00:00:5E:00:53:40"},
	} {
		got := read(t, "pub.txt", text)
		for _, w := range want {
			if !slices.Contains(got, "pub."+w) {
				t.Errorf("%q: got %q, want %q", text, got, w)
			}
		}
	}
}

// A phone's page names it, in text and in a table of HTML, and a spreadsheet has the lines of a log in a column.
func TestPhonesInOtherShapes(t *testing.T) {
	const name = "SEP00005E005344"
	const message = "%CCM-3-DeviceUnregistered: Device unregistered. Device Name.:" + name + " Reason Code [Optional].:8"
	for text, want := range map[string][]string{
		"IP 192.0.2.5\nHost Name\t" + name + "\n\nRestart Cause\tKeepaliveTO\n": {"Phone.Cause=KeepaliveTO", "Phone.Name=" + name},
		"Host Name: " + name + "\r\nRestart Cause: KeepaliveTO\r\n":             {"Phone.Cause=KeepaliveTO", "Phone.Name=" + name},
		"Host Name  pub\nRestart Cause: KeepaliveTO\n":                          {"Phone.Cause=KeepaliveTO"},
		"No,Text\n1,\"NOT 08:11:10.899614 DHCP: NAK received\"\n":               {"Phone.DHCP=NAK received", "Phone.Time=08:11:10.899614"},
		"NOT 08:11:10 DHCP: NAK received\n":                                     {"Phone.DHCP=NAK received", "Phone.Time=08:11:10"},
		"2009-02-11 08:11:11 NOT 08:11:10 DHCP: NAK received\n":                 {"Phone.DHCP=NAK received", "Phone.Time=08:11:10"},
		"17: NOT 08:11:10 DHCP: NAK received\n":                                 {"Phone.DHCP=NAK received", "Phone.Time=08:11:10"},
		"\"2023-10-05\",\"03:14:20\",\"" + message + "\"\n": {"Phone.Reset=2023-10-05\",\"03:14:20", "Phone.Name=" + name,
			"Phone.Reason=8"},
		"05.10.2023;03:14:20;" + message + "\n": {"Phone.Reset=05.10.2023;03:14:20", "Phone.Name=" + name, "Phone.Reason=8"},
	} {
		for i := range want {
			want[i] = "log." + want[i]
		}
		if got := read(t, "log.csv", text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
