#!/bin/sh
# A time-stamp authority (RFC 3161) for tests, by the openssl command line.
#   timestamp_authority.sh make DIR                    keys and certificates: DIR/ca.pem is what to trust
#   timestamp_authority.sh reply DIR QUERY REPLY       answers a TimeStampReq (DER) with a TimeStampResp (DER)
# TSA_CERTIFICATE in the environment of reply: another signer than "tsa", of those that make made:
#   expired       was valid in 2020 only
#   server        not for time-stamping: openssl ts refuses it, openssl cms does not
set -eu

key() {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# issue NAME EXTENDED-KEY-USAGE START END
issue() {
  key "$1.key"
  openssl req -new -config ca.cnf -key "$1.key" -subj "/CN=Test $1" -out "$1.csr"
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n' "$2" > "$1.ext"
  openssl ca -batch -notext -config ca.cnf -in "$1.csr" -out "$1.pem" -extfile "$1.ext" -startdate "$3" -enddate "$4" 2> "$1.log"
}

make() {
  mkdir -p "$1"
  cd "$1"
  cat > ca.cnf <<'CONFIG'
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
CONFIG
  cat > tsa.cnf <<'CONFIG'
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
CONFIG
  : > index.txt
  echo 01 > serial
  key ca.key
  openssl req -x509 -config ca.cnf -key ca.key -subj '/CN=Test time-stamp root' -days 36500 -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
  issue tsa critical,timeStamping 20200101000000Z 21200101000000Z
  issue expired critical,timeStamping 20200101000000Z 20210101000000Z
  issue server serverAuth 20200101000000Z 21200101000000Z
}

reply() {
  cd "$1"
  openssl ts -reply -config tsa.cnf -section tsa -queryfile "$2" -signer "${TSA_CERTIFICATE:-tsa}.pem" \
    -inkey "${TSA_CERTIFICATE:-tsa}.key" -out "$3" 2> reply.log
}

"$@"
