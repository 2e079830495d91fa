#!/bin/sh
# Writes the secrets of compose.yaml to secrets/, and keeps existing files. The containers run as several users, so every user can read
# the files, but only the owner can enter the folder.
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
