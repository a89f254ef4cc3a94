#!/usr/bin/env bash
# For install-test.sh, container-test.sh and windows.sh, which source it.

# page NAME [VERSION]: the commands of a block of docs/install.md. The folder is the top of the checkout.
page() {
	awk -v want="<!-- run: $1 -->" '$0 == want { at = 1; next } at == 1 && /^```/ { at = 2; next } at == 2 && /^```/ { exit } at == 2' "$top/docs/install.md" |
		sed "s|VERSION|${2:-VERSION}|g" | grep . || die "docs/install.md has no block $1"
}

# end_started ends all that this script started and that still runs, as after a signal in the middle of a command. What is in a namespace of processes
# is found like everything else.
end_started() { end_below $$; }

# end_below PID: each child is stopped first, so that it starts nothing more.
end_below() {
	local tasks pid pids
	for tasks in /proc/"$1"/task/*/children; do
		pids=()
		{ read -ra pids <"$tasks"; } 2>/dev/null || true # the line has no end
		for pid in "${pids[@]}"; do
			kill -STOP "$pid" 2>/dev/null || continue
			end_below "$pid"
			kill -KILL "$pid" 2>/dev/null || true
		done
	done
}
