#!/usr/bin/env bash
# Signs SHA256SUMS of a release. Usage: scripts/sign.sh FOLDER KEY. KEY is a file of ssh-keygen: a private key, or the public half of one that
# ssh-agent or a security key holds. Without a key nothing is signed, and that is said.
#
# ssh-keygen and not minisign: it is on every Linux, macOS and Windows already, so that nothing must be installed to verify, and the key may
# be in an agent or on a security key.
set -euo pipefail

folder=${1:?usage: scripts/sign.sh FOLDER KEY}
key=${2:-}
rm -f "$folder/SHA256SUMS.sig"
if [ -z "$key" ]; then
	cat >&2 <<'END'

  THIS RELEASE IS NOT SIGNED. RELEASE_KEY names no key.
  SHA256SUMS shows that a file arrived whole, not who made it. Do not publish it as it is.

END
	exit 0
fi
# A key below the repository would be committed one day.
top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
case $(realpath -- "$key") in
"$top"/*) echo "sign: $key is inside the repository. Keep the key elsewhere." >&2 && exit 2 ;;
esac
ssh-keygen -q -Y sign -f "$key" -n file "$folder/SHA256SUMS"
public=$(if [ -e "$key.pub" ]; then cat "$key.pub"; else ssh-keygen -y -f "$key" 2>/dev/null || cat "$key"; fi)
case $public in
*PRIVATE*) echo "sign: no public half of $key" >&2 && exit 2 ;;
esac
# The signature is tried as the reader will try it.
allowed=$(mktemp)
trap 'rm -f "$allowed"' EXIT
echo "cupclint-release namespaces=\"file\" $(cut -d' ' -f1,2 <<<"$public")" >"$allowed"
ssh-keygen -Y verify -f "$allowed" -I cupclint-release -n file -s "$folder/SHA256SUMS.sig" <"$folder/SHA256SUMS"
echo "The line of this key for the file cupclint-signers. Publish it where readers look for it, not next to the release alone:"
cat "$allowed"
