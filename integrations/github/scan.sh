#!/bin/sh
# Scans, shows the summary on the page of the run, and gives the status to the job and to the steps behind.
set -eu
status=0
sh "$GITHUB_ACTION_PATH/../scan-image.sh" || status=$?
if [ -f "$CLAIR_REPORTS/summary.md" ]; then cat "$CLAIR_REPORTS/summary.md" >> "$GITHUB_STEP_SUMMARY"; fi
{
  echo "status=$status"
  printf 'reports=%s\n' "$CLAIR_REPORTS" | head -n 1
} >> "$GITHUB_OUTPUT"
exit "$status"
