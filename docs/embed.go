// Package docs holds the pages that the program shows: one for each rule.
package docs

import (
	"embed"
	"io/fs"
)

//go:generate go run ../scripts/gendocs .

//go:embed rules/*.md
var pages embed.FS

// RulePage returns the page of the rule with the ID. The error is fs.ErrNotExist where there is none.
func RulePage(id string) (string, error) {
	data, err := fs.ReadFile(pages, "rules/"+id+".md")
	return string(data), err
}
