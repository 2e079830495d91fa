#!/bin/sh
# Updates the database CLAIR_DB before a scan.
#
#   CLAIR_PROGRAM        program; default clair
#   CLAIR_DATA           file of `clair db export` to import, instead of an update
#   CLAIR_UPDATER_FEEDS  feeds to update, such as [debian, nvd, epss, kev]; default all
#
# Exit status: 0 all feeds are current, 10 a feed failed and keeps its old data, other: failure. The scan checks the age of the data:
# with old or missing data its report is incomplete.
set -eu
program=${CLAIR_PROGRAM:-clair}

if [ -n "${CLAIR_DATA:-}" ]; then
  exec "$program" db import "$CLAIR_DATA"
fi
# An unknown feed is a wrong setting, not a failed update.
"$program" config check > /dev/null
status=0
"$program" update || status=$?
if [ "$status" -eq 2 ]; then
  echo 'clair: a feed could not be updated; the scan uses its old data' >&2
  exit 10
fi
exit "$status"
