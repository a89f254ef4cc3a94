package lockouts

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestEventsInsideAValue: monitoring systems keep the data of an event, or the whole event, as text in one value of their own record.
func TestEventsInsideAValue(t *testing.T) {
	const data = `<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><Data Name="TargetUserName">svc-cups</Data>` +
		`<Data Name="TargetDomainName">PC61</Data><Data Name="SubjectUserName">DC1$</Data></EventData>`
	const params = `<Param>svc-cups</Param><Param>PC61</Param><Param>S-1-5-21-1</Param><Param>S-1-5-18</Param><Param>DC1$</Param>`
	const object = `{"TargetUserName":"svc-cups","TargetDomainName":"PC61","SubjectUserName":"DC1$"}`
	double := strings.ReplaceAll(xml4740, "'", `"`)
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	item := `<DataItem type="System.XmlData" time="2026-03-05T10:20:37.1+00:00">` + data + "</DataItem>"
	head := `{"TimeGenerated":"2026-03-05T10:20:37Z","Computer":"DC1.example.com","EventID":4740,`
	table := "\"TimeGenerated [UTC]\",Computer,EventID,"
	row := "\"3/5/2026, 10:20:37.000 AM\",DC1.example.com,4740,"

	for name, in := range map[string]string{
		"SecurityEvent, JSON":      "[" + head + `"Account":"EXAMPLE\\svc-cups","EventData":` + quoted(data) + "}]",
		"SecurityEvent, CSV":       table + "Account,EventData\n" + row + `EXAMPLE\svc-cups,` + cell(data) + "\n",
		"Event, CSV":               table + "UserName,ParameterXml,EventData\n" + row + "N/A," + cell(params) + "," + cell(item) + "\n",
		"Event, parameters only":   table + "ParameterXml,RenderedDescription\n" + row + cell(params) + ",A user account was locked out.\n",
		"WindowsEvent, CSV":        table + "EventData\n" + row + cell(object) + "\n",
		"WindowsEvent, JSON":       "[" + head + `"EventData":` + quoted(object) + "}]",
		"WindowsEvent, not parsed": "[" + head + `"EventData":null,"RawEventData":` + quoted(xml4740) + "}]",
		"agent of Loki": `{"computer":"DC1.example.com","event_id":4740,"timeCreated":"2026-03-05T10:20:37Z","event_data":` +
			quoted(data[strings.Index(data, "<Data "):strings.Index(data, "</EventData>")]) + "}",
		"EvtxECmd, JSON": `{"EventId":4740,"TimeCreated":"2026-03-05T10:20:37","Computer":"DC1.example.com","Payload":` +
			quoted(`{"EventData":{"Data":[{"@Name":"TargetUserName","#text":"svc-cups"},{"@Name":"TargetDomainName","#text":"PC61"}]}}`) + "}",
		"Winlogbeat with include_xml":   `{"@timestamp":"2026-03-05T10:20:37Z","event":{"original":` + quoted(double) + "}}",
		"Splunk, JSON":                  `{"preview":false,"result":{"_raw":` + quoted(xml4740) + `,"host":"DC1"}}`,
		"Splunk, JSON, with the number": `{"preview":false,"result":{"EventCode":"4740","_raw":` + quoted(double) + `,"host":"DC1"}}`,
		"Splunk, JSON, < not escaped":   `{"preview":false,"result":{"_raw":"` + strings.ReplaceAll(double, `"`, `\"`) + `","host":"DC1"}}`,
		"Splunk, CSV":                   "\"_time\",\"_raw\",host\n\"2026-03-05T10:20:37.000+0000\"," + cell(double) + ",DC1\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := NewCollector("")
			st, err := c.Read(strings.NewReader(in), Options{Zone: time.FixedZone("", 7200)})
			if err != nil {
				t.Fatal(err)
			}
			rs := c.Reports()
			if st.Used != 1 || st.Bad != 0 || len(rs) != 1 || rs[0].Account != "svc-cups" || len(rs[0].Locks) != 1 || len(rs[0].Sources) != 1 ||
				rs[0].Sources[0].Name != "PC61" {
				t.Fatalf("%+v\n%+v", st, rs)
			}
			if logger := rs[0].Locks[0].Logger; logger != "DC1.EXAMPLE.COM" {
				t.Errorf("the lock is logged by %q", logger)
			}
			if want := time.Date(2026, 3, 5, 10, 20, 37, 0, time.UTC); !rs[0].First.Truncate(time.Second).Equal(want) {
				t.Errorf("time %v; notes %q", rs[0].First, st.Notes)
			}
		})
	}
}
