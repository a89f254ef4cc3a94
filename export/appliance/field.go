package appliance

// A Field says what a value is.
type Field uint8

// The fields.
const (
	Command Field = iota

	NtpDaemon
	NtpSource
	NtpTally
	NtpRefid
	NtpStratum
	NtpType
	NtpWhen
	NtpPoll
	NtpReach
	NtpDelay
	NtpOffset
	NtpJitter
	NtpSynchronised
	NtpOwnStratum
	NtpServer

	CaptureServer
	CaptureClient
	CaptureAsked
	CaptureAnswered
	CaptureClientVersion
	CaptureServerVersion
	CaptureStratum

	WindowsTimeEnabled
	WindowsTimeType
	WindowsTimeAnnounceFlags
	WindowsTimeDispersion

	NotifyClient
	NotifyWaiting
	NotifyProcessed
	NotifyHead
	NotifyTail
	NotifySubscribed

	VersionActive
	VersionInactive
	VersionOption
	VersionInactiveOption
	VersionProduct
	VersionDatabase

	HostName
	Clock
	LicenseMAC
	DiskName
	DiskUsed
	DiskFree

	HardwarePlatform
	HardwareProcessors
	HardwareRefused
	HardwareAccepted
	BannerVMware
	BannerDNS

	CardDHCP
	CardStatus
	CardAddress
	CardLink
	CardMode
	CardDuplicate
	CardMAC
	CardDNS1
	CardDNS2
	CardDomain

	MemberAddress
	MemberName
	MemberHost
	Role
	MemberProduct
	MemberDatabase
	MemberAuthenticated
	MemberSelf
	ServerTableEntry

	ConnectivityTarget
	ConnectivityResult
	HostQuery
	HostLocal
	HostExternal

	Service
	ServiceName
	ServiceReason
	ServicePrimary

	ReplicationView
	ReplicationServers
	ReplicationTime
	ReplicationStarted
	ReplicationResult
	ReplicationActivity
	ReplicationServer
	ReplicationAddress
	ReplicationRPC
	ReplicationStatus
	ReplicationQueue
	ReplicationTables
	ReplicationState
	ReplicationDetails

	TestName
	TestResult

	CertListed
	CertIssued
	CertUnit
	CertName
	CertIssuer
	CertFrom
	CertTo
	CertAlgorithm
	CertAlternatives

	LicenceFeature
	LicenceVersion
	LicenceExpiry
	LicenceCount
	LicenceOrigMAC
	LicenceHostID
	LicenceSign
	LicenceState

	HistoryEvent
	HistoryTime

	PhoneDHCP
	PhoneTime
	PhoneCause
	PhoneReset
	PhoneResetReason
	PhoneName
	LeaseSeconds

	SyncAgentPublisher

	// NumFields bounds arrays that a Field indexes.
	NumFields
)

// A Row says what a field is called and means.
type Row struct {
	// Name after "Appliance.NODE.". "{name}" stands for what the record is about.
	Name    string
	Meaning string
	// Secret values must never be shown.
	Secret bool
	// Passing values differ from one minute to the next: their change says nothing.
	Passing bool
}

