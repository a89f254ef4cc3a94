#!/bin/sh
# All checks that need no long test run: formatting, vet, staticcheck, known vulnerabilities, generated files, the module files, how packages import each other,
# the bounds of files and lines, the shell scripts.
# Every check is made; the exit status shows whether all passed.
set -u
cd "$(dirname "$0")/.."
failed=0

# check NAME COMMAND...: run it, show what it said when it fails, and why when it was skipped.
check() {
	name=$1
	shift
	if said=$("$@" 2>&1); then
		case $said in
		'skipped: '*) echo "skip  $name: ${said#skipped: }" ;;
		*) echo "ok    $name" ;;
		esac
	else
		echo "FAIL  $name"
		printf '%s\n' "$said"
		failed=1
	fi
}

formatted() {
	unformatted=$(gofmt -l .) || return 1
	[ -z "$unformatted" ] || {
		printf 'gofmt would change:\n%s\n' "$unformatted"
		return 1
	}
}

# The state of the checkout: what differs from the last commit, and the contents of files git does not know yet.
state() {
	git status --porcelain
	git diff HEAD
	git ls-files --others --exclude-standard -z | xargs -0 -r sha256sum
}

generated() {
	if ! git rev-parse --git-dir >/dev/null 2>&1; then
		echo "no git checkout to compare with"
		return 1
	fi
	before=$(state)
	go generate ./... || return 1
	[ "$before" = "$(state)" ] || {
		echo "go generate changes files; run 'make generate' and commit:"
		git status --short
		return 1
	}
}

# What is tracked stays small: programs and recordings do not belong into the history.
small() {
	git ls-files -z | xargs -0 -r ls -dl 2>/dev/null | awk '$5 > 1000000 { print $5 " bytes: " $NF; n++ } END { exit n > 0 }'
}

scripts() {
	for script in scripts/*.sh; do
		case $(head -n 1 "$script") in
		*bash*) bash -n "$script" || return 1 ;;
		*) sh -n "$script" || return 1 ;;
		esac
	done
}

# What is built for one system only is checked for each of them: vet with the tests, and staticcheck without packages that import most of the
# program. All packages three times would take longer than all other checks together.
system() {
	# shellcheck disable=SC2046 # names of packages
	GOOS=$1 CGO_ENABLED=0 go vet ./cmd/... $(GOOS=$1 differing)
}

systems() {
	printf '%s: CGO_ENABLED=0 GOOS=%s\n' windows windows darwin darwin freebsd freebsd |
		go tool -modfile=tools/go.mod staticcheck -matrix -tests=false ./internal/platform ./internal/safefile ./dnscheck/... ./export
}

# differing lists the packages whose files are others for GOOS than for this system.
differing() {
	files='{{.ImportPath}} {{.GoFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}'
	here=$(mktemp)
	GOOS='' go list -f "$files" ./... >"$here"
	go list -f "$files" ./... | grep -vxFf "$here" | cut -d ' ' -f 1
	rm -f "$here"
}

check gofmt formatted
check vet go vet ./...
check 'vet, tests' go -C internal/tests vet -tags wine ./...
check 'vet, tools' go -C tools vet ./...
check staticcheck go tool -modfile=tools/go.mod staticcheck ./...
check 'tests, tools' go -C tools test ./...
check vulnerabilities scripts/vulncheck.sh
for os in windows darwin freebsd; do
	check "vet, $os" system $os
done
check 'staticcheck, other systems' systems
check generate generated
check 'mod tidy' go mod tidy -diff
check 'mod tidy, tools' go -C tools mod tidy -diff
check 'mod tidy, release tools' go -C tools/release mod tidy -diff
check 'mod tidy, tests' go -C internal/tests mod tidy -diff
check 'mod verify' go mod verify
check 'size of files' small
check 'imports, lines and files of Go' go test -short ./internal/house
check 'shell syntax' scripts
exit $failed
