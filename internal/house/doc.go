// Package house checks that the packages of the project import each other as docs/architecture.md says, that files and lines of Go stay
// small, and that no text has a word of words.tsv. It has tests only.
package house
