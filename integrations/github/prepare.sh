#!/bin/sh
# Builds Clair unless CLAIR_PROGRAM names an executable, and sets outputs for the other steps: the program, the folder of the
# database, and the key of its cache (prefix, system, release, feeds, day).
set -eu
program=${CLAIR_PROGRAM:-}
[ -n "$program" ] || program=$(sh "$GITHUB_ACTION_PATH/../build-clair.sh")
version=$("$program" --version)
# A cache key must not contain commas.
feeds=$(printf '%s' "${CLAIR_UPDATER_FEEDS:-all}" | tr -cs 'A-Za-z0-9' '-')
prefix=$CACHE-$RUNNER_OS-$version-$feeds-
folder=$RUNNER_TEMP/clair
mkdir -p "$folder"
{
  echo "program=$program"
  echo "folder=$folder"
  echo "cache-prefix=$prefix"
  echo "cache-key=$prefix$(date -u +%Y-%m-%d)"
} >> "$GITHUB_OUTPUT"
