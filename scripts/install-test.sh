#!/usr/bin/env bash
# Installs the packages in a clean Debian and looks at what they leave: make install-test. As root on Debian, with a Debian mirror to ask.
#
# Two versions are built from this work tree: the new one by the commands of docs/install.md, signed with a throw-away key. The old one is installed,
# upgraded, used, removed and purged; the rpm and the archive follow. The commands are those of docs/install.md, each run as it is printed
# there (page NAME). Nothing is mounted outside of a namespace, and the programs run in one that has no network.
#
#   ROOT_TAR=FILE   a root that mmdebstrap made earlier; without it one is made
#   PREBUILT=FOLDER the packages of an earlier run (KEEP=1), which are in old/ and new/ of its folder
#   KEEP=1          leave the folder for a look
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
. scripts/lib.sh

die() { echo "install-test: $*" >&2 && exit 1; }
[ "$(id -u)" = 0 ] || die "this test takes root: it makes a Debian root and installs packages in it (sudo make install-test)"
for need in mmdebstrap:mmdebstrap rpm:rpm unshare:util-linux ip:iproute2 man:man-db openssl:openssl curl:curl; do
	command -v "${need%:*}" >/dev/null || missing="${missing:-} ${need#*:}"
done
if [ -n "${missing:-}" ]; then
	command -v apt-get >/dev/null || die "missing:$missing, and this is not a Debian system"
	# shellcheck disable=SC2086 # names of packages
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 || die "apt could not install$missing"
fi

work=$(mktemp -d)
group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/cupclint-install-test.$$
system= # the process that leads the booted root
finish() {
	shut_down
	end_started
	[ -n "${KEEP:-}" ] || rm -rf --one-file-system "$work"
}
trap finish EXIT
root=$work/root
count=0

# ok WHAT COMMAND...: the command must succeed.
ok() {
	local what=$1
	shift
	if ! said=$("$@" 2>&1); then
		printf 'FAIL  %s\n%s\n' "$what" "$said" >&2
		exit 1
	fi
	count=$((count + 1))
	echo "ok    $what"
}
# exits CODE WHAT COMMAND...
exits() {
	local code=$1 what=$2 got=0
	shift 2
	said=$("$@" 2>&1) || got=$?
	[ "$got" = "$code" ] || { printf 'FAIL  %s: exit code %s, not %s\n%s\n' "$what" "$got" "$code" "$said" >&2 && exit 1; }
	count=$((count + 1))
	echo "ok    $what"
}
# says WHAT PATTERN: what the last command said has it.
says() {
	grep -qE -- "$2" <<<"$said" || { printf 'FAIL  %s: no "%s" in\n%s\n' "$1" "$2" "$said" >&2 && exit 1; }
	count=$((count + 1))
}
# silent WHAT COMMAND...: it must succeed and say nothing.
silent() {
	ok "$@"
	[ -z "$said" ] || { printf 'FAIL  %s said:\n%s\n' "$1" "$said" >&2 && exit 1; }
}

