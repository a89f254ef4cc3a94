package lockouts

import (
	"encoding/json"
	"encoding/xml"
	"strings"
)

// within takes the data of an event, or a whole event, that a monitoring system keeps as XML in one value of its own record: EventData and
// RawEventData of Log Analytics, event_data of the agents of Loki, event.original of Winlogbeat, _raw of Splunk. It reports whether the
// text is such a value.
func (x *raw) within(text string) bool {
	if !strings.Contains(text, "<Data") && !strings.Contains(text, "<Param>") && !hasEvent(text) {
		return false
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	var element, name string
	var value strings.Builder
	var values []string
	found := false
	for {
		token, err := d.Token()
		if err != nil {
			break // the end, or damage: what came before it counts
		}
		switch t := token.(type) {
		case xml.StartElement:
			element, name = t.Name.Local, ""
			value.Reset()
			for _, a := range t.Attr {
				switch {
				case element == "Data" && a.Name.Local == "Name":
					name = a.Value
				case element == "TimeCreated" && a.Name.Local == "SystemTime" && a.Value != "":
					x.when, x.rank, x.utc = a.Value, len(timeRank)+2, true
				}
			}
		case xml.CharData:
			value.Write(t)
		case xml.EndElement:
			if element != t.Name.Local {
				continue
			}
			text := value.String()
			switch {
			case element == "Data" && name != "":
				x.fields[name], found = text, true
			case element == "Data", element == "Param":
				values, found = append(values, text), true
			case element == "EventID":
				if found = true; x.id == "" {
					x.id = text
				}
			case element == "Computer" && text != "":
				x.logger = text
			}
			element = ""
		}
	}
	if len(values) > 0 && len(x.values) == 0 {
		x.values = values
	}
	return found
}

// object takes the values of a JSON object that is the text of a value.
func (x *raw) object(text string) {
	if !strings.HasPrefix(text, "{") {
		return
	}
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		x.json(v, "", 1)
	}
}
