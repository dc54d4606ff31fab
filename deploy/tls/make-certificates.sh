#!/bin/bash
# Certificates for a Dask cluster that speaks TLS only: an authority of your own, and one certificate per role.
#   deploy/tls/make-certificates.sh DIRECTORY NAME_OR_ADDRESS...
# The names and addresses are those of the machines of scheduler and workers (localhost is always among them).
# Run it again with --renew before the directory to sign new certificates with the same authority, as they end after DAYS.
set -euo pipefail
umask 077

DAYS=${DAYS:-365} # of a certificate; the authority lives ten times as long

fail() { echo "make-certificates: $1" >&2; exit 1; }

renew=0
[[ ${1:-} != --renew ]] || { renew=1; shift; }
[[ $# -ge 1 && ${1:0:1} != - ]] || fail "usage: make-certificates.sh [--renew] DIRECTORY NAME_OR_ADDRESS..."
command -v openssl >/dev/null || fail "openssl is not installed"
[[ $DAYS =~ ^[1-9][0-9]{0,3}$ ]] || fail "DAYS must be a number of days up to 9999, not $DAYS"

mkdir -p "$1"
folder=$(cd "$1" && pwd)
[[ $folder != *\'* ]] || fail "the directory may have no apostrophe in its name"
chmod 700 "$folder"
shift

names="DNS:localhost,IP:127.0.0.1,IP:::1"
for name in "$@"; do
    [[ $name =~ ^[A-Za-z0-9.:*_-]+$ ]] || fail "$name is no name of a machine and no address"
    if [[ $name =~ ^[0-9.]+$ || $name == *:* ]]; then names+=",IP:$name"; else names+=",DNS:$name"; fi
done

cd "$folder"
trap 'rm -f ./*.part ./*.csr' EXIT
if [[ ! -e ca.key ]]; then
    [[ $renew == 0 ]] || fail "there is no authority in $folder to renew certificates of"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$((10 * DAYS))" \
        -subj "/CN=dipolescan authority" -keyout ca.key.part -out ca.pem \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null || fail "openssl made no authority"
    mv ca.key.part ca.key
elif [[ $renew == 0 && -e client.pem ]]; then
    fail "$folder has certificates already; give --renew to sign new ones with its authority"
fi

# only a scheduler or a worker can be connected to: a client's key cannot pose as one
sign() {
    local role=$1 purposes=$2 extensions
    extensions="basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=$purposes
subjectAltName=$names"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
        -subj "/CN=dipolescan $role" -keyout "$role.key.part" -out "$role.csr" 2>/dev/null \
        || fail "openssl made no key for the $role"
    openssl x509 -req -sha256 -days "$DAYS" -in "$role.csr" -CA ca.pem -CAkey ca.key \
        -set_serial "0x$(openssl rand -hex 16)" -extfile <(echo "$extensions") -out "$role.pem.part" 2>/dev/null \
        || fail "openssl signed no certificate for the $role; are all of these names right: $names?"
    mv "$role.key.part" "$role.key"
    mv "$role.pem.part" "$role.pem"
    rm "$role.csr"
}
sign scheduler serverAuth,clientAuth
sign worker serverAuth,clientAuth
sign client clientAuth

{
    echo "# for Dask: copy it to ~/.config/dask/ or name it in DASK_CONFIG"
    echo "distributed:"
    echo "  comm:"
    echo "    require-encryption: true"
    echo "    tls:"
    echo "      ca-file: '$folder/ca.pem'"
    for role in scheduler worker client; do
        echo "      $role: {cert: '$folder/$role.pem', key: '$folder/$role.key'}"
    done
} >tls.yaml

chmod 400 ca.key
chmod 600 scheduler.key worker.key client.key tls.yaml
chmod 644 ca.pem scheduler.pem worker.pem client.pem
echo "$folder/tls.yaml"
echo "Keep $folder/ca.key away from the cluster: whoever has it can make certificates." >&2