# in_root USER COMMANDS: in the clean root, with a loopback and no other network. Once it is booted, in that system.
in_root() {
	local enter=(unshare -m -p -f -n --mount-proc="$root/proc" sh -c 'ip link set lo up && exec chroot "$@"' - "$root") offline=1
	[ -z "$system" ] || enter=(nsenter -t "$system" -a) offline=0
	"${enter[@]}" /usr/bin/env -i LC_ALL=C.UTF-8 SYSTEMD_OFFLINE=$offline PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
		su -s /bin/bash "$1" -c "cd ~; sudo() { \"\$@\"; }; set -e; $2"
}
# boot starts systemd in the root, in namespaces and a control group of its own. It fails where there is no cgroup v2. The root ends with this script,
# also when that is killed.
boot() {
	mkdir "$group" 2>/dev/null && [ -e "$group/cgroup.procs" ] || return 1
	# shellcheck disable=SC2016 # the inner shell expands these
	setpriv --pdeathsig KILL bash -c 'echo $$ >"$2/cgroup.procs" && exec unshare -m -p -f -n -u -i -C --kill-child bash -ec '"'"'
		mount --bind "$1" "$1" && cd "$1"
		mount -t proc proc proc && mount -t sysfs -o ro sys sys && mount -t cgroup2 cg sys/fs/cgroup && mount -t tmpfs run run
		mount -t tmpfs -o mode=755 dev dev && mkdir dev/pts dev/shm && mount -t devpts -o newinstance,ptmxmode=666 pts dev/pts
		for d in null zero full random urandom tty; do touch dev/$d && mount --bind /dev/$d dev/$d; done
		ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd && ip link set lo up
		mkdir -p .old && pivot_root . .old && umount -l /.old && rmdir /.old
		mount --make-rshared / # as a machine has it; without it no credential reaches a service
		exec env -i container=install-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=null --unit=basic.target'"'"' - "$1"' \
		- "$root" "$group" </dev/null >"$work/boot.log" 2>&1 &
	leader=$!
	for _ in $(seq 600); do
		system=$(cat "/proc/$leader/task/$leader/children" 2>/dev/null || true)
		system=${system%% *}
		if [ -n "$system" ] && [ "$(cat "/proc/$system/comm" 2>/dev/null)" = systemd ] && in_root root "systemctl is-system-running --wait" >/dev/null 2>&1; then
			return 0
		fi
		sleep 0.2
	done
	shut_down
	return 1
}
# shut_down ends the booted root: with its first process all others end.
shut_down() {
	if [ -n "${leader:-}" ]; then
		kill -9 "$leader" 2>/dev/null || true
		wait "$leader" 2>/dev/null || true
	fi
	leader='' system=''
	for _ in $(seq 50); do
		[ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || { sleep 0.2 && continue; }
		break
	done
}
in_net() { # the same as root with the network, for apt
	unshare -m -p -f --mount-proc="$root/proc" chroot "$root" /usr/bin/env -i LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -ec "$1"
}

echo "== the packages"
arch=$(dpkg --print-architecture)
# The work tree as a commit, so that a release can be made of it before it is committed.
src=$work/src
git clone -q "file://$top" "$src"
git -C "$src" rm -rqf . >/dev/null
git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C "$src"
git -C "$src" add -A
git -C "$src" diff --cached --quiet HEAD || git -C "$src" -c user.name=test -c user.email=test@example.invalid commit -qm "the work tree"
commit=$(git -C "$src" rev-parse HEAD)
export SYSTEMS=linux/$arch
# Another home must not mean that everything is compiled again.
GOPATH=$(go env GOPATH) GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE)
export GOPATH GOCACHE GOMODCACHE
if [ -n "${PREBUILT:-}" ]; then
	cp -r "$PREBUILT/old" "$PREBUILT/new" "$work/"
