package export

// The keys. Their numbers mean nothing outside of a process.
const (
	NoKey KeyID = iota
	PresencePrimaryAddress
	PresencePrimaryPort
	PresencePrimaryProtocol
	PresenceBackupAddress
	PresenceBackupPort
	PresenceBackupProtocol
	PresenceBackup2Address
	PresenceBackup2Port
	PresenceBackup2Protocol
	PresenceDomain
	PresenceEnableGlobal
	IMEnable
	IMAllowCutAndPaste
	IMAllowLocalTranscript
	OfflineIMSuppress
	PhoneDNDEnable
	MeetingDNDEnable
	CalendarPrimary
	CalendarBackup
	CUPProxyUDPListenerPort
	CUPProxyTCPListenerPort
	CUPProxyTLSListenerPeerAuthPort
	CUPProxyTLSListenerServerAuthPort
	CUPSRMLowerFailoverLoginRetryLimit
	CUPSRMUpperFailoverLoginRetryLimit
	CallControlPrimaryAddress
	CallControlPrimaryPort
	CallControlPrimaryProtocol
	CallControlBackup1Address
	CallControlBackup1Port
	CallControlBackup1Protocol
	CallControlBackup2Address
	CallControlBackup2Port
	CallControlBackup2Protocol
	CallControlEnabled
	CCMCIPHost
	CCMCIPHostBackup
	TFTPPrimary
	TFTPBackup1
	TFTPBackup2
	DirectoryPrimaryAddress
	DirectoryPrimaryPort
	DirectoryPrimaryProtocol
	DirectoryBackup1Address
	DirectoryBackup1Port
	DirectoryBackup1Protocol
	DirectoryBackup2Address
	DirectoryBackup2Port
	DirectoryBackup2Protocol
	DirectoryConfigurationName
	DirectoryDN
	DirectoryPassword
	DirectoryAnonymousBind
	DirectorySearchContext1
	DirectorySearchRecursive1
	DirectorySearchContext2
	DirectorySearchRecursive2
	DirectorySearchContext3
	DirectorySearchRecursive3
	DirectoryType
	DirectoryForestDomain
	DirectoryClientCount
	DirectoryRetryInterval
	DirectoryAttributeUserID
	DirectoryAttributeFirstName
	DirectoryAttributeLastName
	DirectoryAttributeDisplayName
	DirectoryAttributeCommonName
	DirectoryAttributeNickname
	DirectoryAttributeMail
	DirectoryAttributeSipUri
	DirectoryAttributeBusinessPhone
	DirectoryAttributeMobilePhone
	DirectoryAttributeHomePhone
	DirectoryAttributeOtherPhone
	DirectoryAttributeTitle
	DirectoryAttributeCompany
	DirectoryAttributeDepartment
	DirectoryAttributeLocation
	DirectoryAttributePostalCode
	DirectoryAttributeCity
	DirectoryAttributeState
	DirectoryAttributeStreetAddress
	DirectoryAttributePhoto
	VoiceMailPrimaryAddress
	VoiceMailPrimaryPort
	VoiceMailPrimaryProtocol
	VoiceMailBackup1Address
	VoiceMailBackup1Port
	VoiceMailBackup1Protocol
	VoiceMailBackup2Address
	VoiceMailBackup2Port
	VoiceMailBackup2Protocol
	VoiceMailPrimarySecureMessagingPort
	VoiceMailPrimarySecureMessagingProtocol
	VoiceMailBackup1SecureMessagingPort
	VoiceMailBackup1SecureMessagingProtocol
	VoiceMailBackup2SecureMessagingPort
	VoiceMailBackup2SecureMessagingProtocol
	VoiceMailPilotNumber
	VoiceMailServerType
	MailStorePrimaryAddress
	MailStorePrimaryPort
	MailStorePrimaryProtocol
	MailStoreBackup1Address
	MailStoreBackup1Port
	MailStoreBackup1Protocol
	MailStoreBackup2Address
	MailStoreBackup2Port
	MailStoreBackup2Protocol
	MailStoreServerType
	MailStoreInboxFolderName
	MailStorePollingInterval
	MeetingPlacePrimaryAddress
	MeetingPlacePrimaryPort
	MeetingPlacePrimaryProtocol
	MeetingPlaceBackup1Address
	MeetingPlaceBackup1Port
	MeetingPlaceBackup1Protocol
	MeetingPlaceBackup2Address
	MeetingPlaceBackup2Port
	MeetingPlaceBackup2Protocol
	MeetingPlacePrimaryServerType
	MeetingPlaceBackup1ServerType
	MeetingPlaceBackup2ServerType
	MeetingPlacePrimarySiteID
	MeetingPlacePrimaryPartnerID
	MeetingPlaceCertLevel
	SecurityCertificateDirectory
	SecurityWebConfServiceCredentialsSource
	SecurityVoicemailServiceCredentialsSource
	AdhocSubscriptionsEnabled
	AdhocSubscriptionsMaxNum
	AdhocSubscriptionsTTL
	ClientVersion
	ClientGeneration
	ClientAddress
	UserID
	UserDigestCredential
	UserPassword
	SIPProxyDomain
	SIPProxyAuthenticationModule
	SIPProxyIncomingACL
	SIPProxyAlias
	SIPProxyStaticRouteDestination
	SIPProxyStaticRouteType
	SIPProxyStaticRouteNextHop
	SIPProxyStaticRoutePort
	SIPProxyStaticRouteProtocol
	SIPProxyStaticRoutePriority
	SIPProxyStaticRouteWeight
	ClusterNodeName
	ClusterNodeAddress
	ClusterNodeRole
	NetworkDNSDomain
	NetworkNameResolution
	NetworkDNSServer
	CUCMLDAPAuthenticationEnabled
	CUCMLDAPAuthenticationDN
	CUCMLDAPAuthenticationPassword
	CUCMLDAPAuthenticationSearchBase
	CUCMLDAPAuthenticationServerAddress
	CUCMLDAPAuthenticationServerPort
	CUCMLDAPAuthenticationServerTLS
	CUCMLDAPDirectoryEnabled
	CUCMLDAPDirectoryDN
	CUCMLDAPDirectoryPassword
	CUCMLDAPDirectorySearchBase
	CUCMLDAPDirectoryServerAddress
	CUCMLDAPDirectoryServerPort
	CUCMLDAPDirectoryServerTLS
	CUCMInactiveDaysAllowed
	CalendarAccount
	CalendarPassword
	CalendarPort
	CalendarScheme
	CalendarProtocol
	CalendarPath
	CalendarFormsBasedAuthentication
	CalendarServerAddress
	CalendarServerVersion
	OCSPoolName
	OCSPoolAddress
	OCSPoolLoadBalancer
	OCSFrontEndName
	OCSFrontEndAddress
	OCSHostAuthorization
	OCSStaticRouteDomain
	OCSStaticRouteNextHop
	OCSStaticRoutePort
	OCSStaticRouteProtocol
	OCSUserServerURI
	OCSUserLineURI
	CTIGatewayApplicationUser
	CTIGatewayApplicationUserGroup
	SessionKey
	SessionOneTimePassword
	LoginUsername
	LoginPassword
	LoginAppSessionID
	JabberDirectoryDirectoryServerType
	JabberDirectoryConnectionType
	JabberDirectoryPrimaryServerName
	JabberDirectorySecondaryServerName
	JabberDirectoryServerPort1
	JabberDirectoryServerPort2
	JabberDirectoryUseSSL
	JabberDirectoryUseSecureConnection
	JabberDirectoryConnectionUsername
	JabberDirectoryConnectionPassword
	JabberDirectoryLdapAnonymousBinding
	JabberDirectoryLDAPUseCredentialsFrom
	JabberDirectoryUseWindowsCredentials
	JabberDirectoryLdapUserDomain
	JabberDirectoryLdapSupportedMechanisms
	JabberDirectoryUseLdapReferral
	JabberDirectoryPresenceDomain
	JabberDirectoryUdsServer
	JabberDirectoryUdsPhotoUriWithToken
	JabberDirectoryPhotoUriWithToken
	JabberDirectorySearchBase1
	JabberDirectorySearchBase2
	JabberDirectorySearchBase3
	JabberDirectorySearchBase4
	JabberDirectorySearchBase5
	JabberDirectoryGroupSearchBase1
	JabberDirectoryGroupSearchBase2
	JabberDirectoryGroupSearchBase3
	JabberDirectoryGroupSearchBase4
	JabberDirectoryGroupSearchBase5
	JabberDirectoryBaseFilter
	JabberDirectoryGroupBaseFilter
	JabberDirectoryPredictiveSearchFilter
	JabberDirectoryUseANR
	JabberDirectoryUseWildcards
	JabberDirectoryMinimumCharacterQuery
	JabberDirectorySearchTimeout
	JabberDirectoryDisableSecondaryNumberLookups
	JabberDirectoryUseSipUriToResolveContacts
	JabberDirectoryUriPrefix
	JabberDirectorySipUri
	JabberDirectoryCommonName
	JabberDirectoryDisplayName
	JabberDirectoryFirstname
	JabberDirectoryLastname
	JabberDirectoryEmailAddress
	JabberDirectoryBusinessPhone
	JabberDirectoryMobilePhone
	JabberDirectoryHomePhone
	JabberDirectoryOtherPhone
	JabberDirectoryTitle
	JabberDirectoryCompanyName
	JabberDirectoryUserAccountName
	JabberDirectoryDomainName
	JabberDirectoryLocation
	JabberDirectoryNickname
	JabberDirectoryPostalCode
	JabberDirectoryCity
	JabberDirectoryState
	JabberDirectoryStreetAddress
	JabberPresencePresenceServerAddress
	JabberPresencePresenceServerURL
	JabberPresenceLoginResource
	JabberPresenceCalendarWebExMeetingPresence
	JabberPresenceOutlookContactResolveMode
	JabberPresenceDomainsForOutlookPresence
	JabberVoicemailVoicemailPrimaryServer
	JabberVoicemailVoicemailBackup1Server
	JabberVoicemailVoicemailBackup2Server
	JabberVoicemailVoiceMailServiceUseCredentialsFrom
	JabberVoicemailForwardVoicemail
	JabberPhoneTftpServer1
	JabberPhoneTftpServer2
	JabberPhoneCtiServer1
	JabberPhoneCtiServer2
	JabberPhoneCcmcipServer1
	JabberPhoneCcmcipServer2
	JabberPhoneUseCUCMGroupForCti
	JabberPhoneMeetingServerAddress
	JabberPoliciesVoicemailEnabled
	JabberPoliciesEnableSIPURIDialling
	JabberPoliciesServicesDomainSsoEmailPrompt
	JabberPoliciesServiceDiscoveryExcludedServices
	JabberPoliciesInitialPhoneSelection
	JabberClientVoiceServicesDomain
	JabberClientSSOEnabled
	JabberClientInvalidCertificateBehavior
	JabberBootstrapAuthenticator
	JabberBootstrapCupAddress
	JabberBootstrapTftp
	JabberBootstrapCti
	JabberBootstrapCcmcip
	JabberBootstrapServicesDomain
	JabberBootstrapVoiceServicesDomain
	JabberBootstrapExcludedServices
	JabberBootstrapUpnDiscoveryEnabled
	JabberBootstrapSsoEmailPrompt
	JabberBootstrapEnablePrt
	JabberBootstrapResetJabber
	JabberBootstrapLoginResource
	JabberBootstrapProductMode

	// NumKeys bounds arrays that a KeyID indexes.
	NumKeys
)

