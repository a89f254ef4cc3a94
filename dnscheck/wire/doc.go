// Package wire asks name servers. A question and a resolver go in; the server's answer comes out, with every attempt
// that was needed: over which transport, how long, and what else arrived meanwhile.
//
// A Server keeps a few connected UDP sockets and a bounded number of questions under way. On Linux the questions that wait for a socket are
// sent with one call of the system, and the answers that are there are received with one call. A Server accepts an answer only if
// it comes from the address asked (the sockets are connected), has the number of the question (16 random bits, RFC
// 5452) and repeats the question itself; all else is counted and ignored. A truncated answer is asked for again over
// TCP (RFC 7766). A question without an answer is asked again at a slower pace, because servers drop answers on
// purpose when many similar ones are asked for (response rate limiting); only then is it called a time-out.
//
// The package never judges an answer, never caches, never reads a file, and never adds a search suffix.
package wire