else
	mkdir "$work/old" "$work/new" "$work/home"
	(cd "$src" && DIST=$work/old scripts/release.sh 1.0.0) >"$work/old.log" 2>&1 || { cat "$work/old.log" && exit 1; }
	ok "without a key a release is not signed" test ! -e "$work/old/SHA256SUMS.sig"
	ok "and that is said" grep -q "THIS RELEASE IS NOT SIGNED" "$work/old.log"

	# ssh-keygen asks for the passphrase of the throw-away key; it is answered by a program, as there is no terminal.
	printf '#!/bin/sh\necho a passphrase of a test\n' >"$work/answer"
	chmod +x "$work/answer"
	signed() {
		cd "$src" && HOME=$work/home SSH_ASKPASS=$work/answer SSH_ASKPASS_REQUIRE=force bash -ec "$(page sign 1.1.0)"
	}
	ok "a release with a key (sign)" signed
	grep '^cupclint-release ' <<<"$said" >"$work/signers"
	ok "the key is not in what the script says" bash -c '! grep -qF "$(sed -n 2p "$1")" <<<"$2"' - "$work/home/cupclint-release-key" "$said"
	cp "$src"/dist/* "$work/new/"
	cp "$work/signers" "$work/new/cupclint-signers"
	verify() { cd "$work/new" && bash -ec "$(page "$1" 1.1.0)"; }
	ok "verify-linux" verify verify-linux
	ok "verify-macos" verify verify-macos
	rebuild() {
		cp "$work/new/SHA256SUMS" "$src/" && cd "$src" && bash -ec "$(page rebuild 1.1.0 | sed "s/COMMIT/$commit/")" && rm "$src/SHA256SUMS"
	}
	echo SHA256SUMS >>"$src/.git/info/exclude"
	ok "building again gives the same files (rebuild)" rebuild
fi

echo "== a clean Debian"
tar=${ROOT_TAR:-$work/root.tar}
if [ ! -e "$tar" ]; then
	sources=/etc/apt/sources.list.d/debian.sources
	if [ -e "$sources" ]; then
		mmdebstrap --quiet --variant=minbase bookworm "$tar" - <"$sources"
	else
		mmdebstrap --quiet --variant=minbase bookworm "$tar"
	fi
fi
mkdir "$root"
tar -xf "$tar" -C "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
in_net 'useradd -m -s /bin/bash alice && ln -sf /bin/true /usr/local/bin/pager' >/dev/null
# The files before and after; files that dpkg and apt keep for themselves do not count.
state() {
	(cd "$root" && find . -xdev -not -path './proc/*' -not -path './var/lib/dpkg/*' -not -path './var/cache/*' -not -path './var/log/*' \
		-not -path './var/lib/apt/*' -not -path './tmp/*' -not -path './root/*' -not -path './home/*' -printf '%p %m %u %g\n' | LC_ALL=C sort)
}
state >"$work/before"

echo "== Debian"
cp "$work"/old/*.deb "$root/root/"
ok "the old version installs (debian-install)" in_root root "$(page debian-install 1.0.0 | sed "s/amd64/$arch/")"
says "the old version" '^cupclint 1\.0\.0'
silent "dpkg -V of it" in_root root "dpkg -V cupclint"
in_root root 'echo "# a line of the administrator" >>/etc/cupclint/audit.env'
cp "$work"/new/*.deb "$root/root/"
ok "an upgrade (debian-install again)" in_root root "$(page debian-install 1.1.0 | sed "s/amd64/$arch/")"
says "the new version" '^cupclint 1\.1\.0'
ok "a changed file of the configuration stays" grep -q "a line of the administrator" "$root/etc/cupclint/audit.env"
sed -i '/a line of the administrator/d' "$root/etc/cupclint/audit.env"
silent "dpkg -V of the new one" in_root root "dpkg -V cupclint"
for file in /usr/bin/cupclint /etc/cupclint/servers.yaml /usr/share/cupclint/schema/report.schema.json /usr/share/cupclint/schema/jabber-config.xsd \
	/usr/share/doc/cupclint/README.md /usr/share/doc/cupclint/docs/install.md /usr/share/doc/cupclint/docs/rules/PRES002.md /usr/share/doc/cupclint/copyright \
	/usr/share/doc/cupclint/THIRD-PARTY-LICENSES /usr/share/man/man1/cupclint.1.gz /usr/lib/systemd/system/cupclint-serve.service; do
	ok "it has $file" test -f "$root$file"
done
# Links into the source are as they are; the page of Windows has brackets that are not links.
silent "every link of its documentation leads to a file" bash -c 'cd "$1" && grep -roE "\]\([^)#: ]+[)#]" --include=*.md . | while IFS=: read -r from link; do
	to=${link#*(}; to=$(dirname "$from")/${to%[)#]}; case $to in */internal/* | */export/* | */fixtures/* | */.github/*) ;; *) [ -e "$to" ] || echo "$from: $to" ;; esac; done' - \
	"$root/usr/share/doc/cupclint"
conffiles=$(in_root root "dpkg-query -f '\${Conffiles}' -W cupclint" | awk 'NF { print $1 }' | sort | paste -sd' ')
ok "its configuration files" test "$conffiles" = "/etc/cupclint/audit.env /etc/cupclint/serve.env /etc/cupclint/servers.yaml"
ok "the template is that of cupclint init" in_root alice 'cupclint init -o t.yaml >/dev/null && cmp t.yaml /etc/cupclint/servers.yaml'
silent "nothing is enabled" in_root root 'find /etc/systemd -name "cupclint*"'

echo "== three users (no network but a loopback)"
exits 0 "an engineer: audit --demo" in_root alice "cupclint audit --demo"
says "the demo's findings" 'PRES002'
ok "and its report" test -s "$root/home/alice/cupclint-demo/report.html"
mv "$root/home/alice/cupclint-demo/exports" "$root/home/alice/exports"
exits 1 "an engineer: lint --addresses" in_root alice "cupclint lint --addresses exports/"
says "the presence address" 'cups1\.acme\.test\.ACME\.TEST'
ok "an engineer: audit --plan" in_root alice "cupclint audit --plan exports/"
says "the plan" 'dc1\.acme\.test'
exits 1 "an engineer: audit --offline" in_root alice "cupclint audit --offline --format html=report.html --save case.json exports/"
ok "writes its reports" test -s "$root/home/alice/report.html" -a -s "$root/home/alice/case.json"
printf 'Presence\n  Server: cups1.acme.com\n  Status: Not connected\n  Reason: Invalid credentials\n' >"$root/home/alice/server-health.txt"
ok "the help-desk: diagnose with a paste" in_root alice "cupclint diagnose --symptom presence --health server-health.txt"
says "the cause" '^Most likely: '
exits 1 "the help-desk: resolve" in_root alice "cupclint resolve cups1.acme.com --domain ACME.COM"
says "the address" 'cups1\.acme\.com\.ACME\.COM'
ok "the help-desk: explain" in_root alice "cupclint explain CRED005"
exits 1 "CI: lint with SARIF, JUnit and annotations" in_root alice "cupclint lint --format github --format sarif=findings.sarif --format junit=findings.xml exports/"
says "annotations" '^::error '
ok "SARIF" grep -q '"version": *"2.1.0"' "$root/home/alice/findings.sarif"
ok "JUnit" grep -q '<testsuites' "$root/home/alice/findings.xml"
ok "CI: redact, and a baseline" in_root alice "cupclint redact --in-place exports/*.xml && cupclint lint --write-baseline exports/"
exits 0 "CI: nothing new" in_root alice "cupclint lint exports/"
exits 3 "CI: an input that cannot be read" in_root alice "echo nothing >none.xml; cupclint lint none.xml"
exits 2 "CI: a flag that does not exist" in_root alice "cupclint lint --no-such-flag exports/"

echo "== manual pages, completions, units"
in_net 'apt-get -q update && rm -f /etc/dpkg/dpkg.cfg.d/* && apt-get install -y -q --no-install-recommends man-db bash-completion zsh fish systemd' \
	>"$work/apt.log" 2>&1 || { tail "$work/apt.log" && die "apt could not install what the next steps look with"; }
ok "debian-files" in_root alice "export MANPAGER=cat; $(page debian-files 1.1.0)"
says "the manual page" 'cupclint.lint'
silent "no manual page has a warning" in_root alice 'for p in /usr/share/man/man1/cupclint*; do man --warnings -l "$p" 2>&1 >/dev/null; done'
ok "the manual pages are found by name and by word" in_root root 'mandb -q && whatis cupclint-lint && man -w cupclint-audit'
pages=$(in_root alice 'ls /usr/share/man/man1/cupclint*.1.gz | wc -l')
ok "all manual pages of the archive" test "$pages" = "$(tar -tzf "$work"/new/*.tar.gz | grep -c '/man/.*\.1$')"
ok "bash completes" in_root alice '. /usr/share/bash-completion/bash_completion; _completion_loader cupclint || true
	compopt() { :; }; COMP_WORDS=(cupclint li); COMP_CWORD=1
	COMP_LINE="cupclint li" COMP_POINT=11 COMP_TYPE=9; __start_cupclint; printf "%s\n" "${COMPREPLY[@]}" | grep -q "^lint"'
ok "zsh completes" in_root alice "zsh -fc 'autoload -Uz compinit && compinit -u && [[ \${_comps[cupclint]} == _cupclint ]] && autoload +X _cupclint'"
ok "fish completes" in_root alice "fish -c 'complete -C \"cupclint li\"' | grep -q '^lint'"
silent "systemd accepts the units" in_root root \
	'systemd-analyze verify --man=no /usr/lib/systemd/system/cupclint-serve.service /usr/lib/systemd/system/cupclint-audit.service /usr/lib/systemd/system/cupclint-audit.timer'
for unit in cupclint-serve cupclint-audit; do
	ok "systemd-analyze security $unit: exposure of at most 1.5" in_root root "systemd-analyze security --offline=true --threshold=15 /usr/lib/systemd/system/$unit.service"
	ok "$unit: man page that it names" in_root root "man -w \$(sed -n 's/^Documentation=man:\([^(]*\).*/\1/p' /usr/lib/systemd/system/$unit.service)"
