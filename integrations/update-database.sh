#!/bin/sh
# Brings the database of CLAIR_DB up to date before a scan.
#
#   CLAIR_PROGRAM          the program; `clair` when it is not set
#   CLAIR_DATA             a file of `clair db export` to take the data from, instead of reading the feeds
#   CLAIR_UPDATER_FEEDS  which feeds to ask, as in [debian, nvd, epss, kev]; all when it is not set
#
# Exit status: 0 all is up to date, 10 a feed failed and keeps the data that it had, another one when it cannot be done at
# all. Whether old data will do is not judged here: the scan says of each feed how old it is, and is incomplete when that is
# too old, or when there is none.
set -eu
program=${CLAIR_PROGRAM:-clair}

if [ -n "${CLAIR_DATA:-}" ]; then
  exec "$program" db import "$CLAIR_DATA"
fi
# Tells a name that is no feed from a feed that fails.
"$program" config check > /dev/null
status=0
"$program" update || status=$?
if [ "$status" -eq 2 ]; then
  echo 'clair: not all feeds could be updated; the scan goes by what they said before' >&2
  exit 10
fi
exit "$status"
