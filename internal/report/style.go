package report

// PageStyle is the style sheet of the HTML report, for the other pages of the program: they are of one design.
func PageStyle() (string, error) {
	css, err := pageFiles.ReadFile("page/report.css")
	return string(css), err
}
