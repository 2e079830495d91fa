#!/bin/sh
# Scans, shows the summary on the page of the run, and gives the status to the job and to the steps behind.
set -eu
# Output holds names from images and feeds: until the token, which they cannot know, no line of it is a workflow command. Errors
# take the same way, so that all of them are printed before the token.
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