var rows = [NumFields]Row{
	Command: {Name: "Command", Passing: true, Meaning: "Command whose output follows."},

	NtpDaemon:       {Name: "Ntp.Daemon", Meaning: "Time service that runs: ntpd or chronyd; none if no time service runs."},
	NtpSource:       {Name: "Ntp.Source", Meaning: "Time source that the node queries."},
	NtpTally:        {Name: "Ntp.Tally", Meaning: "Sign before a source: * is the selected one (^* for chronyd)."},
	NtpRefid:        {Name: "Ntp.Refid", Meaning: "Time source that this source uses itself."},
	NtpStratum:      {Name: "Ntp.Stratum", Meaning: "Stratum of the source. The stratum of the node is one more."},
	NtpType:         {Name: "Ntp.Type", Meaning: "Kind of the source: l local clock, u unicast."},
	NtpWhen:         {Name: "Ntp.When", Passing: true, Meaning: "Time since the last answer."},
	NtpPoll:         {Name: "Ntp.Poll", Passing: true, Meaning: "Seconds between two requests."},
	NtpReach:        {Name: "Ntp.Reach", Passing: true, Meaning: "The last eight polls, an octal number: 377 means that all were answered."},
	NtpDelay:        {Name: "Ntp.Delay", Passing: true, Meaning: "Time to the source and back, in ms."},
	NtpOffset:       {Name: "Ntp.Offset", Passing: true, Meaning: "Difference between the clocks, in ms."},
	NtpJitter:       {Name: "Ntp.Jitter", Passing: true, Meaning: "Variation of the offset, in ms."},
	NtpSynchronised: {Name: "Ntp.Synchronised", Meaning: "Source that the node is synchronised to; no if it is not synchronised."},
	NtpOwnStratum:   {Name: "Ntp.OwnStratum", Meaning: "Stratum of the node itself."},

	NtpServer: {Name: "Ntp.Server", Meaning: "Time server that is configured on the node."},

	CaptureServer:        {Name: "Capture.Server", Meaning: "Time server in a packet capture."},
	CaptureClient:        {Name: "Capture.Client", Meaning: "Computer that queries the time server."},
	CaptureAsked:         {Name: "Capture.Asked", Passing: true, Meaning: "Requests in the capture."},
	CaptureAnswered:      {Name: "Capture.Answered", Passing: true, Meaning: "Answers in the capture."},
	CaptureClientVersion: {Name: "Capture.ClientVersion", Meaning: "NTP version of the request."},
	CaptureServerVersion: {Name: "Capture.ServerVersion", Meaning: "NTP version of the answer."},
	CaptureStratum:       {Name: "Capture.Stratum", Meaning: "Stratum in the answer."},

	WindowsTimeEnabled:       {Name: "WindowsTime.Enabled", Meaning: "TimeProviders\\NtpServer, Enabled of the Windows Time service."},
	WindowsTimeType:          {Name: "WindowsTime.Type", Meaning: "Parameters, Type of the Windows Time service."},
	WindowsTimeAnnounceFlags: {Name: "WindowsTime.AnnounceFlags", Meaning: "Config, AnnounceFlags of the Windows Time service."},
	WindowsTimeDispersion:    {Name: "WindowsTime.LocalClockDispersion", Meaning: "Config, LocalClockDispersion of the Windows Time service."},

	NotifyClient:     {Name: "Notify.Client", Meaning: "Client of the change notification."},
	NotifyWaiting:    {Name: "Notify.Waiting", Passing: true, Meaning: "Changes that wait for the client (I)."},
	NotifyProcessed:  {Name: "Notify.Processed", Passing: true, Meaning: "Changes that the client has processed (P)."},
	NotifyHead:       {Name: "Notify.Head", Passing: true, Meaning: "Head of the queue (H)."},
	NotifyTail:       {Name: "Notify.Tail", Passing: true, Meaning: "Tail of the queue (T)."},
	NotifySubscribed: {Name: "Notify.Subscribed", Meaning: "Tables that the client is subscribed to (S)."},

	VersionActive:         {Name: "Version.Active", Meaning: "Release of the active partition."},
	VersionInactive:       {Name: "Version.Inactive", Meaning: "Release of the inactive partition."},
	VersionOption:         {Name: "Version.Option", Meaning: "COP file that is installed on the active partition."},
	VersionInactiveOption: {Name: "Version.InactiveOption", Meaning: "COP file that is installed on the inactive partition."},
	VersionProduct:        {Name: "Version.Product", Meaning: "Release in the output of show status."},
	VersionDatabase:       {Name: "Version.Database", Meaning: "Release in the database."},

	HostName:   {Name: "HostName", Meaning: "Host name of the node."},
	Clock:      {Name: "Clock", Passing: true, Meaning: "Date and time of the node when the output was taken."},
	LicenseMAC: {Name: "License.MAC", Meaning: "License MAC of a virtual node."},
	DiskName:   {Name: "Disk.Name", Meaning: "Partition."},
	DiskUsed:   {Name: "Disk.Used", Meaning: "Used space of the partition, in percent."},
	DiskFree:   {Name: "Disk.Free", Passing: true, Meaning: "Free space of the partition, in KB."},

	HardwarePlatform:   {Name: "Hardware.Platform", Meaning: "Model of the server."},
	HardwareProcessors: {Name: "Hardware.Processors", Meaning: "Number of processors."},
	HardwareRefused:    {Name: "Hardware.Refused", Meaning: "Part that the hardware check of the installer rejects."},
	HardwareAccepted:   {Name: "Hardware.Accepted", Meaning: "Part that the hardware check of the installer accepts."},
	BannerVMware:       {Name: "Banner.VMware", Meaning: "The banner says that the node is virtual."},
	BannerDNS:          {Name: "Banner.DNS", Meaning: "Warning of the banner about DNS."},

	CardDHCP:      {Name: "Network.DHCP", Meaning: "Whether the network card uses DHCP."},
	CardStatus:    {Name: "Network.Status", Meaning: "Whether the network card is up."},
	CardAddress:   {Name: "Network.Address", Meaning: "Address of the node."},
	CardLink:      {Name: "Network.Link", Meaning: "Whether the card has a link."},
	CardMode:      {Name: "Network.Mode", Meaning: "Negotiation, duplex mode and speed."},
	CardDuplicate: {Name: "Network.DuplicateIP", Meaning: "Whether another computer has the address."},
	CardMAC:       {Name: "Network.MAC", Meaning: "MAC address of the card."},
	CardDNS1:      {Name: "Network.DNS.Primary", Meaning: "First DNS server."},
	CardDNS2:      {Name: "Network.DNS.Secondary", Meaning: "Second DNS server."},
	CardDomain:    {Name: "Network.Domain", Meaning: "DNS domain of the node."},

	MemberAddress: {Name: "Cluster.{name}.Address", Meaning: "Address of a node of the cluster."},
	MemberName:    {Name: "Cluster.{name}.Name", Meaning: "Full name of a node of the cluster."},
	MemberHost:    {Name: "Cluster.{name}.Host", Meaning: "Host name of a node of the cluster."},
	Role: {Name: "Cluster.{name}.Role",
		Meaning: "Publisher or Subscriber. Publisher here is always the one of the call manager; see Database."},
	MemberProduct:       {Name: "Cluster.{name}.Product", Meaning: "callmanager or cups."},
	MemberDatabase:      {Name: "Cluster.{name}.Database", Meaning: "DBPub or DBSub: publisher or subscriber of the product's own database."},
	MemberAuthenticated: {Name: "Cluster.{name}.Authenticated", Meaning: "What the cluster manager reports about the node."},
	MemberSelf:          {Name: "Cluster.{name}.Self", Meaning: "This row is the node on which the command ran."},
	ServerTableEntry:    {Name: "Cluster.ServerTable", Meaning: "Name of a node in the server table (processnode)."},

	ConnectivityTarget: {Name: "Connectivity.Target", Meaning: "Node that was tested."},
	ConnectivityResult: {Name: "Connectivity.Result", Meaning: "Result of the test."},
	HostQuery:          {Name: "Resolution.Name", Meaning: "Name or address that was resolved."},
	HostLocal:          {Name: "Resolution.Local", Meaning: "Answer of the hosts file."},
	HostExternal:       {Name: "Resolution.External", Meaning: "Answer of the DNS servers."},

	Service:        {Name: "Service.{name}", Meaning: "State of a service."},
	ServiceName:    {Name: "Service.{name}.Name", Meaning: "Name of a service as the output shows it."},
	ServiceReason:  {Name: "Service.{name}.Reason", Meaning: "Why a service does not run."},
	ServicePrimary: {Name: "Service.PrimaryNode", Meaning: "Whether the node is the first one of its product."},

	ReplicationView:     {Name: "Replication.View", Meaning: "Node whose view of the replication follows."},
	ReplicationServers:  {Name: "Replication.Servers", Meaning: "Number of servers in the view."},
	ReplicationTime:     {Name: "Replication.ServerTime", Passing: true, Meaning: "Clock of the node."},
	ReplicationStarted:  {Name: "Replication.CheckStarted", Passing: true, Meaning: "Start of the last check of the tables."},
	ReplicationResult:   {Name: "Replication.Result", Meaning: "Result of the last check of the tables."},
	ReplicationActivity: {Name: "Replication.Activity", Passing: true, Meaning: "What the replication does now."},
	ReplicationServer:   {Name: "Replication.{name}.Server", Meaning: "Server in the view."},
	ReplicationAddress:  {Name: "Replication.{name}.Address", Meaning: "Address of a server in the view."},
	ReplicationRPC: {Name: "Replication.{name}.Reached",
		Meaning: "Whether the database, RPC and the monitor of a server can be reached."},
	ReplicationStatus:  {Name: "Replication.{name}.Status", Meaning: "Connection to a server."},
	ReplicationQueue:   {Name: "Replication.{name}.Queue", Passing: true, Meaning: "Changes that wait for a server."},
	ReplicationTables:  {Name: "Replication.{name}.Tables", Meaning: "Whether the tables of a server match."},
	ReplicationState:   {Name: "Replication.{name}.State", Meaning: "State of the replication of a server: 2 is good."},
	ReplicationDetails: {Name: "Replication.{name}.Details", Meaning: "Text after the state."},

	TestName:   {Name: "Diagnose.{name}.Name", Meaning: "Test of utils diagnose."},
	TestResult: {Name: "Diagnose.{name}", Meaning: "Result of the test."},

	CertListed:       {Name: "Certificate.Listed", Meaning: "Certificate in a list, which has no dates."},
	CertIssued:       {Name: "Certificate.Issued", Meaning: "Who issued a certificate in a list."},
	CertUnit:         {Name: "Certificate.Unit", Meaning: "Service that uses the certificate."},
	CertName:         {Name: "Certificate.Name", Meaning: "Common name of the certificate."},
	CertIssuer:       {Name: "Certificate.Issuer", Meaning: "Issuer of the certificate."},
	CertFrom:         {Name: "Certificate.From", Meaning: "Start of the certificate's validity."},
	CertTo:           {Name: "Certificate.To", Meaning: "End of the certificate's validity."},
	CertAlternatives: {Name: "Certificate.Alternatives", Meaning: "Other DNS names of the certificate."},
	CertAlgorithm:    {Name: "Certificate.Algorithm", Meaning: "Algorithm of the certificate's signature."},

	LicenceFeature: {Name: "Licence.Feature", Meaning: "Feature in a line of a licence file."},
	LicenceVersion: {Name: "Licence.Version", Meaning: "Major release that the line is for."},
	LicenceExpiry:  {Name: "Licence.Expiry", Meaning: "permanent, or the day on which the licence ends."},
	LicenceCount:   {Name: "Licence.Count", Meaning: "Units of the licence."},
	LicenceOrigMAC: {Name: "Licence.OrigMac", Meaning: "MAC that the licence was ordered for."},
	LicenceHostID:  {Name: "Licence.HostID", Meaning: "MAC that the licence is locked to."},
	LicenceSign:    {Name: "Licence.Sign", Meaning: "Signature of the licence line.", Secret: true},
	LicenceState:   {Name: "Licence.State", Meaning: "State of smart licensing."},

	HistoryEvent: {Name: "History.Event", Passing: true, Meaning: "Boot, Restart, Shutdown and similar entries in the system history."},
	HistoryTime:  {Name: "History.Time", Passing: true, Meaning: "Time of the event."},

	PhoneDHCP:        {Name: "Phone.DHCP", Passing: true, Meaning: "What the DHCP client of a phone logs."},
	PhoneTime:        {Name: "Phone.Time", Passing: true, Meaning: "Time of day of a line in the log of a phone."},
	PhoneCause:       {Name: "Phone.Cause", Passing: true, Meaning: "Why a phone restarted, as it reports itself."},
	PhoneReset:       {Name: "Phone.Reset", Passing: true, Meaning: "Time at which a phone was unregistered."},
	PhoneResetReason: {Name: "Phone.Reason", Passing: true, Meaning: "Reason code of a phone that was unregistered."},
	PhoneName:        {Name: "Phone.Name", Meaning: "Device name of a phone."},
	LeaseSeconds:     {Name: "Phone.Lease", Meaning: "Lease time of the phones' DHCP pool, in seconds."},

	SyncAgentPublisher: {Name: "SyncAgent.Publisher", Meaning: "Call manager publisher in the settings of the Sync Agent (ccmpublisherip)."},
}

// String is the name after "Appliance.NODE.".
func (f Field) String() string { return rows[f].Name }

// Row returns the row of the field.
func (f Field) Row() *Row { return &rows[f] }
