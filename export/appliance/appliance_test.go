package appliance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/export/appliance"
)

// read returns the properties of a text, "Name=value" each, without the commands.
func read(t testing.TB, file, text string) []string {
	t.Helper()
	var out []string
	err := appliance.Scan(file, text).Read(func(p *appliance.Property) error {
		if p.Start < 0 || p.End < p.Start || p.End > len(text) {
			t.Fatalf("%s has the place %d to %d of %d", p.Name(), p.Start, p.End, len(text))
		}
		if p.Field != appliance.Command {
			out = append(out, strings.TrimPrefix(p.Name(), "Appliance.")+"="+p.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const peers = `     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
 127.127.1.0     127.127.1.0     10 l    9   64  377    0.000    0.000   0.008
*192.0.2.10      198.51.100.7     2 u  921 1024  377   38.233    3.336   1.182
 192.0.2.11      .INIT.          16 u    - 1024    0    0.000    0.000   0.000

synchronised to NTP server (192.0.2.10) at stratum 3
`

const cluster = `192.0.2.11 pub.hq.test pub Publisher callmanager DBPub authenticated
192.0.2.31 imp1.hq.test imp1 Subscriber cups DBPub authenticated using TCP since
 Mon May 13 08:20:15 2019

Server Table (processnode) Entries
----------------------------------
pub
`

func oneCertificate(name, issuer string, year int) string {
	return fmt.Sprintf("[\n  Version: V3\n  Serial Number: 5f0a\n  SignatureAlgorithm: SHA1withRSA (1.2)\n  Issuer Name: L=B, CN=%s, O=H\n"+
		"  Validity From: Mon Mar 04 10:15:02 CET 2013\n           To:   Sat Mar 03 10:15:01 CET %d\n  Subject Name: L=B, CN=%s, O=H\n"+
		"  Key: RSA (1.2)\n]\n", issuer, year, name)
}

// One case for each output that is read: what must be among its properties.
func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"ntpd", "admin:utils ntp status\nntpd (pid 1) is running...\n\n" + peers, []string{
			"x.Ntp.Daemon=ntpd", "x.Ntp.Source=192.0.2.10", "x.Ntp.Tally=*", "x.Ntp.Stratum=2", "x.Ntp.Reach=377", "x.Ntp.Offset=3.336",
			"x.Ntp.Type=l",
			"x.Ntp.When=-", "x.Ntp.Refid=.INIT.", "x.Ntp.Synchronised=192.0.2.10", "x.Ntp.OwnStratum=3"}},
		{"after the time of each line", "2021-06-16 09:31:28,768 - admin:\n2021-06-16 09:31:33,662 - Active Master Version: 11.5.1.12900-21\n" +
			"2021-06-16 09:31:34,100 - ntpd (pid 1) is running...\n2021-06-16 09:31:34,101 - unsynchronised\n",
			[]string{"x.Version.Active=11.5.1.12900-21", "x.Ntp.Synchronised=no"}},
		{"ntpd, without line ends", "admin:utils ntp status " + strings.Join(strings.Fields(peers), " "), []string{
			"x.Ntp.Source=192.0.2.10", "x.Ntp.Tally=*", "x.Ntp.Source=192.0.2.11", "x.Ntp.Synchronised=192.0.2.10"}},
		{"not running", "admin:utils ntp status\nntpd is not running\n", []string{"x.Ntp.Daemon=none"}},
		{"stopped, without its command", "ntpd is stopped\n", []string{"x.Ntp.Daemon=none"}},
		{"no answer to ntpq", "admin:utils ntp status\nntpd (pid 1) is running...\nntpq: read: Connection refused\n",
			[]string{"x.Ntp.Daemon=none"}},
		{"no answer to ntpstat", "admin:utils ntp status\nUnable to talk to NTP daemon. Is it running?\n", []string{"x.Ntp.Daemon=none"}},
		{"no answer to chronyc", "admin:utils ntp status\n506 Cannot talk to daemon\n", []string{"x.Ntp.Daemon=none"}},
		{"no answer at first, then a table", "admin:utils ntp status\nntpd (pid 1) is running...\nntpq: read: Connection refused\n" +
			strings.TrimSuffix(peers, "synchronised to NTP server (192.0.2.10) at stratum 3\n"), []string{"x.Ntp.Daemon=ntpd"}},
		{"no answer at first, then a sentence", "admin:utils ntp status\nntpd (pid 1) is running...\nntpq: read: Connection refused\n" +
			"synchronised to NTP server (192.0.2.10) at stratum 3\n", []string{"x.Ntp.Daemon=ntpd", "x.Ntp.Synchronised=192.0.2.10"}},
		{"no source", "admin:utils ntp status\nntpd (pid 1) is running...\nNo association ID's returned\n",
			[]string{"x.Ntp.Daemon=ntpd", "x.Ntp.Synchronised=no"}},
		{"dead, without its command", "chronyd dead but pid file exists\n", []string{"x.Ntp.Daemon=none"}},
		{"without a prompt", "unsynchronised\n  time server re-starting\n", []string{"x.Ntp.Synchronised=no"}},
		{"own clock", "ntpd (pid 1) is running...\nsynchronised to local net at stratum 11\n",
			[]string{"x.Ntp.Synchronised=local net", "x.Ntp.OwnStratum=11"}},
		{"what chronyd follows", "admin:utils ntp status\nchronyd (pid 2) is running...\n\nReference ID    : C0000232 (192.0.2.50)\n" +
			"Stratum         : 3\nLeap status     : Normal\n",
			[]string{"x.Ntp.Daemon=chronyd", "x.Ntp.Synchronised=192.0.2.50", "x.Ntp.OwnStratum=3"}},
		{"chronyd without a source", "chronyd (pid 2) is running...\n\nStratum         : 0\nLeap status     : Not synchronised\n",
			[]string{"x.Ntp.Synchronised=no"}},
		{"chronyd", "chronyd (pid 2) is running...\n\nMS Name/IP address         Stratum Poll Reach LastRx Last sample\n====\n^* 192.0.2.50    " +
			"2  10   377   512   +312us[ +401us] +/-   14ms\n^? 192.0.2.51    0   6     0     -     +0ns[   +0ns] +/-    0ns\n",
			[]string{"x.Ntp.Daemon=chronyd", "x.Ntp.Source=192.0.2.50", "x.Ntp.Tally=*", "x.Ntp.Poll=1024", "x.Ntp.Offset=0.312", "x.Ntp.Tally=?",
				"x.Ntp.Reach=0"}},
		{"chronyd, hours and seconds off", "chronyd (pid 2) is running...\n\nMS Name/IP address  Stratum Poll Reach LastRx Last sample\n====\n" +
			"^x 192.0.2.50    2   6   377    40  +12.3s[ +12.3s] +/-   14ms\n^~ 192.0.2.51    2   6   377    41  -3600h[ -3600h] +/-   14ms\n",
			[]string{"x.Ntp.Source=192.0.2.50", "x.Ntp.Offset=12300", "x.Ntp.Source=192.0.2.51", "x.Ntp.Tally=~", "x.Ntp.Offset=-12960000000"}},
		{"packets", "admin:utils network capture port 123\n10:31:07.220715 pub.ntp > dc1.ntp: v4 client strat 0 poll 6\n10:31:07.221019 " +
			"dc1.ntp > pub.ntp: v3 server strat 2 poll 6\n",
			[]string{"x.Capture.Server=dc1", "x.Capture.Asked=1", "x.Capture.Answered=1", "x.Capture.ServerVersion=3", "x.Capture.Stratum=2"}},
		{"packets in the log of a terminal, a mail and a web page", "admin:utils network capture port 123 Executing command with options: " +
			"size=128 [10:31:07] 10:31:07.220715 IP pub.40121 > dc1.ntp: NTPv4, Client, length 48 [10:31:08] 10:31:07.221019 IP\n" +
			"dc1.ntp > pub.40121: NTPv3,\nServer, length 48",
			[]string{"x.Capture.Server=dc1", "x.Capture.Asked=1", "x.Capture.Answered=1", "x.Capture.ServerVersion=3"}},
		{"reg query without blanks", "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config\nAnnounceFlags REG_DWORD 0xa\n",
			[]string{"x.WindowsTime.AnnounceFlags=10"}},
		{"reg query", "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config\n    AnnounceFlags    REG_DWORD    0xa\n",
			[]string{"x.WindowsTime.AnnounceFlags=10"}},
		{"reg query of a key as it was typed", "HKEY_LOCAL_MACHINE\\system\\currentcontrolset\\services\\w32time\\config\n" +
			"    LocalClockDispersion    REG_DWORD    0xa\n", []string{"x.WindowsTime.LocalClockDispersion=10"}},
		{"registry file", "Windows Registry Editor Version " +
			"5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config]\n\"AnnounceFlags\"=dword:0000000a\n\n" +
			"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters]\n\"Type\"=\"NT5DS\"\n",
			[]string{"x.WindowsTime.AnnounceFlags=10", "x.WindowsTime.Type=NT5DS"}},
		{"w32tm", "C:\\> w32tm /query /configuration\n[Configuration]\n\nEventLogFlags: 2 (Local)\nAnnounceFlags: 10 (Local)\n" +
			"MinPollInterval: 6 (Local)\n\nFrequencyCorrectRate: 4 (Local)\nLocalClockDispersion: 10 (Local)\n\n[TimeProviders]\n\n" +
			"NtpClient (Local)\nEnabled: 1 (Local)\nEventLogFlags: 1 (Local)\nType: NT5DS (Local)\n" +
			"NtpServer: time.example.com,0x8 (Local)\n\nNtpServer (Local)\nEnabled: 0 (Local)\n",
			[]string{"x.WindowsTime.AnnounceFlags=10", "x.WindowsTime.LocalClockDispersion=10", "x.WindowsTime.Type=NT5DS",
				"x.WindowsTime.Enabled=0"}},
		{"w32tm with other words in its brackets",
			"[Konfiguration]\n\nAnnounceFlags: 5 (Lokal)\nLocalClockDispersion: 0 (Lokal)\n\n[Zeitanbieter]\n\n" +
				"NtpClient (Lokal)\nEnabled: 0 (Lokal)\nType: NTP (Richtlinie)\n\nNtpServer (Lokal)\nEnabled: 1 (Lokal)\n",
			[]string{"x.WindowsTime.AnnounceFlags=5", "x.WindowsTime.LocalClockDispersion=0", "x.WindowsTime.Type=NTP",
				"x.WindowsTime.Enabled=1"}},
		{"notify", "admin:show tech notify\n -------------------- show platform notify --------------------\n\n38 I 17 P 2150 H 2150 T 2167 S " +
			"27 EPAS_SyncAgent[]:32958\n",
			[]string{"x.Notify.Client=EPAS_SyncAgent[]:32958", "x.Notify.Waiting=17", "x.Notify.Tail=2167"}},
		{"versions without Master", "Active Version: 9.1.2.10000-28\nInactive Version: 8.6.2.23900-10\n",
			[]string{"x.Version.Active=9.1.2.10000-28", "x.Version.Inactive=8.6.2.23900-10"}},
		{"administration page", "System version: 7.1.5.34900-7\n", []string{"x.Version.Active=7.1.5.34900-7"}},
		{"versions", "admin:show version active\nActive Master Version: 12.5.1.16900-48\nActive Version Installed Software " +
			"Options:\ncmterm-devicepack12.5.1.16131-1.cop\nadmin:show version inactive\nInactive Master Version: 14.0.15900-3\nNo Installed " +
			"Software Options Found.\n",
			[]string{"x.Version.Active=12.5.1.16900-48", "x.Version.Option=cmterm-devicepack12.5.1.16131-1.cop", "x.Version.Inactive=14.0.15900-3"}},
		{"status", "admin:show status\n\nHost Name          : pub\nProduct Ver        : 12.5.1.16900-48\nLicense MAC        : 00005e005340\n\n " +
			"  Total   Free   Used\nDisk/logging        69235000K        5315000K       60380000K (92%)\n",
			[]string{"pub.HostName=pub", "pub.Version.Product=12.5.1.16900-48", "pub.License.MAC=00005e005340", "pub.Disk.Name=logging",
				"pub.Disk.Used=92"}},
		{"hardware", "admin:show hardware\nHW Platform       : VMware Virtual Machine\nProcessors        : 2\n",
			[]string{"x.Hardware.Platform=VMware Virtual Machine", "x.Hardware.Processors=2"}},
		{"banner", "Command Line Interface is starting up, please wait ...\n\n   Welcome to the Platform Command Line Interface\n\nVMware " +
			"Installation:\n\t2 vCPU\nWARNING: DNS unreachable\n\nadmin:", []string{"x.Banner.VMware=yes", "x.Banner.DNS=WARNING: DNS unreachable"}},
		{"card", "admin:show network eth0 detail\nEthernet 0\nDHCP         : disabled       Status      : up\nIP Address   : 192.0.2.11     IP " +
			"Mask     : 255.255.255.000\nMAC Address  : 00:00:5E:00:53:40\n\nDNS\nPrimary  : 192.0.2.53         Secondary   : Not " +
			"Configured\nDomain   : hq.test\n",
			[]string{"x.Network.DHCP=disabled", "x.Network.Status=up", "x.Network.Address=192.0.2.11", "x.Network.MAC=00:00:5E:00:53:40",
				"x.Network.DNS.Primary=192.0.2.53", "x.Network.DNS.Secondary=Not Configured", "x.Network.Domain=hq.test"}},
		{"cluster", "admin:show network cluster\n" + cluster,
			[]string{"pub.Cluster.pub.Self=yes", "pub.Cluster.imp1.Product=cups", "pub.Cluster.imp1.Role=Subscriber",
				"pub.Cluster.imp1.Database=DBPub",
				"pub.Cluster.imp1.Authenticated=authenticated using TCP since Mon May 13 08:20:15 2019", "pub.Cluster.ServerTable=pub"}},
		{"connectivity", "admin:utils network connectivity 192.0.2.12\nRunning test, please wait ...\n..\nNetwork connectivity test with " +
			"192.0.2.12 failed.\n", []string{"x.Connectivity.Target=192.0.2.12", "x.Connectivity.Result=failed."}},
		{"host", "admin:utils network host sub1\nLocal Resolution:\nsub1 resolves locally to 192.0.2.12\n\nExternal Resolution:\nNo external " +
			"servers found\n", []string{"x.Resolution.Name=sub1", "x.Resolution.External=No external servers found"}},
		{"services", "admin:utils service list\nRequesting service status, please wait...\nSystem SSH [STARTED]\nA Cisco DB[STARTED]\nCisco " +
			"XCP Router[STOPPED]  Commanded Out of Service\nPrimary Node =true\n",
			[]string{"x.Service.System SSH=STARTED", "x.Service.A Cisco DB=STARTED", "x.Service.Cisco XCP Router=STOPPED",
				"x.Service.Cisco XCP Router.Reason=Commanded Out of Service", "x.Service.PrimaryNode=true"}},
		{"services, without line ends",
			"admin:utils service list Requesting service status, please wait... System SSH [STARTED] Cluster Manager [STARTED] Service Manager is " +
				"running Getting list of all services >> Return code = 0 A Cisco DB[STARTED] Cisco WebDialer Web Service[STOPPED] Service Not " +
				"Activated Cisco XCP Router[STARTING]",
			[]string{"x.Service.System SSH=STARTED", "x.Service.A Cisco DB=STARTED", "x.Service.Cisco WebDialer Web Service=STOPPED",
				"x.Service.Cisco XCP Router=STARTING"}},
		{"replication of 8.6", "admin:utils dbreplication runtimestate\nCluster Detailed View from pub (2 Servers):\nSERVER-NAME IP ADDRESS   " +
			"(msec) RPC? STATUS      QUEUE TABLES LOOP? (RTMT) & details\nsub1        192.0.2.12   0.166  No   Dropped     128   match  Yes   (4) " +
			"Setup Failed\n",
			[]string{"pub.Replication.sub1.Reached=No", "pub.Replication.sub1.Status=Dropped", "pub.Replication.sub1.Queue=128",
				"pub.Replication.sub1.Tables=match", "pub.Replication.sub1.State=4", "pub.Replication.sub1.Details=Setup Failed"}},
		{"replication with a server that does not answer", "admin:utils dbreplication runtimestate\nSERVER-NAME         IP ADDRESS        " +
			"(msec)    DbMon?    QUEUE    Group ID       (RTMT) & Details\nsub1    192.0.2.12   0.230         Y/Y/Y   0   (g_3)  (2) Setup " +
			"Completed\nsub2    192.0.2.13   Ping Failed   N/N/N   --  (g_4)  (-) Active-Dropped\n",
			[]string{"x.Replication.sub1.State=2", "x.Replication.sub2.Reached=N/N/N", "x.Replication.sub2.State=-"}},
		{"replication of a spreadsheet", "SERVER-NAME\tIP ADDRESS\t(msec)\tDbMon?\tQUEUE\tGroup ID\t(RTMT) & Details\nsub1\t192.0.2.12\t" +
			"0.230\tY/N/Y\t0\t(g_3)\t(3) Setup Failed\n", []string{"x.Replication.sub1.Reached=Y/N/Y", "x.Replication.sub1.State=3"}},
		{"services, with more on the line of a reason", "admin:utils service list\nCisco XCP Router[STARTED] Cisco XCP Message " +
			"Archiver[STOPPED] Service Not Activated Primary Node =true\nadmin:",
			[]string{"x.Service.Cisco XCP Message Archiver.Reason=Service Not Activated", "x.Service.PrimaryNode=true"}},
		{"replication without a prompt", "Server Time: Tue May 14 10:02:31 CDT 2019\n\nCluster Replication State: Replication status command " +
			"started at: 2018-05-14-09-40\n\nCluster Detailed View from pub (1 Servers):\n",
			[]string{"pub.Replication.ServerTime=Tue May 14 10:02:31 CDT 2019", "pub.Replication.CheckStarted=2018-05-14-09-40"}},
		{"replication without line ends", "Server Time: Tue May 14 10:02:31 CDT 2019 Cluster Replication State: BROADCAST SYNC Completed on 1 " +
			"servers at: 2013-09-26-15-18 Last Sync Result: SYNC COMPLETED 257 tables sync'ed out of 257 Sync Errors: 2 ERRORS DB Version: " +
			"ccm9_0_1_10000_9000 Cluster Detailed View from pub (2 Servers): SERVER-NAME IP ADDRESS (msec) RPC? STATUS QUEUE TABLES LOOP? (RTMT) " +
			"& details pub 192.0.2.11 0.052 Yes Connected 0 match Yes (3) PUB Setup Completed",
			[]string{"pub.Replication.Result=Sync Errors: 2 ERRORS", "pub.Version.Database=9.0.1.10000-9000", "pub.Replication.pub.State=3"}},
		{"replication of 12.5", "admin:utils dbreplication runtimestate\nServer Time: Tue May 14 10:02:31 CDT 2019\nCluster Replication State: " +
			"Replication status command started at: 2019-05-14-09-40\n     Replication status command COMPLETED 681 tables checked out of 681\n   " +
			"  No Errors or Mismatches found.\nDB Version: ccm10_5_2_15900_8\nCluster Detailed View from pub (2 Servers):\nSERVER-NAME         IP " +
			"ADDRESS        (msec)    DbMon?    QUEUE    Group ID       (RTMT) & Details\npub                 192.0.2.11        0.013     Y/Y/Y   " +
			"  0        (g_2)          (2) Setup Completed\n",
			[]string{"pub.Replication.ServerTime=Tue May 14 10:02:31 CDT 2019", "pub.Replication.CheckStarted=2019-05-14-09-40",
				"pub.Replication.Result=No Errors or Mismatches found.", "pub.Version.Database=10.5.2.15900-8",
				"pub.Replication.pub.Reached=Y/Y/Y", "pub.Replication.pub.State=2", "pub.Replication.Servers=2"}},
		{"tests", "admin:utils diagnose test\ntest - disk_space          : Passed (available: 1760 MB)\nskip - disk_files          : This " +
			"module\ntest - validate_network    : Reverse DNS lookup failed\n",
			[]string{"x.Diagnose.disk_space=Passed (available: 1760 MB)", "x.Diagnose.validate_network=Reverse DNS lookup failed"}},
		{"tests without line ends", "Log file: platform/log/diag1.log Starting diagnostic test(s) =========================== test - raid " +
			": Passed test - ntp_reachability : Failed skip - disk_files : This module must be run directly Diagnostics Completed",
			[]string{"x.Diagnose.raid=Passed", "x.Diagnose.ntp_reachability=Failed"}},
		{"host without line ends", "admin:utils network host sub1 Local Resolution: sub1 resolves locally to 192.0.2.12 External Resolution: " +
			"No external servers found\nadmin:",
			[]string{"x.Resolution.Name=sub1", "x.Resolution.Local=sub1 resolves locally to 192.0.2.12",
				"x.Resolution.External=No external servers found"}},
		{"certificates", "admin:show cert list own\ntomcat/tomcat.pem: Self-signed certificate generated by system\n",
			[]string{"x.Certificate.Listed=tomcat/tomcat.pem"}},
		{"a certificate", "admin:show cert own tomcat/tomcat.pem\n[\n  Version: V3\n  SignatureAlgorithm: SHA1withRSA (1.2)\n  Issuer Name: " +
			"L=B, CN=ca, O=H\n  Validity From: Mon Mar 04 10:15:02 CET 2013\n           To:   Sat Mar 03 10:15:01 CET 2018\n  Subject Name: L=B, " +
			"CN=imp1.hq.test, O=H\n]\n",
			[]string{"x.Certificate.Unit=tomcat", "x.Certificate.From=Mon Mar 04 10:15:02 CET 2013", "x.Certificate.To=Sat Mar 03 10:15:01 CET 2018",
				"x.Certificate.Name=imp1.hq.test", "x.Certificate.Issuer=ca"}},
		{"certificates without their commands", oneCertificate("one", "ca1", 2018) + oneCertificate("two", "ca2", 2019) +
			oneCertificate("three", "ca3", 2020), []string{
			"x.Certificate.Name=one", "x.Certificate.To=Sat Mar 03 10:15:01 CET 2018",
			"x.Certificate.Name=two", "x.Certificate.To=Sat Mar 03 10:15:01 CET 2019", "x.Certificate.Issuer=ca2",
			"x.Certificate.Name=three", "x.Certificate.To=Sat Mar 03 10:15:01 CET 2020", "x.Certificate.Issuer=ca3"}},
		{"licence", "INCREMENT PHONE_UNIT cisco 6.0 permanent uncounted \\\n        " +
			"VENDOR_STRING=<Count>1000</Count><OrigMacId>00005E005310</O rigMacId><LicFileVersion>1.0</LicFileVersion> \\\n        " +
			"HOSTID=00005e005310 \\\n        NOTICE=\"<LicFileID>1</LicFileID>\" SIGN=\"112D 17E4\"\n",
			[]string{"x.Licence.Feature=PHONE_UNIT", "x.Licence.Version=6.0", "x.Licence.Expiry=permanent", "x.Licence.Count=1000",
				"x.Licence.OrigMac=00005E005310", "x.Licence.HostID=00005e005310", "x.Licence.Sign=112D 17E4"}},
		{"history", "admin:file view install system-history.log\n05/14/2022 10:02:31 | root: Boot 12.5.1.16900-48 Start\n",
			[]string{"x.History.Event=Boot", "x.History.Time=05/14/2022 10:02:31"}},
		{"history without line ends", "======================================= Product Name - Cisco Unified Communications Manager Product " +
			"Version - 10.5.2.15900-8 ======================================= 09/13/2019 15:29:01 | root: Boot 10.5.2.15900-8 Start 09/13/2019 " +
			"16:55:24 | root: Boot 10.5.2.15900-8 Start", []string{"x.History.Time=09/13/2019 15:29:01", "x.History.Time=09/13/2019 16:55:24"}},
		{"phone", "NOT 14:02:55.127415 DHCP: NAK received\n", []string{"x.Phone.DHCP=NAK received"}},
		{"alarm", `Reason: SIP;cause=200;text="cisco-alarm:13 Name=SEP00005E005344 Last=KeepaliveTO"`,
			[]string{"x.Phone.Cause=KeepaliveTO", "x.Phone.Name=SEP00005E005344"}},
		{"unregistered", "Oct  5 03:14:20 pub local7 3 ccm: 310: %CCM_CALLMANAGER-3-DeviceUnregistered: Device Name.:SEP00005E005344 Reason " +
			"Code [Optional].:8 App ID:Cisco\n", []string{"x.Phone.Reset=Oct  5 03:14:20", "x.Phone.Name=SEP00005E005344", "x.Phone.Reason=8"}},
		{"unregistered, as later releases print it", "31 pub local7 3 : 41679: pub.hq.test: Jul 02 2015 06:22:31 UTC :   %UC_CALLMANAGER-3-" +
			"EndPointUnregistered: %[DeviceName=SEP00005E005344][IPAddress=192.0.2.144][Protocol=SCCP][Reason=13][IPAddrAttributes=0]\n",
			[]string{"x.Phone.Reset=Jul 02 2015 06:22:31", "x.Phone.Name=SEP00005E005344", "x.Phone.Reason=13"}},
		{"lease", "ip dhcp pool VOICE\n lease 1 12\n", []string{"x.Phone.Lease=129600"}},
		{"refused", "hw_validation: checking RAID controller ... failed: expected ServeRAID-8k, found none\n",
			[]string{"x.Hardware.Refused=RAID controller"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !appliance.Looks(tt.text) {
				t.Error("it does not look like evidence")
			}
			got := read(t, "x.txt", tt.text)
			for _, w := range tt.want {
				if !contains(got, w) {
					t.Errorf("no %s in\n%s", w, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// What a terminal adds changes nothing of what is read.
// Two outputs of a command without a prompt before either: each is one, and the last one counts.
func TestTwoOutputsWithoutAPrompt(t *testing.T) {
	const unsynchronised = "ntpd (pid 7) is running...\n\nunsynchronised\n  time server re-starting\n"
	for _, tt := range []struct {
		name, text string
		want       int // outputs
	}{
		{"time", unsynchronised + "\nafter a restart:\n\nntpd (pid 1) is running...\n\n" + peers, 2},
		{"time, only the tables", peers + "\n" + peers, 2},
		{"time after the prompt", "admin:utils ntp status\n" + unsynchronised + "\nntpd (pid 1) is running...\n\n" + peers, 2},
		{"one output", "ntpd (pid 1) is running...\n\n" + peers, 1},
		{"queues", "32 I 0 P 8 H 8 T 8 S 80 ccm\n" +
			"38 I 3 P 9 H 9 T 12 S 27 A[]:1\n\n32 I 0 P 8 H 8 T 8 S 80 ccm\n38 I 5 P 9 H 9 T 14 S 27 A[]:1\n", 2},
		{"queues with tabs", "admin:show tech notify\n32\tI\t0\tP\t8\tH\t8\tT\t8\tS\t80\tccm\n", 1},
		{"versions", "Active Master Version: 12.5.1.14900-63\nActive Version Installed Software Options:\n" +
			"No Installed Software Options Found.\n\nActive Master Version: 12.5.1.16900-48\n", 2},
		{"nodes", "Host Name          : pub\nProduct Ver        : 12.5.1.16900-48\n\n" +
			"Host Name          : sub1\nProduct Ver        : 12.5.1.14900-63\n", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outputs := 0
			err := appliance.Scan("x.txt", tt.text).Read(func(p *appliance.Property) error {
				if p.Field == appliance.Command {
					outputs++
				}
				return nil
			})
			if err != nil || outputs != tt.want {
				t.Errorf("%d outputs, want %d (%v)", outputs, tt.want, err)
			}
		})
	}
	const nodes = "Host Name : pub\nProduct Ver : 12.5.1.16900-48\n\nHost Name : sub1\nProduct Ver : 12.5.1.14900-63\n"
	got := strings.Join(read(t, "x.txt", nodes), " ")
	if want := "pub.HostName=pub pub.Version.Product=12.5.1.16900-48 sub1.HostName=sub1 sub1.Version.Product=12.5.1.14900-63"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What looks like a value that is judged, but is none.
func TestNoValues(t *testing.T) {
	const licensing = "Smart Licensing is ENABLED\n\nRegistration:\n  Status: UNREGISTERED\n\nLicense Usage\n=============\n"
	for _, tt := range []struct {
		name, text string
		want       string
	}{
		{"the mode that a registered node has left", "admin:show license all\nEvaluation Period:\n  Evaluation Mode: Not In Use\n" +
			"  EVALUATION PERIOD EXPIRED on Nov 9 23:46:35 2017 IST\n", ""},
		{"the mode of a node", "admin:show license all\nEvaluation Period:\n  Evaluation Mode: In Use\n", "x.Licence.State=Evaluation Mode"},
		{"licensing of a router", licensing + " (regid.2016-01.com.cisco.ISR_4331,1.0_a1)\n", ""},
		{"licensing of a call manager", licensing + " (regid.2016-07.com.cisco.UCM_Basic,12.0_a1)\n", "x.Licence.State=UNREGISTERED"},
		{"another service of Windows", "" +
			"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters\n    Type    REG_SZ    NTP\n\n" +
			"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Wcmsvc\n    Type    REG_DWORD    0x20\n", "x.WindowsTime.Type=NTP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(read(t, "x.txt", tt.text), " "); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestDamageIsUndone(t *testing.T) {
	text := "admin:show network cluster\n" + cluster + "\nadmin:utils ntp status\nntpd (pid 1) is running...\n\n" + peers + "admin:"
	want := strings.Join(read(t, "x", text), "\n")
	const pager = "Press <enter> for 1 line, <space> for one page, or <q> to quit"
	for name, damaged := range map[string]string{
		"CR LF":                        strings.ReplaceAll(text, "\n", "\r\n"),
		"colours":                      "\x1b[0m" + strings.ReplaceAll(text, "pub", "\x1b[1mpub\x1b[0m"),
		"a window title":               "\x1b]0;admin@pub\x07" + text,
		"a pager before a row":         strings.Replace(text, "*192.0.2.10", pager+"*192.0.2.10", 1),
		"a pager that is wiped":        strings.Replace(text, "*192.0.2.10", "\x1b[1m"+pager+"\x1b[0m\r\x1b[K*192.0.2.10", 1),
		"a pager on a line of its own": strings.Replace(text, "*192.0.2.10", pager+"\n*192.0.2.10", 1),
		"a pager of file view": strings.Replace(text, "*192.0.2.10",
			"\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines 61 - 80 of 207554) : \r\n*192.0.2.10", 1),
		"a blank after the prompt":    strings.ReplaceAll(text, "admin:", "admin: "),
		"a prompt stuck to an output": strings.Replace(text, "\n\nadmin:utils", "admin:utils", 1),
		"a corrected command":         strings.Replace(text, "admin:utils", "admin:utisl\b\b\x7fils", 1),
		"without prompts": strings.NewReplacer("admin:show network cluster\n", "", "admin:utils ntp status\n", "", "admin:",
			"").Replace(text),
		"headers of a script": strings.NewReplacer("admin:show network cluster\n", "#####show network cluster#####\n", "admin:utils ntp status\n",
			"=== utils ntp status ===\n", "admin:", "").Replace(text),
	} {
		if got := strings.Join(read(t, "x", damaged), "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestNodesOfASession(t *testing.T) {
	ntp := "admin:utils ntp status\nunsynchronised\n"
	status := func(name string) string { return "admin:show status\nHost Name          : " + name + "\n" }
	login := "Command Line Interface is starting up, please wait ...\n\n   Welcome to the Platform Command Line Interface\n\n"
	for _, tt := range []struct{ name, text, want string }{
		{"the name comes first", status("pub") + ntp + status("sub1") + ntp, "pub sub1"},
		{"the name comes last, a login divides", login + ntp + status("pub") + login + ntp + status("sub1"), "pub sub1"},
		{"the own row", "admin:show network cluster\n" + cluster + ntp, "pub"},
		{"nothing says it", ntp, "imp2"},
	} {
		var nodes []string
		for _, b := range appliance.Scan("evidence/imp2.txt", tt.text).Blocks {
			if b.Command == "utils ntp status" {
				nodes = append(nodes, b.Node)
			}
		}
		if got := strings.Join(nodes, " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Web pages fold a session to one line.
func TestPromptsInOneLine(t *testing.T) {
	var out []string
	text := "admin:utils ntp status unsynchronised admin:show version active Active Master Version: 8.6.2.20000-2 admin:"
	s := appliance.Scan("x", text)
	for _, b := range s.Blocks {
		out = append(out, b.Command+":"+strings.TrimSpace(text[b.Start:b.End]))
	}
	if got := strings.Join(out, "|"); got != "utils ntp status:unsynchronised|show version active:Active Master Version: 8.6.2.20000-2" {
		t.Error(got)
	}
}

// Of one command on one node the last two outputs are read, however long the session is.
func TestALongSessionIsReadFromItsEnd(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "admin:show tech notify\n38 I %d P 1 H 1 T 1 S 27 EPAS_SyncAgent[]:1\n", i)
	}
	got := strings.Join(read(t, "x", b.String()), " ")
	if strings.Contains(got, "Waiting=47") || !strings.Contains(got, "Waiting=48") || !strings.Contains(got, "Waiting=49") {
		t.Error(got)
	}
}

// FuzzRead feeds anything to the reader. Places must be in the text, and values must not be longer than what they are made of.
func FuzzRead(f *testing.F) {
	seeds, err := filepath.Glob("../../fixtures/rules/NTP*/*/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("\x1b[0madmin:show network cluster\r\n" + cluster + "Press <enter> for 1 line, <space> for one page, or <q> to quitadmin:")
	f.Fuzz(func(t *testing.T, text string) {
		appliance.Looks(text)
		s := appliance.Scan("x", text)
		at := 0
		for i := range s.Blocks {
			b := &s.Blocks[i]
			if b.At < at || b.Start < b.At || b.End < b.Start || b.End > len(text) {
				t.Fatalf("block %d: %d %d %d of %d", i, b.At, b.Start, b.End, len(text))
			}
			at = b.At
		}
		read(t, "x", text)
	})
}
