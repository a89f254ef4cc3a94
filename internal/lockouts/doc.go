// Package lockouts reads exports of the Windows Security event log and tells which computers caused an account's failed
// log-ons and its lock: how often, since when, for what reason.
//
// It reads XML (Event Viewer's "Save All Events As", and what wevtutil prints, with or without a root element) and CSV
// (Event Viewer of 2003 and later, PowerShell's Export-Csv), in UTF-8, UTF-16 or Windows-1252. A binary .evtx or .evt is
// recognised and refused with the way to export it. Input is streamed; one event is bounded, and so is what is kept.
//
// Events: 4740, 4771, 4776, 4625 and 4767, their 2003-era ancestors 644, 675, 680, 681, 529 to 537, 539 and 671, and 2889 of the Directory
// Service log, which names the client of an LDAP bind.
//
// An LDAP simple bind reaches the log through the domain controller, so 4740 and 4776 then name the controller as the
// caller. Such a source is shown as "hidden behind" the controller and never as the culprit; the client's address is in
// 4625 or 2889.
package lockouts
