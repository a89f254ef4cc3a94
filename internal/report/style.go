package report

// PageStyle is the style sheet of the HTML report, for the other pages of the program: they have one design.
func PageStyle() (string, error) {
	css, err := pageFiles.ReadFile("page/report.css")
	return string(css), err
}

// Sentence gives a message, which is written as a clause, the look of a sentence. The key that it begins with keeps its case.
func Sentence(message, key string) string { return sentence(message, key) }
