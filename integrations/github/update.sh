#!/bin/sh
# Brings the database up to date, and tells the other steps of the action whether all of it is. A source that fails does not end
# the job: the scan judges the age of what there is.
set -eu
status=0
sh "$GITHUB_ACTION_PATH/../update-database.sh" || status=$?
case $status in
  0) echo 'is-complete=true' >> "$GITHUB_OUTPUT" ;;
  10) echo '::warning title=Clair::Not all sources could be updated; the scan goes by what they said before.' ;;
  *) exit "$status" ;;
esac
