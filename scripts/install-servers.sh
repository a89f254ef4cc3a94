#!/bin/sh
# Installs the servers that the tests talk to, and the C compiler that Go's race detector takes, where that can be done:
# on Debian and its relatives, as root. Elsewhere it says so and succeeds; the tests that lack a server are then skipped
# by name. Quick when nothing is missing: neither the network nor apt is asked.
set -eu

# What to find on the machine, and the package that brings it.
wanted='
gcc             gcc libc6-dev
nsd             nsd
unbound         unbound
dig             bind9-dnsutils
dnsperf         dnsperf
samba           samba samba-ad-dc
samba-tool      samba-common-bin
winbindd        winbind
slapd           slapd
ldapsearch      ldap-utils
ns-slapd        389-ds-base
dovecot         dovecot-core
apache2         apache2
htpasswd        apache2-utils
kamailio        kamailio
sipsak          sipsak
chromium        chromium
/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf         fonts-dejavu-core
socat           socat
openssl         openssl
curl            curl
ip              iproute2
bc              bc
xmllint         libxml2-utils
chronyd         chrony
in.tftpd        tftpd-hpa
sshd            openssh-server
prosody         prosody
prometheus      prometheus
promtool        prometheus
/usr/share/samba/setup/ad-schema                        samba-ad-provision
/usr/lib/*/samba/ldb/samba_dsdb.so                      samba-dsdb-modules
/usr/lib/dovecot/imap                                   dovecot-imapd
/usr/lib/*/kamailio/modules/tls.so                      kamailio-tls-modules
'

# What is installed where it can be, and is missed by no one: one test each.
optional='
/usr/lib/*/ejabberd-*                                   ejabberd
'

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# have NAME: is there a program of this name, or a file that the pattern matches?
have() {
	case $1 in
	/*)
		for path in $1; do # unquoted, so that the shell expands the pattern
			[ -e "$path" ] && return 0
		done
		return 1
		;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing=
while read -r what package; do
	[ -n "$what" ] || continue
	have "$what" || missing="$missing $package"
done <<END
$wanted
END

extra=
while read -r what package; do
	[ -n "$what" ] || continue
	have "$what" || extra="$extra $package"
done <<END
$optional
END

if [ -z "$missing$extra" ]; then
	echo "install-servers: nothing is missing"
	exit 0
fi
echo "install-servers: missing:$missing$extra"

if ! command -v apt-get >/dev/null 2>&1; then
	echo "install-servers: this is not a Debian system; tests that need a missing server will be skipped"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "install-servers: not root; tests that need a missing server will be skipped (or run: sudo $0)"
	exit 0
fi

# Packages must not start daemons of their own: the tests start theirs, on loopback. A policy-rc.d that is already
# there is a decision of the user and stays; one made here goes when this script ends.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
# The words of $missing are package names.
# shellcheck disable=SC2086
if ! { apt-get update -q && { [ -z "$missing" ] || apt-get install -y -q --no-install-recommends $missing; }; }; then
	echo "install-servers: apt could not install them, see above" >&2
	[ "${CI:-}" = true ] && exit 1
	echo "install-servers: tests that need a missing server will be skipped" >&2
	exit 0
fi

for package in $extra; do
	apt-get install -y -q --no-install-recommends "$package" || echo "install-servers: $package could not be installed; its test is skipped"
done

left=
while read -r what package; do
	[ -n "$what" ] || continue
	have "$what" || left="$left $what($package)"
done <<END
$wanted
END
if [ -n "$left" ]; then
	echo "install-servers: still missing after the installation:$left" >&2
	exit 1
fi
