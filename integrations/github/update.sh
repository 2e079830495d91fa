#!/bin/sh
# Updates the database, and sets the output `is-complete` if all feeds are current. A failed feed does not end the job: the scan checks
# the age of its data.
set -eu
# Prevents that printed data is executed as a workflow command, see scan.sh.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$token"
sh "$GITHUB_ACTION_PATH/../update-database.sh" 2>&1 || status=$?
echo "::$token::"
case $status in
  0) echo 'is-complete=true' >> "$GITHUB_OUTPUT" ;;
  10) echo '::warning title=Clair::A feed could not be updated; the scan uses its old data.' ;;
  *) exit "$status" ;;
esac
