package copied

import "strings"

// Programs that write Markdown put a backslash before the signs that mean something there: "\*192.0.2.10", "tomcat\_1.pem", "\[STARTED\]".
const (
	markdownSigns = "*_[]"
	// markdownOthers are what some of those programs mark, too.
	markdownOthers = "\\`<>#+-=.!|~^(){}"
)

// marked finds the backslashes of Markdown in a server's output. A text in which such a sign has none has backslashes of its own:
// "ACME\_svc" among names with underscores.
func (f *Formats) marked(text string) (edits []Edit) {
	if !strings.Contains(text, `\*`) && !strings.Contains(text, `\_`) && !strings.Contains(text, `\[`) {
		return nil
	}
	var with, without [len(markdownSigns)]int
	for i := 0; i < len(text); i++ {
		if sign := strings.IndexByte(markdownSigns, text[i]); sign >= 0 {
			without[sign]++
		}
		if text[i] != '\\' || i+1 == len(text) {
			continue
		}
		sign := strings.IndexByte(markdownSigns, text[i+1])
		if sign < 0 && strings.IndexByte(markdownOthers, text[i+1]) < 0 {
			continue
		}
		if sign >= 0 {
			with[sign]++
		}
		edits = append(edits, Edit{Start: i, End: i + 1})
		i++
	}
	for sign := range with {
		if with[sign] > 0 && without[sign] > 0 {
			return nil
		}
	}
	if with == [len(markdownSigns)]int{} || f.Table(text) || !f.printedIn(text, edits) {
		return nil
	}
	return edits
}
