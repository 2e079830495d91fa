#!/bin/sh
# Brings the database up to date, and tells the other steps of the action whether all of it is. A feed that fails does not end
# the job: the scan judges the age of what there is.
set -eu
# What feeds say is printed, and no line of it is a workflow command: see scan.sh.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$token"
sh "$GITHUB_ACTION_PATH/../update-database.sh" 2>&1 || status=$?
echo "::$token::"
case $status in
  0) echo 'is-complete=true' >> "$GITHUB_OUTPUT" ;;
  10) echo '::warning title=Clair::Not all feeds could be updated; the scan goes by what they said before.' ;;
  *) exit "$status" ;;
esac
