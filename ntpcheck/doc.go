// Package ntpcheck asks time servers as the appliances do, with one NTPv4 client packet (SNTP), and judges the answer: does the server
// answer at all, with which version, is it synchronised, how far is it from a reference clock, how exact and how right is its time.
//
// Probe observes one server and returns plain data. Judge compares the observations of a run and gives the findings NTP101 to NTP108. The
// package sets no clock. It sends at most three packets to a server, the second and third only if no answer came, and none after a
// refusal (kiss-of-death).
//
// References: RFC 5905 (NTPv4, SNTP, kiss codes); Cisco tech notes 118718 and 215537 (what Unified CM takes as a source).
package ntpcheck
