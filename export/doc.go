// Package export reads configuration exports of Cisco Unified Personal Communicator. Files, folders, globs and archives go
// in; each export comes out as one flat list of properties in the key space of the client configuration web service, with the
// place of every key and value in the original file.
//
// Read are the SOAP answer of the client configuration web service, key = value text (logs, a pasted Show Server Health, .properties), YAML
// and JSON in the same keys, Windows registry exports of the client's AdminData, and the files of the successor client, jabber-config.xml
// and jabber-bootstrap.properties. Of the server side they are AXL answers and what the CLI prints for "run sql" and "show network
// cluster": records, of which the fields that the key space knows become properties, and secrets, so that they are found. The format is
// recognised from the content. A text that is not understood is looked at again: as a mail in parts, a table of settings, folded lines.
//
// Jabber's settings have keys of their own, Jabber.SECTION.KEY: their values follow other rules than those of the web service, and the
// section is part of their meaning.
//
// Keys are compared without case. Values are never touched: no trimming, no folding, no unescaping beyond what the format
// itself demands. Inputs are treated as hostile: all sizes are bounded, and a bad one gives one *Error with its
// position. The package never prints, never looks anything up and keeps nothing of a file after the next is read.
package export
