#!/bin/sh
# Makes what compose.yaml needs below secrets/, each in a file of its own; one that is there stays as it is. The containers
# read them as users of their own, so that the files are open to all, and the folder to its owner alone.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

make() {
  test -s "secrets/$1" || printf '%s' "$2" > "secrets/$1"
  chmod 0444 "secrets/$1"
}

make database-password "$(openssl rand -hex 24)"
make database-source "postgres://clair:$(cat secrets/database-password)@postgres:5432/clair?sslmode=disable"
make pagination-key "$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')"
make psk-key "$(openssl rand -base64 32)"
make grafana-password "$(openssl rand -hex 16)"
