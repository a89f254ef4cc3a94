package metrics

import (
	"slices"
	"strings"

	"cupclint/internal/area"
)

func gauge(name, help string, labels ...string) *Family {
	return &Family{area.Metric{Name: name, Help: help, Labels: labels}, Gauge}
}

func counter(name, help string, labels ...string) *Family {
	return &Family{area.Metric{Name: name, Help: help, Labels: labels}, Counter}
}

// What every probe has. The first two are those of all multi-target exporters.
var (
	famSuccess  = gauge("probe_success", "1 if the probe was carried out to its end and no finding is an error.")
	famDuration = gauge("probe_duration_seconds", "Time that the probe took.")
	famPhase    = gauge("cupclint_probe_phase_duration_seconds", "Time of a phase of the probe; 0 where it was not reached.", "phase")
	famPhaseOK  = gauge("cupclint_probe_phase_success", "1 if the phase succeeded, 0 if it failed. Missing where it was not reached.", "phase")
	famTimedOut = gauge("cupclint_probe_timed_out", "1 if the time for the probe was over before it came to its end.")
	famErrors   = gauge("cupclint_probe_errors", "Things that kept the probe from its end.")
	famFindings = gauge("cupclint_probe_findings", "Findings about the target; docs/rules has a page for each rule.", "rule", "severity")
	famNotAfter = gauge("cupclint_certificate_not_after_timestamp_seconds",
		"End of the first certificate of the chain that ends, as a time.", "server")
	famLeft = gauge("cupclint_certificate_left_seconds",
		"Time until the first certificate of the chain ends; 86400 is one day. Negative after it.", "server")
	famCut = gauge("cupclint_scrape_series_dropped", "Values that were left out because a metric has too many of them.")
)

// What the exporter says of itself.
var (
	famBuild    = gauge("cupclint_build_info", "Version of the program; the value is always 1.", "version", "goversion")
	famStart    = gauge("process_start_time_seconds", "Time at which the program was started.")
	famMemory   = gauge("process_resident_memory_bytes", "Memory of the program; only on Linux.")
	famModules  = gauge("cupclint_modules", "Modules that can be probed with.")
	famProbes   = counter("cupclint_probes_total", "Probes that were made, by their result: success, failure or error.", "module", "result")
	famRejected = counter("cupclint_probe_rejections_total", "Requests for a probe that were not carried out.", "reason")
	famRunning  = gauge("cupclint_probes_running", "Probes that are under way.")
)

// What /metrics says of the folder.
var (
	famFolderOK = gauge("cupclint_folder_read_success", "1 if the folder could be read the last time.")
	famFolderAt = gauge("cupclint_folder_read_timestamp_seconds", "Time at which the folder was read last. It is read when it has changed.")
	famFolderIs = gauge("cupclint_folder_read_running", "1 while the folder is read anew. The other values are those of the last time.")
	famTook     = gauge("cupclint_folder_read_duration_seconds", "Time that the last reading of the folder took.")
	famChanged  = gauge("cupclint_folder_changed_timestamp_seconds", "Time of the youngest file of the folder.")
	famInputs   = gauge("cupclint_folder_inputs", "Files of the folder that were read as exports.")
	famUnread   = gauge("cupclint_folder_errors", "Files of the folder that could not be read or understood.")
	famFolder   = gauge("cupclint_folder_findings", "Findings in the folder; docs/rules has a page for each rule.", "site", "rule", "severity")
	famTotal    = gauge("cupclint_folder_severity_findings", "Findings in the folder by severity; 0 where there are none.", "severity")
	famEnded    = gauge("cupclint_collect_ended_timestamp_seconds", "Time at which cupclint collect ended.", "site")
	famComplete = gauge("cupclint_collect_complete", "1 if cupclint collect got everything that it asked for.", "site")
	famSteps    = gauge("cupclint_collect_steps", "Requests of cupclint collect by their outcome.", "site", "outcome")
	famReplica  = gauge("cupclint_replication_state", "State of the database replication of a server as a node sees it: 2 is good.",
		"site", "node", "server")
	famQueue = gauge("cupclint_replication_queue_changes", "Changes that wait for a server, as a node sees it.", "site", "node", "server")
	famSync  = gauge("cupclint_node_ntp_synchronised", "1 if the node has time from a source, 0 if it is not synchronised.", "site", "node")
	famLevel = gauge("cupclint_node_ntp_stratum", "Stratum of the node.", "site", "node")
	famFar   = gauge("cupclint_node_ntp_offset_seconds", "Offset of the source that the node has chosen.", "site", "node", "source")
	famCert  = gauge("cupclint_node_certificate_not_after_timestamp_seconds", "End of the certificate of the web service of a node.",
		"site", "node")
)

// Families lists all metrics of the program: its own, and those of the areas.
func Families(areas []area.Area) []*Family {
	out := []*Family{famSuccess, famDuration, famPhase, famPhaseOK, famTimedOut, famErrors, famFindings, famNotAfter, famLeft, famCut,
		famBuild, famStart, famMemory, famModules, famProbes, famRejected, famRunning,
		famFolderOK, famFolderAt, famFolderIs, famTook, famChanged, famInputs, famUnread, famFolder, famTotal, famEnded, famComplete, famSteps,
		famReplica, famQueue, famSync, famLevel, famFar, famCert}
	for _, a := range areas {
		for _, m := range a.Info().Metrics {
			if !slices.ContainsFunc(out, func(f *Family) bool { return f.Name == m.Name }) {
				out = append(out, &Family{*m, Gauge})
			}
		}
	}
	slices.SortFunc(out, func(a, b *Family) int { return strings.Compare(a.Name, b.Name) })
	return out
}
