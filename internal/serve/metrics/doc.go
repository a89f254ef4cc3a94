// Package metrics gives Prometheus what it scrapes: /probe, which probes one target by the settings of a module as multi-target exporters
// do, and /metrics, which has the facts and findings of a folder and counts what the exporter did. The command check prints the result of
// the same probes as a monitoring plugin.
//
// A module names an area, so every area of the registry can be one. It names the targets, too: no other target is contacted, so a request
// to /probe cannot make this program look for hosts of the network. A module makes no log-in unless its file says so, and log-ins go
// through internal/loginbudget: a scrape each minute never locks an account.
//
// Modules and a folder go in; text in the format of Prometheus comes out. The package starts no server and holds no secret longer than a
// probe takes.
package metrics
