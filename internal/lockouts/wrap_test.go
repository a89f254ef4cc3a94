package lockouts

import (
	"compress/gzip"
	"strings"
	"testing"
	"time"
)

const message4740 = `A user account was locked out.

Subject:
	Security ID:		SYSTEM
	Account Name:		DC1$
	Account Domain:		EXAMPLE
	Logon ID:		0x3E7

Account That Was Locked Out:
	Security ID:		EXAMPLE\svc-cups
	Account Name:		svc-cups

Additional Information:
	Caller Computer Name:	PC61
`

const message4625 = `An account failed to log on.

Subject:
	Security ID:		NULL SID
	Account Name:		-
	Account Domain:		-
	Logon ID:		0x0

Logon Type:			3

Account For Which Logon Failed:
	Security ID:		NULL SID
	Account Name:		svc-cups
	Account Domain:		EXAMPLE

Failure Information:
	Failure Reason:		Unknown user name or bad password.
	Status:			0xC000006D
	Sub Status:		0xC000006A

Process Information:
	Caller Process ID:	0x0
	Caller Process Name:	-

Network Information:
	Workstation Name:	PC61
	Source Network Address:	10.3.0.61
	Source Port:		50123

Detailed Authentication Information:
	Logon Process:		NtLmSsp 
	Authentication Package:	NTLM
	Transited Services:	-
	Package Name (NTLM only):	-
	Key Length:		0

This event is generated when a logon request fails. It is generated on the computer where access was attempted.
`

