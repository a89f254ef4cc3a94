// Package house checks that the packages of the project import each other as docs/architecture.md says, and that files and lines of Go
// stay small. It has tests only.
package house
