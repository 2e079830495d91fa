#!/bin/sh
# Builds Clair where CLAIR_PROGRAM names no executable, and tells the other steps of the action the program, the folder of the
# database, and the key of its cache: what it begins with, the release, the feeds, and the day.
set -eu
program=${CLAIR_PROGRAM:-}
[ -n "$program" ] || program=$(sh "$GITHUB_ACTION_PATH/../build-clair.sh")
version=$("$program" --version)
# A key has no commas.
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
