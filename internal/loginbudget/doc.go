// Package loginbudget is the right to try one log-in. It is the only place from which a probe gets a password.
//
// A Secret cannot be read: it prints as "[redacted]" everywhere, and only an Attempt gives its text away. An
// Attempt comes from Budget.Reserve, which refuses
//
//   - a second attempt on an account in one run, unless the first one proved the same password right;
//   - a password that is remembered as wrong, until the observation window of the directory is over;
//   - an attempt that would be the last, or the last but one, before the account locks.
//
// The attempt is written down before it is made and settled afterwards, so that a crash between the two counts as an
// attempt. Processes that want the same account wait for one another: two at once never make two attempts with a wrong
// password.
//
// What is remembered is a folder of the user's own (0700; on Windows a list of access without others) with two files (0600): the state, and
// the salt without which the state means nothing. Neither holds a password or an account's name; both are kept as keyed, slow hashes.
// Nothing derived from a password leaves the package.
package loginbudget