done
exits 1 "cupclint-serve is not enabled" in_root root "systemctl is-enabled cupclint-serve.service"
says "so says systemd" disabled
exits 1 "nor is the timer" in_root root "systemctl is-enabled cupclint-audit.timer"
ok "completions by hand (completions)" in_root alice "$(page completions 1.1.0); ls ~/.zfunc/_cupclint"
cp -r "$root/home/alice/exports" "$root/root/"

echo "== services, in the same root with systemd running"
if boot; then
	ok "they can be enabled and started (services)" in_root root "$(page services 1.1.0)"
	ok "and are" in_root root "systemctl is-enabled cupclint-serve.service cupclint-audit.timer && systemctl is-active cupclint-serve.service cupclint-audit.timer"
	ask='for i in $(seq 100); do exec 3<>/dev/tcp/127.0.0.1/9719 && break; sleep 0.1; done 2>/dev/null
		printf "GET $1 HTTP/1.0\r\nHost: 127.0.0.1:9719\r\n\r\n" >&3; cat <&3'
	ok "the page answers" in_root alice "set -- /; $ask"
	says "the page" '^HTTP/1\.[01] 200'
	ok "the metrics answer" in_root alice "set -- /metrics; $ask"
	says "the metrics" '^cupclint_'
	# Exit code 3: there is no network, so names cannot be asked for; the reports are written all the same.
	exits 1 "an audit that could probe nothing has failed" in_root root "systemctl start cupclint-audit.service"
	ok "with exit code 3" in_root root "systemctl show -p ExecMainStatus cupclint-audit.service | grep -x ExecMainStatus=3"
	ok "with --offline it is a success, findings or not" in_root root "sed -i s/--no-login/--offline/ /etc/cupclint/audit.env && systemctl start cupclint-audit.service"
	ok "with exit code 1" in_root root "systemctl show -p ExecMainStatus cupclint-audit.service | grep -x ExecMainStatus=1"
	for file in audit.html audit.json history.jsonl; do
		ok "it wrote $file" test -s "$root/var/lib/private/cupclint/$file"
	done
	ok "no other user can read them" test "$(stat -c %a "$root/var/lib/private/cupclint/audit.html" "$root/var/lib/private/cupclint" | paste -sd' ')" = "600 700"
	ok "the program does not run as root" in_root root 'test "$(ps -o user= -p "$(systemctl show -P MainPID cupclint-serve.service)" 2>/dev/null ||
		stat -c %u "/proc/$(systemctl show -P MainPID cupclint-serve.service)")" != 0'
	before=$(in_root root "systemctl show -P MainPID cupclint-serve.service")
	ok "an upgrade restarts what runs" in_root root "dpkg -i ./$(basename "$work"/new/*.deb) && systemctl is-active cupclint-serve.service"
	ok "so that the new program runs" test "$before" != "$(in_root root "systemctl show -P MainPID cupclint-serve.service")"
	# With TLS and a password file that only root may read, as the page says.
	(cd "$root/etc/cupclint" && umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=cupclint.test \
		-keyout tls.key -out tls.pem 2>/dev/null && chmod 644 tls.pem && echo 'help:$2y$05$bjXP6kCzq5xozAKZCesCXu.4Joqac/M1qUyRZMkjaE/OqJyy6sOaS' >passwords)
	mkdir -p "$root/etc/systemd/system/cupclint-serve.service.d"
	page services-tls 1.1.0 >"$root/etc/systemd/system/cupclint-serve.service.d/override.conf"
	ok "it can listen with TLS and a password (services-tls)" in_root root 'systemctl daemon-reload && systemctl restart cupclint-serve.service
		for i in $(seq 300); do (exec 3<>/dev/tcp/127.0.0.1/9719) 2>/dev/null && exit 0; sleep 0.1; done; exit 1'
	status() { nsenter -t "$system" -n curl -sk -o "$work/answer.html" -w '%{http_code}' "$@" https://127.0.0.1:9719/; }
	ok "without the password the page is closed" test "$(status)" = 401
	ok "with it" test "$(status -u 'help:words of a test')" = 200
	rm "$root"/etc/cupclint/{tls.key,tls.pem,passwords}
	ok "nothing was refused to the program" in_root root '! journalctl -q -u "cupclint-*" | grep -iE "not permitted|permission denied|SIGSYS|core-dump"'
else
	echo "skip  systemd could not be started here (no cgroup v2?): the units are not run"
	ok "they can be enabled (services)" in_root root "$(page services 1.1.0 | sed 's/ --now//')"
	in_root root 'mkdir -p /var/lib/private/cupclint && ln -s private/cupclint /var/lib/cupclint && echo {} >/var/lib/cupclint/audit.json'
fi

echo "== removed and purged"
# What an administrator changed with systemctl edit goes as well.
in_root root 'mkdir -p /etc/systemd/system/cupclint-serve.service.d && touch /etc/systemd/system/cupclint-serve.service.d/override.conf'
ok "removed (debian-remove)" in_root root "$(page debian-remove 1.1.0 | sed 's/apt /apt-get -y /')"
ok "the program is gone, the configuration and the state are not" test ! -e "$root/usr/bin/cupclint" -a -e "$root/etc/cupclint/audit.env" \
	-a -e "$root/var/lib/private/cupclint/audit.json"
[ -z "$system" ] || exits 3 "the service was stopped" in_root root "systemctl is-active cupclint-serve.service"
ok "purged (debian-purge)" in_root root "$(page debian-purge 1.1.0 | sed 's/apt /apt-get -y /')"
ok "the exports of the administrator are still there" test -e "$root/etc/cupclint/exports/hq.xml"
rm -r "$root/etc/cupclint"
shut_down
in_net 'SUDO_FORCE_REMOVE=yes apt-get purge -y -q man-db bash-completion zsh fish systemd && apt-get autoremove --purge -y -q' >"$work/purge.log" 2>&1 || { tail "$work/purge.log" && exit 1; }
state | grep cupclint >"$work/after" || true
silent "nothing of cupclint is left" cat "$work/after"
silent "no file is there that was not there before, by its own name or not" bash -c 'state=$(diff <(grep -i cupc "$1") <(grep -i cupc "$2")) || echo "$state"' - "$work/before" "$work/after"
exits 1 "dpkg does not know it" in_root root "dpkg-query -s cupclint"

echo "== rpm, in the same root, without its dependencies"
rpmarch=$(case $arch in amd64) echo x86_64 ;; arm64) echo aarch64 ;; *) echo "$arch" ;; esac)
rpm_page() { # the commands of the page, with rpm of this machine acting on the root
	sudo() { "$@"; }
	rpm() { command rpm --root "$root" --nodeps "$@"; }
	cupclint() { in_root alice "cupclint $*"; }
	export -f sudo rpm cupclint in_root
	export root
	cd "$1" && bash -ec "$(page "$2" "$3" | sed "s/x86_64/$rpmarch/")"
}
rm -f "$root/usr/local/bin/cupclint"
ok "the old version installs (rpm-install)" rpm_page "$work/old" rpm-install 1.0.0
says "the old version" '^cupclint 1\.0\.0'
echo "# a line of the administrator" >>"$root/etc/cupclint/serve.env"
# rpm -V of the page ends with 1 here: it names the file that was changed, and nothing else.
exits 1 "an upgrade (rpm-install again)" rpm_page "$work/new" rpm-install 1.1.0
says "the changed file" '^S\.5\.\.\.\.T\.  c /etc/cupclint/serve\.env$'
says "the new version" '^cupclint 1\.1\.0'
ok "a changed file of the configuration stays" grep -q "a line of the administrator" "$root/etc/cupclint/serve.env"
ok "zsh's completion is where rpm systems look" test -s "$root/usr/share/zsh/site-functions/_cupclint"
ok "removed (rpm-remove)" rpm_page "$work/new" rpm-remove 1.1.0
ok "the changed file is kept aside" grep -q "a line of the administrator" "$root/etc/cupclint/serve.env.rpmsave"
ok "the program is gone" test ! -e "$root/usr/bin/cupclint"
rm -r "$root/etc/cupclint"
state | grep cupclint | grep -v /rpm/ >"$work/after" || true
silent "nothing else is left" cat "$work/after"

echo "== the archive, and the source"
cp "$work"/new/*.tar.gz "$root/root/"
ok "tarball" in_root root "$(page tarball 1.1.0 | sed "s/amd64/$arch/g")"
says "the version" '^cupclint 1\.1\.0'
source_page() {
	sudo() { "${@/#\/usr\/local/$work\/local}"; }
	export -f sudo
	export work
	mkdir -p "$work/local/bin" "$work/clone"
	cd "$work/clone" && bash -ec "$(page source 1.1.0 | sed "s|REPOSITORY|file://$src|")"
}
ok "source" source_page
ok "the program that was built" "$work/local/bin/cupclint" version

echo "install-test: $count assertions hold"
