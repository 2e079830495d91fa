#!/bin/sh
# Scans, adds the summary to the page of the run, and sets outputs for later steps.
set -eu
# The output contains names from images and feeds. Until the random token, GitHub executes no line as a workflow command. Standard
# error is redirected, so that it is printed before the token too.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$token"
sh "$GITHUB_ACTION_PATH/../scan-image.sh" 2>&1 || status=$?
echo "::$token::"
if [ -f "$CLAIR_REPORTS/summary.md" ]; then cat "$CLAIR_REPORTS/summary.md" >> "$GITHUB_STEP_SUMMARY"; fi
{
  echo "status=$status"
  printf 'reports=%s\n' "$CLAIR_REPORTS" | head -n 1
} >> "$GITHUB_OUTPUT"
exit "$status"
