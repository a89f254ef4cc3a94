// Package house checks that the packages of the project import each other as docs/architecture.md says. It has tests only.
package house
