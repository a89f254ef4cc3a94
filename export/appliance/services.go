package appliance

import "strings"

// serviceNames are the names of services as "utils service list" prints them, without UP in those of releases up to 8.x. Sources: the AXL
// enumeration XService, Serviceability Guide 14 and 15, Finesse service list; guides of Unity Connection and Emergency Responder.
const serviceNames = `System SSH
Cluster Manager
A Cisco DB
A Cisco DB Replicator
Cisco AMC Service
Cisco Audit Event Service
Cisco AXL Web Service
Cisco Bulk Provisioning Service
Cisco CallManager
Cisco CallManager Admin
Cisco CallManager Cisco IP Phone Services
Cisco CallManager Personal Directory
Cisco CallManager SNMP Service
Cisco CallManager Serviceability
Cisco CallManager Serviceability RTMT
Cisco CAR DB
Cisco CAR Scheduler
Cisco CAR Web Service
Cisco CDP
Cisco CDP Agent
Cisco CDR Agent
Cisco CDR Repository Manager
Cisco Certificate Authority Proxy Function
Cisco Certificate Change Notification
Cisco Certificate Expiry Monitor
Cisco Change Credential Application
Cisco CTIManager
Cisco CTL Provider
Cisco Database Layer Monitor
Cisco DHCP Monitor Service
Cisco Dialed Number Analyzer
Cisco Dialed Number Analyzer Server
Cisco Directory Number Alias Lookup
Cisco Directory Number Alias Sync
Cisco DirSync
Cisco DRF Local
Cisco DRF Master
Cisco DRF Primary
Cisco E911
Cisco ELM Client Service
Cisco Extended Functions
Cisco Extension Mobility
Cisco Extension Mobility Application
Cisco Intercluster Lookup Service
Cisco IP Manager Assistant
Cisco IP Voice Media Streaming App
Cisco License Manager
Cisco Location Bandwidth Manager
Cisco Log Partition Monitoring Tool
Cisco Management Agent Service
Cisco Prime LM Admin
Cisco Prime LM DB
Cisco Prime LM Resource API
Cisco Prime LM Server
Cisco RIS Data Collector
Cisco RTMT Reporter Servlet
Cisco RTMT Web Service
Cisco Security Token Service
Cisco Self Provisioning IVR
Cisco Serviceability Reporter
Cisco Smart License Manager
Cisco SOAP - CallRecord Service
Cisco SOAP - CDRonDemand Service
Cisco SSOSP Web Service
Cisco Syslog Agent
Cisco TAPS Service
Cisco Tftp
Cisco Tomcat
Cisco Tomcat Stats Servlet
Cisco Trace Collection Service
Cisco Trace Collection Servlet
Cisco Trust Verification Service
Cisco UXL Web Service
Cisco Unified Mobile Voice Access Service
Cisco Unified OS Admin
Cisco Unified Reporting
Cisco Unified Serviceability
Cisco User Data Services
Cisco WebDialer Web Service
Cisco Client Profile Agent
Cisco Config Agent
Cisco IM and Presence Admin
Cisco IM and Presence Data Monitor
Cisco Intercluster Sync Agent
Cisco Login Datastore
Cisco OAM Agent
Cisco Presence Datastore
Cisco Presence Engine
Cisco RCC Device Selection Service
Cisco ReplicationWatcher
Cisco Route Datastore
Cisco Server Recovery Manager
Cisco SIP Proxy
Cisco SIP Registration Datastore
Cisco Sync Agent
Cisco XCP Authentication Service
Cisco XCP Config Manager
Cisco XCP Connection Manager
Cisco XCP Directory Service
Cisco XCP File Transfer Manager
Cisco XCP Message Archiver
Cisco XCP Router
Cisco XCP SIP Federation Connection Manager
Cisco XCP Text Conference Manager
Cisco XCP Web Connection Manager
Cisco XCP XMPP Federation Connection Manager
Connection Administration
Connection Conversation Manager
Connection Message Transfer Agent
Connection Mixer
Connection Notifier
Cisco Emergency Responder
SOAP - CallRecord Service
SOAP -Diagnostic Portal Database Service
SOAP -Log Collection APIs
SOAP -Performance Monitoring APIs
SOAP -Real-Time Service APIs`

// rememberedNames are from memory; no document was there. They only keep cupclint from asking whether such a name is misspelled.
const rememberedNames = `Connection Branch Sync Service
Connection DB
Connection DB Event Publisher
Connection Digital Networking Replication Agent
Connection Exchange Notification Web Service
Connection File Syncer
Connection Groupware Caching Service
Connection HTTPS Directory Feeder
Connection IMAP Server
Connection Inbox RSS Feed
Connection Jetty
Connection License Server
Connection Mailbox Sync
Connection Message Aging
Connection Personal Communications Assistant
Connection Quota Sweeper
Connection Report Data Harvester
Connection REST Service
Connection Server Role Manager
Connection SMTP Server
Connection SNMP Agent
Connection System Agent
Connection Voicemail Web Service
Entropy Monitoring Daemon
Cisco SCSI Watchdog
Service Manager
Name Service Cache
Cisco Push Notification Service
Cisco Wireless Controller Synchronization Service
Cisco Headset Service
Cisco Device Activation Service
Cisco XCP Push Notification Service
CER Provider
Cisco Phone Tracking Engine
Host Resources Agent
MIB2 Agent
Platform Administrative Web Service
SNMP Master Agent
System Application Agent`

// ServiceNames lists the names of services that are known.
func ServiceNames() []string { return strings.Split(serviceNames+"\n"+rememberedNames, "\n") }