const xml4740 = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>4740</EventID><TimeCreated SystemTime='2026-03-05T10:20:37.1Z'/><Computer>DC1.example.com</Computer></System><EventData><Data Name='TargetUserName'>svc-cups</Data><Data Name='TargetDomainName'>PC61</Data><Data Name='SubjectUserName'>DC1$</Data><Data Name='SubjectDomainName'>EXAMPLE</Data></EventData></Event>`

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// logParserLine is how LogParser writes a message: line ends and tabs become blanks.
func logParserLine(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
}

// Every wrapping gives one account, one failure or lock, and PC61.
func TestWrappings(t *testing.T) {
	when := time.Date(2026, 3, 5, 10, 20, 37, 0, time.UTC)
	for name, tc := range map[string]struct {
		in     string
		format string
		locks  int
		when   time.Time
	}{
		"evtx_dump of Rust": {"Record 1\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + strings.ReplaceAll(xml4740, "><", ">\n  <") +
			"\nRecord 2\n<?xml version=\"1.0\"?>\n<Event><System><EventID>4624</EventID></System></Event>\n", "xml", 1, when},
		"XML that gzip has compressed": {gzipped(xml4740), "xml", 1, when},
		"syslog with XML":              {"<13>Mar  5 10:20:37 dc1 winlog: " + xml4740 + "\n", "xml", 1, when},
		"XML without a root, a broken record between": {xml4740[:90] + "\n" + xml4740 + "\n<Event><System><EventID>4740</EventID><Computer>\n",
			"xml", 1, when},
		"a control character by its number": {"<Events><Event><System><EventID>4739</EventID></System><EventData><Data " +
			"Name='a'>&#x3;</Data></EventData></Event>" + xml4740 + "</Events>", "xml", 1, when},
		"evtx_dump as JSON lines": {`{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4740,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-05T10:20:37Z"}},"Computer":"DC1.example.com"},"EventData":{"TargetUserName":"svc-cups","TargetDomainName":"PC61","SubjectUserName":"DC1$","SubjectDomainName":"EXAMPLE"}}}` + "\n{cut\n", "json", 1, when},
		"winlogbeat":              {`{"@timestamp":"2026-03-05T10:20:37Z","event":{"code":"4625","created":"2026-03-06T00:00:00Z"},"source":{"ip":"10.3.0.61","domain":"PC61"},"winlog":{"event_id":"4625","computer_name":"DC1.example.com","event_data":{"TargetUserName":"svc-cups","TargetDomainName":"EXAMPLE","Status":"0xc000006d","SubStatus":"0xc000006a","LogonType":"3","WorkstationName":"PC61","IpAddress":"10.3.0.61"}},"message":"An account failed to log on."}`, "json", 0, when},
		"wazuh":                   {`{"id":"1612.1","rule":{"id":"60122","description":"Logon failure"},"agent":{"id":"001","name":"dc1"},"data":{"win":{"system":{"eventID":"4740","systemTime":"2026-03-05T10:20:37Z","computer":"DC1.example.com"},"eventdata":{"targetUserName":"svc-cups","targetDomainName":"PC61","subjectUserName":"DC1$"}}}}`, "json", 1, when},
		"NXLog":                   {`{"EventTime":"2026-03-05T10:20:37+00:00","Hostname":"DC1.example.com","EventID":4740,"TargetUserName":"svc-cups","TargetDomainName":"PC61","Message":"x"}`, "json", 1, when},
		"ConvertTo-Json": {"[\n {\n  \"Id\": 4740,\n  \"MachineName\": \"DC1.example.com\",\n  \"TimeCreated\": " +
			"\"\\/Date(1772706037000)\\/\",\n  \"Properties\": [ {\"Value\": \"svc-cups\"}, {\"Value\": \"PC61\"}, {\"Value\": {\"BinaryLength\": " +
			"28}}, {\"Value\": \"S-1-5-18\"}, {\"Value\": \"DC1$\"} ]\n }\n]\n",
			"json", 1, when},
		"syslog with JSON":              {`Mar  5 10:20:37 dc1 agent: {"EventID":"4740","TimeCreated":"2026-03-05T10:20:37Z","Computer":"DC1","TargetUserName":"svc-cups","TargetDomainName":"PC61"}`, "json", 1, when},
		"Splunk's list of the accounts": {`{"result":{"_time":"2026-03-05T10:20:37.000+00:00","EventCode":"4740","ComputerName":"DC1","Account_Name":["DC1$","svc-cups"],"Caller_Computer_Name":"PC61"}}` + "\n", "json", 1, when},
		"Format-List of fields": {"\nTimeCreated     : 2026-03-05 10:20:37\nId              : 4625\nTargetUserName  : svc-cups\nWorks" +
			"tationName : PC61\nSubStatus       : 0xc000006a\n\n", "text", 0, when},
		"Format-List of fields, no number": {"\nTimeCreated    : 2026-03-05 10:20:37\nTargetUserName : svc-cups\nCallerComputer : " +
			"PC61\n\n", "text", 1, when},
		"Format-Table": {"\nTimeCreated            Id TargetUserName WorkstationName IpAddress\n-----------            -- -------------- " +
			"--------------- ---------\n3/5/2026 10:20:37 AM 4625 svc-cups       PC61            10.3.0.61\n\n", "text", 0, when},
		"Format-Table, no number": {"TimeCreated         UserName CallerComputer\n-----------         -------- --------------\n" +
			"2026-03-05 10:20:37 svc-cups PC61\n", "text", 1, when},
		"copy details as text": {"Log Name:      Security\nSource:        Microsoft-Windows-Security-Auditing\nDate:          " +
			"3/5/2026 10:20:37 AM\nEvent ID:      4740\nTask Category: User Account Management\nLevel:         Information\nKeywords:      Audit " +
			"Success\nUser:          N/A\nComputer:      DC1.example.com\nDescription:\n" + message4740, "text", 1, when},
		"copy details with the XML after": {"Log Name:      Security\nDate:          3/5/2026 10:20:37 AM\nEvent ID:      4740\nComputer:     " +
			" DC1.example.com\nDescription:\n" + message4740 + "Event Xml:\n" + xml4740, "xml", 1, when},
		"wevtutil text": {"Event[0]:\n  Log Name: Security\n  Source: Microsoft-Windows-Security-Auditing\n  Date: " +
			"2026-03-05T10:20:37.100\n  Event ID: 4625\n  Task: Logon\n  Level: Information\n  Opcode: Info\n  Keyword: Audit Failure\n  User: " +
			"N/A\n  User Name: N/A\n  Computer: DC1.example.com\n  Description: \n" + message4625 +
			"\nEvent[1]:\n  Log Name: Security\n  Event ID: 4624\n  Description: \nAn account was successfully logged on.\n", "text", 0, when},
		"copy of 2003": {"Event Type:\tFailure Audit\nEvent Source:\tSecurity\nEvent Category:\tLogon/Logoff \nEvent " +
			"ID:\t529\nDate:\t\t3/5/2026\nTime:\t\t10:20:37 AM\nUser:\t\tNT AUTHORITY\\SYSTEM\nComputer:\tDC1\nDescription:\nLogon Failure:\n " +
			"\tReason:\t\tUnknown user name or bad password\n \tUser Name:\tsvc-cups\n \tDomain:\t\tEXAMPLE\n \tLogon Type:\t3\n \tWorkstation " +
			"Name:\tPC61\n \tCaller User Name:\t-\n \tSource Network Address:\t10.3.0.61\n", "text", 0, when},
		"Format-List": {"\n\nTimeCreated  : 3/5/2026 10:20:37 AM\nProviderName : Microsoft-Windows-Security-Auditing\nId           : " +
			"4740\nMessage      : " + strings.ReplaceAll(message4740, "\n", "\n               ") +
			"\n\nTimeCreated  : 3/5/2026 10:20:38 AM\nId           : 4624\nMessage      : An account was successfully logged on.\n", "text", 1,
			when},
		"Format-List, time and message": {"\nTimeCreated : 3/5/2026 10:20:37 AM\nMessage     : " +
			strings.ReplaceAll(message4740, "\n", "\n              ") +
			"\n\nTimeCreated : 3/5/2026 10:20:38 AM\nMessage     : An account was successfully logged on.\n", "text", 1, when},
		"Format-List *": {"\nMessage              : " + strings.ReplaceAll(message4740, "\n", "\n                       ") +
			"\nId                   : 4740\nVersion              : 0\nRecordId             : 301\nMachineName          : DC1.example.com\n" +
			"TimeCreated          : 3/5/2026 10:20:37 AM\nKeywordsDisplayNames : {Audit Success}\n\nMessage              : An account was " +
			"successfully logged on.\nId                   : 4624\nTimeCreated          : 3/5/2026 10:20:38 AM\n", "text", 1, when},
		"Format-List of Get-EventLog": {"EventID            : 4740\nMachineName        : DC1.example.com\nIndex              : 301\n" +
			"EntryType          : SuccessAudit\nMessage            : " + strings.ReplaceAll(message4740, "\n", "\n                     ") +
			"\nSource             : Microsoft-Windows-Security-Auditing\nInstanceId         : 4740\n" +
			"TimeGenerated      : 3/5/2026 10:20:37 AM\nTimeWritten        : 3/5/2026 10:20:37 AM\nUserName           : \n", "text", 1, when},
		"Format-List without its blanks": {"TimeCreated  : 3/5/2026 10:20:37 AM\nId           : 4740\nMessage      : " + message4740 +
			"\n\nTimeCreated  : 3/5/2026 10:20:38 AM\nId           : 4624\nMessage      : An account was successfully logged on.\n", "text", 1,
			when},
		"Splunk": {"03/05/2026 10:20:37 AM\nLogName=Security\nEventCode=4740\nEventType=0\nComputerName=DC1.example.com\nSourceName=Microsoft " +
			"Windows security auditing.\nType=Information\nKeywords=Audit Success\nMessage=" + message4740, "text", 1, when},
		"Snare": {"<13>Mar 05 10:20:37 DC1 MSWinEventLog\t1\tSecurity\t123\tThu Mar 05 10:20:37 " +
			"2026\t4740\tMicrosoft-Windows-Security-Auditing\tN/A\tN/A\tSuccess Audit\tDC1.example.com\tUser Account Management\t\t" +
			logParserLine(message4740) + "\t7\n", "text", 1, when},
		"QRadar, from a collector": {"<13>Mar  5 10:20:37 192.0.2.9 AgentDevice=WindowsLog\tAgentLogFile=Security\tSource=" +
			"Microsoft-Windows-Security-Auditing\tComputer=DC1.example.com\tUser=\tDomain=\tEventID=4740\tEventIDCode=4740\tEventType=8\t" +
			"RecordNumber=1\tTimeGenerated=1772706037009\tTimeWritten=1772706037009\tMessage=" + oneLine(message4740) + "\n", "text", 1, when},
		"EventCombMT": {"4740,AUDIT SUCCESS,Microsoft-Windows-Security-Auditing,Thu Mar 05 10:20:37 2026,No User," + oneLine(message4740) +
			"\n", "text", 1, when},
		"syslog, number in it": {"<14>1 2026-03-05T10:20:37Z DC1.example.com Microsoft-Windows-Security-Auditing 568 - - EventID=4740 " +
			oneLine(message4740) + "\n", "text", 1, when},
		"syslog, evtsys": {"Mar  5 10:20:37 DC1 Security-Auditing: 4740: " + oneLine(message4740) + "\n", "text", 1, time.Time{}},
		"syslog without number": {"2026-03-05T10:20:37+00:00 DC1 Microsoft-Windows-Security-Auditing[568]: " + oneLine(message4625) + "\n",
			"text", 0, when},
		"LogParser, strings": {"EventLog,RecordNumber,TimeGenerated,TimeWritten,EventID,EventType,EventTypeName,EventCategory," +
			"EventCategoryName,SourceName,Strings,ComputerName,SID,Message,Data\nSecurity,1,2026-03-05 10:20:37,2026-03-05 " +
			"10:20:37,4740,8,Success Audit " +
			"event,13824,x,Microsoft-Windows-Security-Auditing,svc-cups|PC61|S-1-5-21-1|S-1-5-18|DC1$|EXAMPLE|0x3e7,DC1.example.com,,,\n", "csv", 1,
			when},
		"LogParser, message": {"TimeGenerated,EventID,ComputerName,Message\n2026-03-05 10:20:37,4625,DC1.example.com,\"" +
			logParserLine(message4625) + "\"\n", "csv", 0, when},
		"EvtxECmd": {"RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,UserId," +
			"MapDescription,UserName,RemoteHost,PayloadData1,Keywords,Payload\n1,1,2026-03-05 " +
			"10:20:37.0000000,4740,LogAlways,Microsoft-Windows-Security-Auditing,Security,1,1,DC1.example.com,1,,A user account was locked " +
			"out,EXAMPLE\\DC1$,,Target: svc-cups,Audit " +
			"success,\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"TargetUserName\"\",\"\"#text\"\":\"\"svc-cups\"\"}," +
			"{\"\"@Name\"\":\"\"TargetDomainName\"\",\"\"#text\"\":\"\"PC61\"\"},{\"\"@Name\"\":\"\"SubjectUserName\"\"," +
			"\"\"#text\"\":\"\"DC1$\"\"}]}}\"\n",
			"csv", 1, when},
		"a column for the caller, no number": {"TimeCreated;UserName;CallerComputer\n05.03.2026 10:20:37;svc-cups;PC61\n", "csv", 1, when},
		"a column for each field of Elastic": {"@timestamp,winlog.event_id,winlog.computer_name,winlog.event_data.TargetUserName," +
			"winlog.event_data.TargetDomainName\n2026-03-05T10:20:37Z,4740,DC1,svc-cups,PC61\n", "csv", 1, when},
		"Sentinel": {"\"TimeGenerated [UTC]\",Computer,EventID,TargetAccount,WorkstationName,IpAddress,Status,SubStatus,LogonType\n\"3/5/2026, " +
			"10:20:37.000 AM\",DC1.example.com,4625,EXAMPLE\\svc-cups,PC61,10.3.0.61,0xc000006d,0xc000006a,3\n", "csv", 0, when},
		"a French header": {"Mots clés,Date et heure,Source,ID de l’événement,Catégorie de la tâche\nÉchec de " +
			"l’audit,05/03/2026 10:20:37,Microsoft-Windows-Security-Auditing,4740,x,\"" + foreign(message4740) + "\"\n", "csv", 1, when},
		"a Spanish header": {"Palabras clave,Fecha y hora,Origen,Id. del evento,Categoría de la tarea\nx,05/03/2026 10:20:37,y,4625,z,\"" +
			foreign(message4625) + "\"\n", "csv", 0, when},
		"a Japanese header": {"キーワード,日付と時刻,ソース,イベント ID,タスクのカテゴリ\nx,2026/03/05 10:20:37,y,4740,z,\"" + foreign(message4740) + "\"\n", "csv", 1,
			when},
	} {
		t.Run(name, func(t *testing.T) {
			c := NewCollector("")
			st, err := c.Read(strings.NewReader(tc.in), Options{})
			if err != nil && !strings.Contains(name, "broken") {
				t.Fatal(err)
			}
			rs := c.Reports()
			if st.Format != tc.format || len(rs) != 1 || rs[0].Account != "svc-cups" || len(rs[0].Locks) != tc.locks ||
				rs[0].Failures != 1-tc.locks || len(rs[0].Sources) != 1 {
				t.Fatalf("%+v\n%+v", st, rs)
			}
			if s := rs[0].Sources[0]; s.Name != "PC61" {
				t.Errorf("source %+v", s)
			}
			if got := rs[0].First.Truncate(time.Second); !tc.when.IsZero() && !got.Equal(tc.when) {
				t.Errorf("time %v", got)
			}
		})
	}
}