// table holds what is known of each key. docs/keys.md is generated from it.
var table = [NumKeys]Key{
	PresencePrimaryAddress: {Name: "Presence.Primary.Address", Type: Host, Formats: clientFormats, Source: srcAddress,
		Meaning: "Node name of the user's presence node, as under System > Server: host name, full name or IPv4 address. The presence address is made of it."},
	PresencePrimaryPort: {Name: "Presence.Primary.Port", Type: Port, Default: "5060", Formats: clientFormats, Source: srcService,
		Meaning: "SIP listener the client registers at."},
	PresencePrimaryProtocol: {Name: "Presence.Primary.Protocol", Type: Protocol, Values: []string{"TCP", "TLS", "UDP"}, Default: "TCP", Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the SIP listener."},
	PresenceBackupAddress: {Name: "Presence.Backup.Address", Type: Host, Formats: clientFormats, Source: srcService, Aliases: []string{"Presence.Backup1.Address"},
		Meaning: "Node name of the first backup presence node."},
	PresenceBackupPort: {Name: "Presence.Backup.Port", Type: Port, Formats: clientFormats, Source: srcService, Aliases: []string{"Presence.Backup1.Port"},
		Meaning: "SIP listener of the first backup presence node."},
	PresenceBackupProtocol: {Name: "Presence.Backup.Protocol", Type: Protocol, Values: []string{"TCP", "TLS", "UDP"}, Formats: clientFormats, Source: srcService, Aliases: []string{"Presence.Backup1.Protocol"},
		Meaning: "Transport to the first backup presence node."},
	PresenceBackup2Address: {Name: "Presence.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Node name of the second backup presence node."},
	PresenceBackup2Port: {Name: "Presence.Backup2.Port", Type: Port, Formats: clientFormats, Source: srcService,
		Meaning: "SIP listener of the second backup presence node."},
	PresenceBackup2Protocol: {Name: "Presence.Backup2.Protocol", Type: Protocol, Values: []string{"TCP", "TLS", "UDP"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the second backup presence node."},
	PresenceDomain: {Name: "Presence.Domain", Type: Domain, Formats: clientFormats, Source: srcAddress, Aliases: []string{"Proxy.Domain"},
		Meaning: "SIP domain: the proxy domain service parameter. Appended to a node name that does not end with it."},
	PresenceEnableGlobal: {Name: "Presence.enableGlobal", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Presence is switched on for the cluster."},
	IMEnable: {Name: "IM.enable", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Instant messages are allowed."},
	IMAllowCutAndPaste: {Name: "IM.AllowCutAndPaste", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Messages can be copied."},
	IMAllowLocalTranscript: {Name: "IM.AllowLocalTranscript", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Transcripts can be kept on the PC."},
	OfflineIMSuppress: {Name: "OfflineIM.suppress", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Messages to users who are away are dropped."},
	PhoneDNDEnable: {Name: "PhoneDND.enable", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "The phone's do-not-disturb state shows in presence."},
	MeetingDNDEnable: {Name: "MeetingDND.enable", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Meetings show as do-not-disturb."},
	CalendarPrimary: {Name: "Calendar.Primary", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Calendar (Exchange) gateway."},
	CalendarBackup: {Name: "Calendar.Backup", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Backup calendar gateway."},
	CUPProxyUDPListenerPort: {Name: "CUP.ProxyUDPListener.Port", Type: Port, Default: "5060", Formats: clientFormats, Source: srcService,
		Meaning: "UDP listener of the SIP proxy."},
	CUPProxyTCPListenerPort: {Name: "CUP.ProxyTCPListener.Port", Type: Port, Default: "5060", Formats: clientFormats, Source: srcService,
		Meaning: "TCP listener of the SIP proxy."},
	CUPProxyTLSListenerPeerAuthPort: {Name: "CUP.ProxyTLSListenerPeerAuth.Port", Type: Port, Default: "5062", Formats: clientFormats, Source: srcService,
		Meaning: "TLS listener of the SIP proxy that asks the peer for a certificate; 5062 unless federation or OCS needs it on 5061."},
	CUPProxyTLSListenerServerAuthPort: {Name: "CUP.ProxyTLSListenerServerAuth.Port", Type: Port, Default: "5061", Formats: clientFormats, Source: srcService,
		Meaning: "TLS listener of the SIP proxy with a server certificate alone."},
	CUPSRMLowerFailoverLoginRetryLimit: {Name: "CUP.SRM.LowerFailoverLoginRetryLimit", Type: Integer, Default: "120", Formats: clientFormats, Source: srcService,
		Meaning: "Least time before a client logs in again after a fail-over, in seconds."},
	CUPSRMUpperFailoverLoginRetryLimit: {Name: "CUP.SRM.UpperFailoverLoginRetryLimit", Type: Integer, Default: "537", Formats: clientFormats, Source: srcService,
		Meaning: "Longest time before a client logs in again after a fail-over, in seconds."},
	CallControlPrimaryAddress: {Name: "CallControl.Primary.Address", Type: Host, Formats: clientFormats, Source: srcService, registry: "CtiServer1",
		Meaning: "Primary CTIManager (desk phone control): host name, full name or IPv4 address."},
	CallControlPrimaryPort: {Name: "CallControl.Primary.Port", Type: Port, Default: "2748", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the primary CTIManager (desk phone control)."},
	CallControlPrimaryProtocol: {Name: "CallControl.Primary.Protocol", Type: Protocol, Values: []string{"TCP", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the primary CTIManager (desk phone control)."},
	CallControlBackup1Address: {Name: "CallControl.Backup1.Address", Type: Host, Formats: clientFormats, Source: srcService, registry: "CtiServer2",
		Meaning: "First backup CTIManager (desk phone control): host name, full name or IPv4 address."},
	CallControlBackup1Port: {Name: "CallControl.Backup1.Port", Type: Port, Default: "2748", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the first backup CTIManager (desk phone control)."},
	CallControlBackup1Protocol: {Name: "CallControl.Backup1.Protocol", Type: Protocol, Values: []string{"TCP", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the first backup CTIManager (desk phone control)."},
	CallControlBackup2Address: {Name: "CallControl.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Second backup CTIManager (desk phone control): host name, full name or IPv4 address."},
	CallControlBackup2Port: {Name: "CallControl.Backup2.Port", Type: Port, Default: "2748", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the second backup CTIManager (desk phone control)."},
	CallControlBackup2Protocol: {Name: "CallControl.Backup2.Protocol", Type: Protocol, Values: []string{"TCP", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the second backup CTIManager (desk phone control)."},
	CallControlEnabled: {Name: "CallControl.Enabled", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcOwn,
		Meaning: "Desk phone control is offered to the user."},
	CCMCIPHost: {Name: "CCMCIP.Host", Type: Host, Formats: clientFormats, Source: srcService, registry: "CcmcipServer1",
		Meaning: "Server of the device list service."},
	CCMCIPHostBackup: {Name: "CCMCIP.Host.Backup", Type: Host, Formats: clientFormats, Source: srcService, registry: "CcmcipServer2",
		Meaning: "Backup server of the device list service."},
	TFTPPrimary: {Name: "TFTP.Primary", Type: Host, Formats: clientFormats, Source: srcService, registry: "TftpServer1",
		Meaning: "TFTP server."},
	TFTPBackup1: {Name: "TFTP.Backup1", Type: Host, Formats: clientFormats, Source: srcService, registry: "TftpServer2",
		Meaning: "First backup TFTP server."},
	TFTPBackup2: {Name: "TFTP.Backup2", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Second backup TFTP server."},
	DirectoryPrimaryAddress: {Name: "Directory.Primary.Address", Type: Host, Formats: clientFormats, Source: srcService, registry: "EDI\\PrimaryServerName",
		Meaning: "Primary LDAP server of the directory search: host name, full name or IPv4 address."},
	DirectoryPrimaryPort: {Name: "Directory.Primary.Port", Type: Port, Default: "389", Formats: clientFormats, Source: srcService, registry: "EDI\\ServerPort1",
		Meaning: "Port of the primary LDAP server of the directory search."},
	DirectoryPrimaryProtocol: {Name: "Directory.Primary.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the primary LDAP server of the directory search."},
	DirectoryBackup1Address: {Name: "Directory.Backup1.Address", Type: Host, Formats: clientFormats, Source: srcService, registry: "EDI\\SecondaryServerName",
		Meaning: "First backup LDAP server of the directory search: host name, full name or IPv4 address."},
	DirectoryBackup1Port: {Name: "Directory.Backup1.Port", Type: Port, Default: "389", Formats: clientFormats, Source: srcService, registry: "EDI\\ServerPort2",
		Meaning: "Port of the first backup LDAP server of the directory search."},
	DirectoryBackup1Protocol: {Name: "Directory.Backup1.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the first backup LDAP server of the directory search."},
	DirectoryBackup2Address: {Name: "Directory.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Second backup LDAP server of the directory search: host name, full name or IPv4 address."},
	DirectoryBackup2Port: {Name: "Directory.Backup2.Port", Type: Port, Default: "389", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the second backup LDAP server of the directory search."},
	DirectoryBackup2Protocol: {Name: "Directory.Backup2.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the second backup LDAP server of the directory search."},
	DirectoryConfigurationName: {Name: "Directory.ConfigurationName", Type: Text, Formats: clientFormats, Source: srcService,
		Meaning: "Name of the LDAP profile."},
	DirectoryDN: {Name: "Directory.DN", Type: BindName, Formats: clientFormats, Source: srcService, registry: "EDI\\ConnectionUsername",
		Meaning: "Account the client binds with: DN, user@domain or DOMAIN\\user."},
	DirectoryPassword: {Name: "Directory.Password", Type: SecretText, Formats: clientFormats, Source: srcService, registry: "EDI\\ConnectionPassword",
		Meaning: "Password of that account."},
	DirectoryAnonymousBind: {Name: "Directory.AnonymousBind", Type: Bool, Values: truthValues, Default: "FALSE", Formats: clientFormats, Source: srcService,
		Meaning: "The client binds without an account."},
	DirectorySearchContext1: {Name: "Directory.SearchContext1", Type: DN, Formats: clientFormats, Source: srcService, registry: "EDI\\SearchBase1",
		Meaning: "Search base 1."},
	DirectorySearchRecursive1: {Name: "Directory.SearchRecursive1", Type: Bool, Values: truthValues, Default: "TRUE", Formats: clientFormats, Source: srcService, Aliases: []string{"Directory.Recursive1"},
		Meaning: "Search base 1 is searched with its subtree."},
	DirectorySearchContext2: {Name: "Directory.SearchContext2", Type: DN, Formats: clientFormats, Source: srcService, registry: "EDI\\SearchBase2",
		Meaning: "Search base 2."},
	DirectorySearchRecursive2: {Name: "Directory.SearchRecursive2", Type: Bool, Values: truthValues, Default: "TRUE", Formats: clientFormats, Source: srcService, Aliases: []string{"Directory.Recursive2"},
		Meaning: "Search base 2 is searched with its subtree."},
	DirectorySearchContext3: {Name: "Directory.SearchContext3", Type: DN, Formats: clientFormats, Source: srcService, registry: "EDI\\SearchBase3",
		Meaning: "Search base 3."},
	DirectorySearchRecursive3: {Name: "Directory.SearchRecursive3", Type: Bool, Values: truthValues, Default: "TRUE", Formats: clientFormats, Source: srcService, Aliases: []string{"Directory.Recursive3"},
		Meaning: "Search base 3 is searched with its subtree."},
	DirectoryType: {Name: "Directory.Type", Type: Enum, Values: []string{"ActiveDirectory", "OpenLDAP", "Other"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "What the directory is."},
	DirectoryForestDomain: {Name: "Directory.ForestDomain.{n}", Type: Domain, Formats: ownFormats, Source: srcOwn,
		Meaning: "A domain of the Active Directory forest. Two or more make referrals likely on port 389."},
	DirectoryClientCount: {Name: "Directory.ClientCount", Type: Integer, Formats: ownFormats, Source: srcOwn,
		Meaning: "Clients that bind with the service account, for the lock-out arithmetic."},
	DirectoryRetryInterval: {Name: "Directory.RetryInterval", Type: Integer, Formats: ownFormats, Source: srcOwn,
		Meaning: "Seconds after which a client that was refused binds again."},
	DirectoryAttributeUserID: {Name: "Directory.Attribute.UserID", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\UserAccountName",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeFirstName: {Name: "Directory.Attribute.FirstName", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\Firstname",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeLastName: {Name: "Directory.Attribute.LastName", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\Lastname",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeDisplayName: {Name: "Directory.Attribute.DisplayName", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\DisplayName",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeCommonName: {Name: "Directory.Attribute.CommonName", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\CommonName",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeNickname: {Name: "Directory.Attribute.Nickname", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\Nickname",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeMail: {Name: "Directory.Attribute.Mail", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\EmailAddress",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeSipUri: {Name: "Directory.Attribute.SipUri", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\SipUri",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeBusinessPhone: {Name: "Directory.Attribute.BusinessPhone", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\BusinessPhone",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeMobilePhone: {Name: "Directory.Attribute.MobilePhone", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\MobilePhone",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeHomePhone: {Name: "Directory.Attribute.HomePhone", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\HomePhone",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeOtherPhone: {Name: "Directory.Attribute.OtherPhone", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\OtherPhone",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeTitle: {Name: "Directory.Attribute.Title", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\Title",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeCompany: {Name: "Directory.Attribute.Company", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\CompanyName",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeDepartment: {Name: "Directory.Attribute.Department", Type: Attribute, Formats: ownFormats, Source: srcOwn,
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeLocation: {Name: "Directory.Attribute.Location", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\Location",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributePostalCode: {Name: "Directory.Attribute.PostalCode", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\PostalCode",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeCity: {Name: "Directory.Attribute.City", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\City",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeState: {Name: "Directory.Attribute.State", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\State",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributeStreetAddress: {Name: "Directory.Attribute.StreetAddress", Type: Attribute, Formats: ownFormats | 1<<Registry, Source: srcOwn, registry: "EDI\\StreetAddress",
		Meaning: "Directory attribute that the client reads for this field."},
	DirectoryAttributePhoto: {Name: "Directory.Attribute.Photo", Type: Attribute, Formats: ownFormats, Source: srcOwn,
		Meaning: "Directory attribute that the client reads for this field."},
	VoiceMailPrimaryAddress: {Name: "VoiceMail.Primary.Address", Type: Host, Formats: clientFormats, Source: srcGuide, registry: "VVM_SystemServer_0",
		Meaning: "Primary voicemail server: host name, full name or IPv4 address."},
	VoiceMailPrimaryPort: {Name: "VoiceMail.Primary.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide, registry: "VVM_SystemServer_VmwsPort_0",
		Meaning: "Port of the primary voicemail server."},
	VoiceMailPrimaryProtocol: {Name: "VoiceMail.Primary.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide, registry: "VVM_SystemServer_VmwsProtocol_0",
		Meaning: "Transport to the primary voicemail server."},
	VoiceMailBackup1Address: {Name: "VoiceMail.Backup1.Address", Type: Host, Formats: clientFormats, Source: srcGuide,
		Meaning: "First backup voicemail server: host name, full name or IPv4 address."},
	VoiceMailBackup1Port: {Name: "VoiceMail.Backup1.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide,
		Meaning: "Port of the first backup voicemail server."},
	VoiceMailBackup1Protocol: {Name: "VoiceMail.Backup1.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide,
		Meaning: "Transport to the first backup voicemail server."},
	VoiceMailBackup2Address: {Name: "VoiceMail.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcGuide,
		Meaning: "Second backup voicemail server: host name, full name or IPv4 address."},
	VoiceMailBackup2Port: {Name: "VoiceMail.Backup2.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide,
		Meaning: "Port of the second backup voicemail server."},
	VoiceMailBackup2Protocol: {Name: "VoiceMail.Backup2.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide,
		Meaning: "Transport to the second backup voicemail server."},
	VoiceMailPrimarySecureMessagingPort: {Name: "VoiceMail.Primary.SecureMessaging.Port", Type: Port, Default: "7993", Formats: clientFormats, Source: srcService,
		Meaning: "Port for secure messages of the primary voicemail server."},
	VoiceMailPrimarySecureMessagingProtocol: {Name: "VoiceMail.Primary.SecureMessaging.Protocol", Type: Protocol, Values: []string{"SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport for secure messages of the primary voicemail server."},
	VoiceMailBackup1SecureMessagingPort: {Name: "VoiceMail.Backup1.SecureMessaging.Port", Type: Port, Default: "7993", Formats: clientFormats, Source: srcService,
		Meaning: "Port for secure messages of the first backup voicemail server."},
	VoiceMailBackup1SecureMessagingProtocol: {Name: "VoiceMail.Backup1.SecureMessaging.Protocol", Type: Protocol, Values: []string{"SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport for secure messages of the first backup voicemail server."},
	VoiceMailBackup2SecureMessagingPort: {Name: "VoiceMail.Backup2.SecureMessaging.Port", Type: Port, Default: "7993", Formats: clientFormats, Source: srcService,
		Meaning: "Port for secure messages of the second backup voicemail server."},
	VoiceMailBackup2SecureMessagingProtocol: {Name: "VoiceMail.Backup2.SecureMessaging.Protocol", Type: Protocol, Values: []string{"SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport for secure messages of the second backup voicemail server."},
	VoiceMailPilotNumber: {Name: "VoiceMail.PilotNumber", Type: Text, Formats: clientFormats, Source: srcGuide, registry: "VoicemailPilotNumber",
		Meaning: "Number that reaches voicemail."},
	VoiceMailServerType: {Name: "VoiceMail.ServerType", Type: Enum, Values: []string{"UnityConnection", "Unity"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "What the voicemail server is."},
	MailStorePrimaryAddress: {Name: "MailStore.Primary.Address", Type: Host, Formats: clientFormats, Source: srcService, registry: "VVM_Mailstore_Server_0",
		Meaning: "Primary IMAP mail store: host name, full name or IPv4 address."},
	MailStorePrimaryPort: {Name: "MailStore.Primary.Port", Type: Port, Default: "143", Formats: clientFormats, Source: srcService, registry: "VVM_Mailstore_ImapPort_0",
		Meaning: "Port of the primary IMAP mail store."},
	MailStorePrimaryProtocol: {Name: "MailStore.Primary.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService, registry: "VVM_Mailstore_ImapProtocol_0",
		Meaning: "Transport to the primary IMAP mail store."},
	MailStoreBackup1Address: {Name: "MailStore.Backup1.Address", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "First backup IMAP mail store: host name, full name or IPv4 address."},
	MailStoreBackup1Port: {Name: "MailStore.Backup1.Port", Type: Port, Default: "143", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the first backup IMAP mail store."},
	MailStoreBackup1Protocol: {Name: "MailStore.Backup1.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the first backup IMAP mail store."},
	MailStoreBackup2Address: {Name: "MailStore.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcService,
		Meaning: "Second backup IMAP mail store: host name, full name or IPv4 address."},
	MailStoreBackup2Port: {Name: "MailStore.Backup2.Port", Type: Port, Default: "143", Formats: clientFormats, Source: srcService,
		Meaning: "Port of the second backup IMAP mail store."},
	MailStoreBackup2Protocol: {Name: "MailStore.Backup2.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "SSL", "TLS"}, Formats: clientFormats, Source: srcService,
		Meaning: "Transport to the second backup IMAP mail store."},
	MailStoreServerType: {Name: "MailStore.ServerType", Type: Enum, Values: []string{"UnityConnection", "Exchange2003", "Exchange2007", "Exchange2010"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "What the mail store is."},
	MailStoreInboxFolderName: {Name: "MailStore.InboxFolderName", Type: Text, Formats: clientFormats, Source: srcRegistry, registry: "VVM_Mailstore_InboxFolderName_0",
		Meaning: "Folder that holds voicemail."},
	MailStorePollingInterval: {Name: "MailStore.PollingInterval", Type: Integer, Formats: clientFormats, Source: srcRegistry, registry: "VVM_Mailstore_PollingInterval",
		Meaning: "Seconds between two looks at the mail store."},
	MeetingPlacePrimaryAddress: {Name: "MeetingPlace.Primary.Address", Type: Host, Formats: clientFormats, Source: srcGuide,
		Meaning: "Primary web conferencing server: host name, full name or IPv4 address."},
	MeetingPlacePrimaryPort: {Name: "MeetingPlace.Primary.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide,
		Meaning: "Port of the primary web conferencing server."},
	MeetingPlacePrimaryProtocol: {Name: "MeetingPlace.Primary.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide,
		Meaning: "Transport to the primary web conferencing server."},
	MeetingPlaceBackup1Address: {Name: "MeetingPlace.Backup1.Address", Type: Host, Formats: clientFormats, Source: srcGuide,
		Meaning: "First backup web conferencing server: host name, full name or IPv4 address."},
	MeetingPlaceBackup1Port: {Name: "MeetingPlace.Backup1.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide,
		Meaning: "Port of the first backup web conferencing server."},
	MeetingPlaceBackup1Protocol: {Name: "MeetingPlace.Backup1.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide,
		Meaning: "Transport to the first backup web conferencing server."},
	MeetingPlaceBackup2Address: {Name: "MeetingPlace.Backup2.Address", Type: Host, Formats: clientFormats, Source: srcGuide,
		Meaning: "Second backup web conferencing server: host name, full name or IPv4 address."},
	MeetingPlaceBackup2Port: {Name: "MeetingPlace.Backup2.Port", Type: Port, Default: "443", Formats: clientFormats, Source: srcGuide,
		Meaning: "Port of the second backup web conferencing server."},
	MeetingPlaceBackup2Protocol: {Name: "MeetingPlace.Backup2.Protocol", Type: Protocol, Values: []string{"HTTP", "HTTPS"}, Formats: clientFormats, Source: srcGuide,
		Meaning: "Transport to the second backup web conferencing server."},
	MeetingPlacePrimaryServerType: {Name: "MeetingPlace.Primary.ServerType", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "Kind of the primary web conferencing server, MeetingPlace or WebEx."},
	MeetingPlaceBackup1ServerType: {Name: "MeetingPlace.Backup1.ServerType", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "Kind of the first backup web conferencing server, MeetingPlace or WebEx."},
	MeetingPlaceBackup2ServerType: {Name: "MeetingPlace.Backup2.ServerType", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "Kind of the second backup web conferencing server, MeetingPlace or WebEx."},
	MeetingPlacePrimarySiteID: {Name: "MeetingPlace.Primary.SiteID", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "WebEx site."},
	MeetingPlacePrimaryPartnerID: {Name: "MeetingPlace.Primary.PartnerID", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "WebEx partner."},
	MeetingPlaceCertLevel: {Name: "MeetingPlace.CertLevel", Type: Text, Formats: clientFormats, Source: srcGuide,
		Meaning: "How strict the client is about the conferencing server's certificate."},
	SecurityCertificateDirectory: {Name: "Security.CertificateDirectory", Type: Text, Formats: clientFormats, Source: srcService,
		Meaning: "Folder of trusted certificates."},
	SecurityWebConfServiceCredentialsSource: {Name: "Security.WebConfServiceCredentialsSource", Type: Text, Formats: clientFormats, Source: srcService,
		Meaning: "Which log-in is used again for web conferences."},
	SecurityVoicemailServiceCredentialsSource: {Name: "Security.VoicemailServiceCredentialsSource", Type: Text, Formats: clientFormats, Source: srcService,
		Meaning: "Which log-in is used again for voicemail."},
	AdhocSubscriptionsEnabled: {Name: "AdhocSubscriptions.Enabled", Type: Bool, Values: truthValues, Formats: clientFormats, Source: srcService,
		Meaning: "Temporary presence subscriptions are allowed."},
	AdhocSubscriptionsMaxNum: {Name: "AdhocSubscriptions.MaxNum", Type: Integer, Formats: clientFormats, Source: srcService,
		Meaning: "How many temporary subscriptions a client may hold."},
	AdhocSubscriptionsTTL: {Name: "AdhocSubscriptions.TTL", Type: Integer, Formats: clientFormats, Source: srcService,
		Meaning: "Seconds a temporary subscription lasts."},
	ClientVersion: {Name: "Client.Version", Type: Version, Formats: captureFormats, Source: srcService,
		Meaning: "Version of the client; 7.x and earlier register with SIP, 8.x and later with XMPP."},
	ClientGeneration: {Name: "Client.Generation", Type: Enum, Values: []string{"sip", "xmpp"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "Generation of the client, when the version does not say it."},
	ClientAddress: {Name: "Client.Address.{n}", Type: IP, Formats: ownFormats, Source: srcOwn, Aliases: []string{"Client.Address"},
		Meaning: "IPv4 address or network (CIDR) that clients come from."},
	UserID: {Name: "User.ID", Type: Text, Formats: ownFormats, Source: srcOwn,
		Meaning: "User the export belongs to."},
	UserDigestCredential: {Name: "User.DigestCredential", Type: SecretText, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Digest credential of the end user. Empty means that there is none."},
	UserPassword: {Name: "User.Password", Type: SecretText, Formats: ownFormats, Source: srcOwn,
		Meaning: "Password of the end user."},
	SIPProxyDomain: {Name: "SIPProxy.Domain", Type: Domain, Formats: ownFormats, Source: srcAddress,
		Meaning: "SIP proxy domain service parameter, as the server has it."},
	SIPProxyAuthenticationModule: {Name: "SIPProxy.AuthenticationModule", Type: Switch, Values: []string{"On", "Off"}, Default: "On", Formats: ownFormats, Source: srcCredentials,
		Meaning: "Whether the SIP proxy authenticates clients."},
	SIPProxyIncomingACL: {Name: "SIPProxy.IncomingACL.{n}", Type: ACL, Formats: ownFormats, Source: srcACL,
		Meaning: "An entry of the incoming access list. What matches is not asked for a digest credential."},
	SIPProxyAlias: {Name: "SIPProxy.Alias.{n}", Type: Domain, Formats: ownFormats, Source: srcAddress,
		Meaning: "A further domain that the proxy takes for its own."},
	SIPProxyStaticRouteDestination: {Name: "SIPProxy.StaticRoute.{n}.Destination", Type: Text, Formats: ownFormats, Source: srcDomain,
		Meaning: "Destination pattern of a static route."},
	SIPProxyStaticRouteType: {Name: "SIPProxy.StaticRoute.{n}.Type", Type: Enum, Values: []string{"user", "domain"}, Formats: ownFormats, Source: srcDomain,
		Meaning: "Which part of the request the destination is compared with."},
	SIPProxyStaticRouteNextHop: {Name: "SIPProxy.StaticRoute.{n}.NextHop", Type: Host, Formats: ownFormats, Source: srcDomain,
		Meaning: "Where the static route leads."},
	SIPProxyStaticRoutePort: {Name: "SIPProxy.StaticRoute.{n}.Port", Type: Port, Formats: ownFormats, Source: srcDomain,
		Meaning: "Port of the next hop."},
	SIPProxyStaticRouteProtocol: {Name: "SIPProxy.StaticRoute.{n}.Protocol", Type: Protocol, Values: []string{"TCP", "UDP", "TLS"}, Formats: ownFormats, Source: srcDomain,
		Meaning: "Transport to the next hop."},
	SIPProxyStaticRoutePriority: {Name: "SIPProxy.StaticRoute.{n}.Priority", Type: Integer, Formats: ownFormats, Source: srcDomain,
		Meaning: "Priority of the static route; the lower one comes first."},
	SIPProxyStaticRouteWeight: {Name: "SIPProxy.StaticRoute.{n}.Weight", Type: Integer, Formats: ownFormats, Source: srcDomain,
		Meaning: "Weight of the static route among equal priorities; the higher one comes first."},
	ClusterNodeName: {Name: "Cluster.Node.{n}.Name", Type: Host, Formats: ownFormats, Source: srcOwn,
		Meaning: "Node name of a server of the cluster (System > Server)."},
	ClusterNodeAddress: {Name: "Cluster.Node.{n}.Address", Type: IP, Formats: ownFormats, Source: srcOwn,
		Meaning: "IPv4 address of that server."},
	ClusterNodeRole: {Name: "Cluster.Node.{n}.Role", Type: Enum, Values: []string{"cups", "callmanager"}, Formats: ownFormats | 1<<Cluster, Source: srcOwn,
		Meaning: "What the node is: a presence server or a call manager."},
	NetworkDNSDomain: {Name: "Network.DNSDomain", Type: Domain, Formats: ownFormats, Source: srcOwn,
		Meaning: "DNS domain of the servers."},
	NetworkNameResolution: {Name: "Network.NameResolution", Type: Enum, Values: []string{"dns", "hosts", "none"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "How clients resolve the node names."},
	NetworkDNSServer: {Name: "Network.DNSServer.{n}", Type: IP, Formats: ownFormats, Source: srcOwn,
		Meaning: "A DNS server of the clients."},
	CUCMLDAPAuthenticationEnabled: {Name: "CUCM.LDAPAuthentication.Enabled", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcCredentials,
		Meaning: "LDAP authentication of end users on the call manager is switched on."},
	CUCMLDAPAuthenticationDN: {Name: "CUCM.LDAPAuthentication.DN", Type: BindName, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Account of LDAP authentication of end users on the call manager."},
	CUCMLDAPAuthenticationPassword: {Name: "CUCM.LDAPAuthentication.Password", Type: SecretText, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Password of that account."},
	CUCMLDAPAuthenticationSearchBase: {Name: "CUCM.LDAPAuthentication.SearchBase", Type: DN, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Search base of LDAP authentication of end users on the call manager."},
	CUCMLDAPAuthenticationServerAddress: {Name: "CUCM.LDAPAuthentication.Server.{n}.Address", Type: Host, Formats: ownFormats, Source: srcCredentials,
		Meaning: "A directory server of LDAP authentication of end users on the call manager."},
	CUCMLDAPAuthenticationServerPort: {Name: "CUCM.LDAPAuthentication.Server.{n}.Port", Type: Port, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Its port."},
	CUCMLDAPAuthenticationServerTLS: {Name: "CUCM.LDAPAuthentication.Server.{n}.TLS", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Whether TLS is used."},
	CUCMLDAPDirectoryEnabled: {Name: "CUCM.LDAPDirectory.Enabled", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcCredentials,
		Meaning: "LDAP synchronisation of the call manager is switched on."},
	CUCMLDAPDirectoryDN: {Name: "CUCM.LDAPDirectory.DN", Type: BindName, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Account of LDAP synchronisation of the call manager."},
	CUCMLDAPDirectoryPassword: {Name: "CUCM.LDAPDirectory.Password", Type: SecretText, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Password of that account."},
	CUCMLDAPDirectorySearchBase: {Name: "CUCM.LDAPDirectory.SearchBase", Type: DN, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Search base of LDAP synchronisation of the call manager."},
	CUCMLDAPDirectoryServerAddress: {Name: "CUCM.LDAPDirectory.Server.{n}.Address", Type: Host, Formats: ownFormats, Source: srcCredentials,
		Meaning: "A directory server of LDAP synchronisation of the call manager."},
	CUCMLDAPDirectoryServerPort: {Name: "CUCM.LDAPDirectory.Server.{n}.Port", Type: Port, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Its port."},
	CUCMLDAPDirectoryServerTLS: {Name: "CUCM.LDAPDirectory.Server.{n}.TLS", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcCredentials,
		Meaning: "Whether TLS is used."},
	CUCMInactiveDaysAllowed: {Name: "CUCM.InactiveDaysAllowed", Type: Integer, Default: "0", Formats: ownFormats, Source: srcInactive,
		Meaning: "Credential policy: days without a log-in until an account is shut. 0 switches it off."},
	CalendarAccount: {Name: "Calendar.Account", Type: BindName, Formats: ownFormats, Source: srcOwn,
		Meaning: "Account that reads the calendars."},
	CalendarPassword: {Name: "Calendar.Password", Type: SecretText, Formats: ownFormats, Source: srcOwn,
		Meaning: "Password of that account."},
	CalendarPort: {Name: "Calendar.Port", Type: Port, Formats: ownFormats, Source: srcOwn,
		Meaning: "Port of the calendar gateway."},
	CalendarScheme: {Name: "Calendar.Scheme", Type: Enum, Values: []string{"https", "http"}, Formats: ownFormats, Source: srcCalendar,
		Meaning: "How the calendar gateway is reached."},
	CalendarProtocol: {Name: "Calendar.Protocol", Type: Enum, Values: []string{"WebDAV", "EWS"}, Formats: ownFormats, Source: srcCalendar,
		Meaning: "How calendars are read."},
	CalendarPath: {Name: "Calendar.Path", Type: Enum, Values: []string{"direct", "isa", "firewall", "load-balancer"}, Formats: ownFormats, Source: srcCalendar,
		Meaning: "What stands between presence server and calendar server."},
	CalendarFormsBasedAuthentication: {Name: "Calendar.FormsBasedAuthentication", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcCalendar,
		Meaning: "Forms-based authentication is on at the calendar server."},
	CalendarServerAddress: {Name: "Calendar.Server.{n}.Address", Type: Host, Formats: ownFormats, Source: srcOwn,
		Meaning: "An Exchange server that holds calendars."},
	CalendarServerVersion: {Name: "Calendar.Server.{n}.Version", Type: Enum, Values: []string{"2000", "2003", "2007", "2010", "2013"}, Formats: ownFormats, Source: srcOwn,
		Meaning: "Its version."},
	OCSPoolName: {Name: "OCS.Pool.Name", Type: Host, Formats: ownFormats, Source: srcOCS,
		Meaning: "Name of the OCS pool."},
	OCSPoolAddress: {Name: "OCS.Pool.Address", Type: IP, Formats: ownFormats, Source: srcOCS,
		Meaning: "Address that the pool name resolves to."},
	OCSPoolLoadBalancer: {Name: "OCS.Pool.LoadBalancer", Type: Bool, Values: truthValues, Formats: ownFormats, Source: srcOCS,
		Meaning: "That address is a load balancer's."},
	OCSFrontEndName: {Name: "OCS.FrontEnd.{n}.Name", Type: Host, Formats: ownFormats, Source: srcOCS,
		Meaning: "Name of an OCS front end."},
	OCSFrontEndAddress: {Name: "OCS.FrontEnd.{n}.Address", Type: IP, Formats: ownFormats, Source: srcOCS,
		Meaning: "Its address."},
	OCSHostAuthorization: {Name: "OCS.HostAuthorization.{n}", Type: Text, Formats: ownFormats, Source: srcOCS,
		Meaning: "An entry of the OCS host authorization."},
	OCSStaticRouteDomain: {Name: "OCS.StaticRoute.{n}.Domain", Type: Domain, Formats: ownFormats, Source: srcOCS,
		Meaning: "Domain of a static route on OCS."},
	OCSStaticRouteNextHop: {Name: "OCS.StaticRoute.{n}.NextHop", Type: Host, Formats: ownFormats, Source: srcOCS,
		Meaning: "Where it leads."},
	OCSStaticRoutePort: {Name: "OCS.StaticRoute.{n}.Port", Type: Port, Formats: ownFormats, Source: srcOCS,
		Meaning: "Port of the next hop."},
	OCSStaticRouteProtocol: {Name: "OCS.StaticRoute.{n}.Protocol", Type: Protocol, Values: []string{"TCP", "TLS"}, Formats: ownFormats, Source: srcOCS,
		Meaning: "Transport to the next hop."},
	OCSUserServerURI: {Name: "OCS.User.{n}.ServerURI", Type: URI, Formats: ownFormats, Source: srcOCS,
		Meaning: "Remote call control server URI of an OCS user."},
	OCSUserLineURI: {Name: "OCS.User.{n}.LineURI", Type: URI, Formats: ownFormats, Source: srcOCS,
		Meaning: "Line URI of that user."},
	CTIGatewayApplicationUser: {Name: "CTIGateway.ApplicationUser", Type: Text, Formats: ownFormats, Source: srcOCS,
		Meaning: "Application user of the CTI gateway."},
	CTIGatewayApplicationUserGroup: {Name: "CTIGateway.ApplicationUserGroup.{n}", Type: Text, Formats: ownFormats, Source: srcOCS,
		Meaning: "A group of that user."},
	SessionKey: {Name: "Session.Key", Type: SecretText, Formats: captureFormats, Source: srcService,
		Meaning: "Session key of a captured SOAP log-in."},
	SessionOneTimePassword: {Name: "Session.OneTimePassword", Type: SecretText, Formats: captureFormats, Source: srcService,
		Meaning: "One-time password of a captured SOAP log-in."},
	LoginUsername: {Name: "Login.Username", Type: Text, Formats: captureFormats, Source: srcService,
		Meaning: "User of a captured SOAP log-in."},
	LoginPassword: {Name: "Login.Password", Type: SecretText, Formats: captureFormats, Source: srcService,
		Meaning: "Password of a captured SOAP log-in."},
	LoginAppSessionID: {Name: "Login.AppSessionID", Type: SecretText, Formats: captureFormats, Source: srcService,
		Meaning: "Application session of a captured SOAP log-in."},
	JabberDirectoryDirectoryServerType: {Name: "Jabber.Directory.DirectoryServerType", Type: Enum, Values: []string{"LDAP", "UDS", "EDI", "BDI"}, Default: "LDAP", Formats: jabberFormats, Source: srcJabberParams, Versions: "LDAP and UDS from 11.8 on; EDI, BDI and UDS before",
		Meaning: "What kind of directory contacts come from."},
	JabberDirectoryConnectionType: {Name: "Jabber.Directory.ConnectionType", Type: Enum, Values: []string{"0", "1"}, Default: "0", Formats: jabberFormats, Source: srcJabberParams, Versions: "until 11.7",
		Meaning: "0: Global Catalog, 1: domain controller."},
	JabberDirectoryPrimaryServerName: {Name: "Jabber.Directory.PrimaryServerName", Type: Host, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Primary directory server: address or full name. Needs ServerPort1."},
	JabberDirectorySecondaryServerName: {Name: "Jabber.Directory.SecondaryServerName", Type: Host, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Backup directory server. Needs ServerPort2."},
	JabberDirectoryServerPort1: {Name: "Jabber.Directory.ServerPort1", Type: Port, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Port of the primary server: 389, 636, 3268 or 3269."},
	JabberDirectoryServerPort2: {Name: "Jabber.Directory.ServerPort2", Type: Port, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Port of the backup server."},
	JabberDirectoryUseSSL: {Name: "Jabber.Directory.UseSSL", Type: Enum, Values: []string{"true", "false", "0", "1"}, Default: "true; plain on 389 and 3268 where the key is missing", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether the connection uses TLS. The key wins over the port."},
	JabberDirectoryUseSecureConnection: {Name: "Jabber.Directory.UseSecureConnection", Type: Enum, Values: []string{"true", "false", "0", "1"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether a simple bind is used."},
	JabberDirectoryConnectionUsername: {Name: "Jabber.Directory.ConnectionUsername", Type: BindName, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Shared account that binds. Sent and stored as plain text."},
	JabberDirectoryConnectionPassword: {Name: "Jabber.Directory.ConnectionPassword", Type: SecretText, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Password of the shared account. Sent and stored as plain text."},
	JabberDirectoryLdapAnonymousBinding: {Name: "Jabber.Directory.LdapAnonymousBinding", Type: Enum, Values: []string{"true", "false", "0", "1"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether the client binds without an account."},
	JabberDirectoryLDAPUseCredentialsFrom: {Name: "Jabber.Directory.LDAP_UseCredentialsFrom", Type: Enum, Values: []string{"Voicemail", "Exchange", "CUCM"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Which service's log-in is used for the directory."},
	JabberDirectoryUseWindowsCredentials: {Name: "Jabber.Directory.UseWindowsCredentials", Type: Enum, Values: []string{"true", "false", "0", "1"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether the Windows log-in is used for the directory."},
	JabberDirectoryLdapUserDomain: {Name: "Jabber.Directory.LdapUserDomain", Type: Domain, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Domain that is put behind the user name, after an @."},
	JabberDirectoryLdapSupportedMechanisms: {Name: "Jabber.Directory.LdapSupportedMechanisms", Type: Text, Default: "GSSAPI", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Ways to bind, with blanks between: GSSAPI, EXTERNAL, PLAIN."},
	JabberDirectoryUseLdapReferral: {Name: "Jabber.Directory.UseLdapReferral", Type: Enum, Values: []string{"0", "1"}, Default: "0", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether referrals are followed."},
	JabberDirectoryPresenceDomain: {Name: "Jabber.Directory.PresenceDomain", Type: Domain, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Presence domain. Required with UDS."},
	JabberDirectoryUdsServer: {Name: "Jabber.Directory.UdsServer", Type: Host, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "UDS server, where it is not discovered."},
	JabberDirectoryUdsPhotoUriWithToken: {Name: "Jabber.Directory.UdsPhotoUriWithToken", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where photos are, with UDS."},
	JabberDirectoryPhotoUriWithToken: {Name: "Jabber.Directory.PhotoUriWithToken", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where photos are."},
	JabberDirectorySearchBase1: {Name: "Jabber.Directory.SearchBase1", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for people begin."},
	JabberDirectorySearchBase2: {Name: "Jabber.Directory.SearchBase2", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for people begin."},
	JabberDirectorySearchBase3: {Name: "Jabber.Directory.SearchBase3", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for people begin."},
	JabberDirectorySearchBase4: {Name: "Jabber.Directory.SearchBase4", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for people begin."},
	JabberDirectorySearchBase5: {Name: "Jabber.Directory.SearchBase5", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for people begin."},
	JabberDirectoryGroupSearchBase1: {Name: "Jabber.Directory.GroupSearchBase1", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for groups begin."},
	JabberDirectoryGroupSearchBase2: {Name: "Jabber.Directory.GroupSearchBase2", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for groups begin."},
	JabberDirectoryGroupSearchBase3: {Name: "Jabber.Directory.GroupSearchBase3", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for groups begin."},
	JabberDirectoryGroupSearchBase4: {Name: "Jabber.Directory.GroupSearchBase4", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for groups begin."},
	JabberDirectoryGroupSearchBase5: {Name: "Jabber.Directory.GroupSearchBase5", Type: DN, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Where searches for groups begin."},
	JabberDirectoryBaseFilter: {Name: "Jabber.Directory.BaseFilter", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Filter for people. An ampersand is written &amp;."},
	JabberDirectoryGroupBaseFilter: {Name: "Jabber.Directory.GroupBaseFilter", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Filter for groups."},
	JabberDirectoryPredictiveSearchFilter: {Name: "Jabber.Directory.PredictiveSearchFilter", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Filter while somebody types."},
	JabberDirectoryUseANR: {Name: "Jabber.Directory.UseANR", Type: Enum, Values: []string{"true", "false", "0", "1"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether ambiguous name resolution is used."},
	JabberDirectoryUseWildcards: {Name: "Jabber.Directory.UseWildcards", Type: Enum, Values: []string{"0", "1"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether wildcards are used in searches."},
	JabberDirectoryMinimumCharacterQuery: {Name: "Jabber.Directory.MinimumCharacterQuery", Type: Integer, Default: "3", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Characters before a search begins."},
	JabberDirectorySearchTimeout: {Name: "Jabber.Directory.SearchTimeout", Type: Integer, Default: "5", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Seconds that a search may take."},
	JabberDirectoryDisableSecondaryNumberLookups: {Name: "Jabber.Directory.DisableSecondaryNumberLookups", Type: Enum, Values: []string{"0", "1"}, Default: "0", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether further numbers of a contact are looked up."},
	JabberDirectoryUseSipUriToResolveContacts: {Name: "Jabber.Directory.UseSipUriToResolveContacts", Type: Enum, Values: []string{"true", "false"}, Default: "false", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether contacts are resolved by their SIP URI."},
	JabberDirectoryUriPrefix: {Name: "Jabber.Directory.UriPrefix", Type: Text, Default: "sip:", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Prefix of the SIP URI attribute. Must be empty unless SipUri is msRTCSIP-PrimaryUserAddress."},
	JabberDirectorySipUri: {Name: "Jabber.Directory.SipUri", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the SIP URI."},
	JabberDirectoryCommonName: {Name: "Jabber.Directory.CommonName", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the common name."},
	JabberDirectoryDisplayName: {Name: "Jabber.Directory.DisplayName", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the display name."},
	JabberDirectoryFirstname: {Name: "Jabber.Directory.Firstname", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the first name."},
	JabberDirectoryLastname: {Name: "Jabber.Directory.Lastname", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the last name."},
	JabberDirectoryEmailAddress: {Name: "Jabber.Directory.EmailAddress", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the mail address."},
	JabberDirectoryBusinessPhone: {Name: "Jabber.Directory.BusinessPhone", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the business phone."},
	JabberDirectoryMobilePhone: {Name: "Jabber.Directory.MobilePhone", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the mobile phone."},
	JabberDirectoryHomePhone: {Name: "Jabber.Directory.HomePhone", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the home phone."},
	JabberDirectoryOtherPhone: {Name: "Jabber.Directory.OtherPhone", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the other phone."},
	JabberDirectoryTitle: {Name: "Jabber.Directory.Title", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the title."},
	JabberDirectoryCompanyName: {Name: "Jabber.Directory.CompanyName", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the company."},
	JabberDirectoryUserAccountName: {Name: "Jabber.Directory.UserAccountName", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the account name."},
	JabberDirectoryDomainName: {Name: "Jabber.Directory.DomainName", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the domain name."},
	JabberDirectoryLocation: {Name: "Jabber.Directory.Location", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the location."},
	JabberDirectoryNickname: {Name: "Jabber.Directory.Nickname", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the nickname."},
	JabberDirectoryPostalCode: {Name: "Jabber.Directory.PostalCode", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the postal code."},
	JabberDirectoryCity: {Name: "Jabber.Directory.City", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the city."},
	JabberDirectoryState: {Name: "Jabber.Directory.State", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the state."},
	JabberDirectoryStreetAddress: {Name: "Jabber.Directory.StreetAddress", Type: Attribute, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Attribute that holds the street."},
	JabberPresencePresenceServerAddress: {Name: "Jabber.Presence.PresenceServerAddress", Type: Host, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Presence server, where it is not discovered."},
	JabberPresencePresenceServerURL: {Name: "Jabber.Presence.PresenceServerURL", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "URL of the presence server."},
	JabberPresenceLoginResource: {Name: "Jabber.Presence.LoginResource", Type: Enum, Values: []string{"multiResource", "wbxconnect", "mutualExclusion"}, Default: "multiResource", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether one user may be logged in more than once."},
	JabberPresenceCalendarWebExMeetingPresence: {Name: "Jabber.Presence.CalendarWebExMeetingPresence", Type: Enum, Values: []string{"true", "false"}, Default: "false", Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Whether WebEx meetings show in presence."},
	JabberPresenceOutlookContactResolveMode: {Name: "Jabber.Presence.OutlookContactResolveMode", Type: Enum, Values: []string{"Auto", "Email"}, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "How Outlook contacts are resolved."},
	JabberPresenceDomainsForOutlookPresence: {Name: "Jabber.Presence.DomainsForOutlookPresence", Type: Text, Formats: jabberFormats, Source: srcJabberParams,
		Meaning: "Domains whose presence Outlook shows."},
	JabberVoicemailVoicemailPrimaryServer: {Name: "Jabber.Voicemail.VoicemailPrimaryServer", Type: Host, Formats: jabberFormats, Source: srcJabberVoicemail,
		Meaning: "Voicemail server."},
	JabberVoicemailVoicemailBackup1Server: {Name: "Jabber.Voicemail.VoicemailBackup1Server", Type: Host, Formats: jabberFormats, Source: srcJabberVoicemail,
		Meaning: "First backup voicemail server."},
	JabberVoicemailVoicemailBackup2Server: {Name: "Jabber.Voicemail.VoicemailBackup2Server", Type: Host, Formats: jabberFormats, Source: srcJabberVoicemail,
		Meaning: "Second backup voicemail server."},
	JabberVoicemailVoiceMailServiceUseCredentialsFrom: {Name: "Jabber.Voicemail.VoiceMailService_UseCredentialsFrom", Type: Enum, Values: []string{"phone"}, Formats: jabberFormats, Source: srcJabberVoicemail, Aliases: []string{"Jabber.Voicemail.VoicemailService_UseCredentialsFrom"},
		Meaning: "Which log-in is used for voicemail. For hybrid and phone mode only."},
	JabberVoicemailForwardVoicemail: {Name: "Jabber.Voicemail.ForwardVoicemail", Type: Enum, Values: []string{"true", "false"}, Formats: jabberFormats, Source: srcJabberVoicemail,
		Meaning: "Whether messages can be forwarded."},
	JabberPhoneTftpServer1: {Name: "Jabber.Phone.TftpServer1", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "TFTP server, where it is not discovered."},
	JabberPhoneTftpServer2: {Name: "Jabber.Phone.TftpServer2", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "TFTP server, where it is not discovered."},
	JabberPhoneCtiServer1: {Name: "Jabber.Phone.CtiServer1", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "CTI server, where it is not discovered."},
	JabberPhoneCtiServer2: {Name: "Jabber.Phone.CtiServer2", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "CTI server, where it is not discovered."},
	JabberPhoneCcmcipServer1: {Name: "Jabber.Phone.CcmcipServer1", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "CCMCIP server, where it is not discovered."},
	JabberPhoneCcmcipServer2: {Name: "Jabber.Phone.CcmcipServer2", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "CCMCIP server, where it is not discovered."},
	JabberPhoneUseCUCMGroupForCti: {Name: "Jabber.Phone.useCUCMGroupForCti", Type: Enum, Values: []string{"true", "false"}, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Whether the CTI server comes from the device's Unified CM group."},
	JabberPhoneMeetingServerAddress: {Name: "Jabber.Phone.Meeting_Server_Address", Type: Host, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Meeting server."},
	JabberPoliciesVoicemailEnabled: {Name: "Jabber.Policies.Voicemail_Enabled", Type: Enum, Values: []string{"true", "false"}, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Whether voicemail is shown."},
	JabberPoliciesEnableSIPURIDialling: {Name: "Jabber.Policies.EnableSIPURIDialling", Type: Enum, Values: []string{"true", "false"}, Default: "false", Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Whether SIP URIs can be dialled."},
	JabberPoliciesServicesDomainSsoEmailPrompt: {Name: "Jabber.Policies.ServicesDomainSsoEmailPrompt", Type: Enum, Values: []string{"ON", "OFF"}, Default: "OFF", Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Whether the user is asked for a mail address to find the services domain."},
	JabberPoliciesServiceDiscoveryExcludedServices: {Name: "Jabber.Policies.ServiceDiscoveryExcludedServices", Type: Text, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Services left out of discovery, with commas: WEBEX, CUCM, CUP. All three: no discovery."},
	JabberPoliciesInitialPhoneSelection: {Name: "Jabber.Policies.InitialPhoneSelection", Type: Enum, Values: []string{"deskphone", "softphone"}, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Which phone is chosen first."},
	JabberClientVoiceServicesDomain: {Name: "Jabber.Client.VoiceServicesDomain", Type: Domain, Formats: jabberFormats, Source: srcJabberDeploy, Aliases: []string{"Jabber.Policies.VoiceServicesDomain"},
		Meaning: "Domain of the voice services, where it is not the services domain."},
	JabberClientSSOEnabled: {Name: "Jabber.Client.SSO_Enabled", Type: Enum, Values: []string{"true", "false"}, Formats: jabberFormats, Source: srcJabberDeploy,
		Meaning: "Whether single sign-on is used."},
	JabberClientInvalidCertificateBehavior: {Name: "Jabber.Client.InvalidCertificateBehavior", Type: Enum, Values: []string{"RejectAndNotify", "PromptPerSession", "AcceptAndNotify"}, Formats: jabberFormats, Source: srcJabberMemory,
		Meaning: "What happens with a certificate that does not verify."},
	JabberBootstrapAuthenticator: {Name: "Jabber.Bootstrap.Authenticator", Type: Enum, Values: []string{"CUP", "CUCM", "WEBEX"}, Formats: bootstrapFormats, Source: srcJabberMemory,
		Meaning: "Which service logs the user in."},
	JabberBootstrapCupAddress: {Name: "Jabber.Bootstrap.CupAddress", Type: Host, Formats: bootstrapFormats, Source: srcJabberMemory,
		Meaning: "Presence server."},
	JabberBootstrapTftp: {Name: "Jabber.Bootstrap.Tftp", Type: Host, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "TFTP server."},
	JabberBootstrapCti: {Name: "Jabber.Bootstrap.Cti", Type: Host, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "CTI server."},
	JabberBootstrapCcmcip: {Name: "Jabber.Bootstrap.Ccmcip", Type: Host, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "CCMCIP server."},
	JabberBootstrapServicesDomain: {Name: "Jabber.Bootstrap.ServicesDomain", Type: Domain, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Domain that services are discovered in."},
	JabberBootstrapVoiceServicesDomain: {Name: "Jabber.Bootstrap.VoiceServicesDomain", Type: Domain, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Domain of the voice services."},
	JabberBootstrapExcludedServices: {Name: "Jabber.Bootstrap.ExcludedServices", Type: Text, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Services left out of discovery, with commas: WEBEX, CUCM, CUP."},
	JabberBootstrapUpnDiscoveryEnabled: {Name: "Jabber.Bootstrap.UpnDiscoveryEnabled", Type: Enum, Values: []string{"true", "false"}, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Whether the services domain comes from the Windows log-in."},
	JabberBootstrapSsoEmailPrompt: {Name: "Jabber.Bootstrap.SsoEmailPrompt", Type: Enum, Values: []string{"ON", "OFF"}, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Whether the user is asked for a mail address. ON needs UpnDiscoveryEnabled false and both domains."},
	JabberBootstrapEnablePrt: {Name: "Jabber.Bootstrap.EnablePrt", Type: Enum, Values: []string{"true", "false"}, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Whether problem reports can be made."},
	JabberBootstrapResetJabber: {Name: "Jabber.Bootstrap.ResetJabber", Type: Enum, Values: []string{"0", "1"}, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Whether the user's data is reset."},
	JabberBootstrapLoginResource: {Name: "Jabber.Bootstrap.LoginResource", Type: Enum, Values: []string{"multiResource", "wbxconnect", "mutualExclusion"}, Formats: bootstrapFormats, Source: srcJabberBootstrap,
		Meaning: "Whether one user may be logged in more than once."},
	JabberBootstrapProductMode: {Name: "Jabber.Bootstrap.ProductMode", Type: Text, Formats: bootstrapFormats, Source: srcJabberMemory,
		Meaning: "Phone mode or full client."},
}
