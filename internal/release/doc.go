// Package release says what the version numbers of Unified CM, CUPS, IM and Presence and their relatives mean, and which of them go
// together.
//
// A number or the name of a release goes in (12.5.1.16900-48, 7.1(5b)SU6a, 14SU4, ccm12_5_1_16900_48). Out come its parts, its release or
// the two releases that it is between, and verdicts about pairs of numbers: fixes, upgrade paths, call manager with presence server, client
// with presence server.
//
// What is known is data: the files *.tsv, each row with its source. What the tables do not have is unknown, and is said to be. Nothing is
// opened, and the tables are parsed when they are first asked for.
package release