func gzipped(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// foreign gives a message labels that no table knows: only its shape is left.
func foreign(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			line = strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' {
					return 'ж'
				}
				return r
			}, name) + " :" + value
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestBindsAsTextNameTheClient(t *testing.T) {
	for name, in := range map[string]string{
		"text": "Log Name:      Directory Service\nSource:        Microsoft-Windows-ActiveDirectory_DomainService\nDate:          3/5/2026 " +
			"10:20:37 AM\nEvent ID:      2889\nComputer:      DC1.example.com\nDescription:\nThe following client performed a SASL " +
			"(Negotiate/Kerberos/NTLM/Digest) LDAP bind without requesting signing (integrity verification), or performed a simple bind over a " +
			"clear text (non-SSL/TLS-encrypted) LDAP connection. \n \nClient IP address: \n10.20.30.41:51772 \nIdentity the client attempted to " +
			"authenticate as: \nEXAMPLE\\svc-cups \nBinding Type: \n1\n",
		"csv": "Level,Date and Time,Source,Event ID,Task Category\nInformation,3/5/2026 10:20:37 " +
			"AM,Microsoft-Windows-ActiveDirectory_DomainService,2889,LDAP Interface,\"The following client performed a SASL LDAP bind.\n\nClient " +
			"IP address:\n10.20.30.41:51772\nIdentity the client attempted to authenticate as:\nEXAMPLE\\svc-cups\nBinding Type:\n1\"\n",
		"DN": `<Event><System><EventID>2889</EventID><Computer>DC1.example.com</Computer></System><EventData><Data>[2001:db8::41]:51772</Data><Data>CN=svc-cups,OU=Service,DC=example,DC=com</Data><Data>1</Data></EventData></Event>`,
	} {
		c := NewCollector("")
		if _, err := c.Read(strings.NewReader(in), Options{}); err != nil {
			t.Fatal(name, err)
		}
		rs := c.Reports()
		if len(rs) != 1 || rs[0].Account != "svc-cups" || rs[0].Binds != 1 || !strings.HasSuffix(rs[0].Sources[0].Name, "41") {
			t.Errorf("%s: %+v", name, rs)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"3/5/2026 1:20:37 PM": "2026-03-05T13:20:37Z", "03/05/2026 12:20:37 AM": "2026-03-05T00:20:37Z",
		"14.01.2026 08:28:26":         "2026-01-14T08:28:26Z",
		"2026-03-05 10:20:37.1234567": "2026-03-05T10:20:37.1234567Z", "2026-03-05T10:20:37+02:00": "2026-03-05T08:20:37Z",
		"2021-03-09 20:29:36.414827+00:00": "2021-03-09T20:29:36.414827Z",
		"Thu Mar 05 10:20:37 2026":         "2026-03-05T10:20:37Z", "05-Mar-2026 10:20": "2026-03-05T10:20:00Z",
		"2026/03/05 10:20:37":                         "2026-03-05T10:20:37Z",
		"\u200e3/\u200e5/\u200e2026 10:20:37\u202fAM": "2026-03-05T10:20:37Z", "/Date(1772706037000)/": "2026-03-05T10:20:37Z",
		"3/5/02 10:20":                "2002-03-05T10:20:00Z",
		"March 5, 2026 10:20:37 p.m.": "2026-03-05T22:20:37Z", "2026-03-05T10:20:37Z": "2026-03-05T10:20:37Z",
		"2026-03-05T10:20:37-0500": "2026-03-05T15:20:37Z",
	} {
		e := Event{When: in}
		c := clock{}
		c.read(&e, false)
		if o, _ := c.order(); o == DayFirst {
			e.Time = e.Alt
		}
		if got := e.Time.UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "Mar  5 10:20:37", "31.31.2026 10:00:00", "yesterday", "10:20:37", "2026-13-40 00:00:00",
		"99999999999999999999"} {
		if d, ok := parseDate(in); ok {
			t.Errorf("%q: %+v", in, d)
		}
	}
}

func TestTheWholeFileDecidesTheOrderOfDayAndMonth(t *testing.T) {
	for name, tc := range map[string]struct {
		dates []string
		opts  Options
		first string
		note  bool
	}{
		"a day above 12 later":         {[]string{"3/4/2011 8:00:01", "13/4/2011 8:00:01"}, Options{}, "2011-04-03", false},
		"a day above 12 in the middle": {[]string{"3/4/2011 8:00:01", "4/13/2011 8:00:01"}, Options{}, "2011-03-04", false},
		"nothing says":                 {[]string{"3/4/2011 8:00:01"}, Options{}, "2011-03-04", true},
		"the flag":                     {[]string{"3/4/2011 8:00:01"}, Options{Order: DayFirst}, "2011-04-03", false},
		"rows in order":                {[]string{"11/4/2011 8:00:01", "12/4/2011 8:00:01", "1/5/2011 8:00:01"}, Options{}, "2011-04-11", true},
		"dots":                         {[]string{"3.4.2011 8:00:01"}, Options{}, "2011-04-03", false},
		"AM and PM":                    {[]string{"3/4/2011 8:00:01 PM"}, Options{}, "2011-03-04", true},
		"the same either way":          {[]string{"4/4/2011 8:00:01"}, Options{}, "2011-04-04", false},
	} {
		in := "TimeCreated,EventID,TargetUserName,CallerComputer\n"
		for _, d := range tc.dates {
			in += d + ",4740,svc,PC1\n"
		}
		c := NewCollector("")
		st, err := c.Read(strings.NewReader(in), tc.opts)
		if err != nil {
			t.Fatal(err)
		}
		r := c.Reports()[0]
		if got := r.First.Format(time.DateOnly); got != tc.first {
			t.Errorf("%s: %s", name, got)
		}
		if strings.Contains(strings.Join(st.Notes, " "), "ambiguous") != tc.note {
			t.Errorf("%s: %q", name, st.Notes)
		}
	}
}

func TestTimesWithoutAZoneTakeTheOneThatIsGiven(t *testing.T) {
	in := "TimeCreated,EventID,TargetUserName,CallerComputer\n2026-03-05 10:00:00,4740,svc,PC1\n"
	c := NewCollector("")
	st, err := c.Read(strings.NewReader(in), Options{Zone: time.FixedZone("x", 7200)})
	if err != nil || len(st.Notes) > 0 {
		t.Fatal(st, err)
	}
	if got := c.Reports()[0].First.UTC().Format(time.RFC3339); got != "2026-03-05T08:00:00Z" {
		t.Error(got)
	}
}
