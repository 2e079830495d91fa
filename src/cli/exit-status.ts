import { ClairError } from '../errors.ts';

/** The exit statuses of the command line. Scripts depend on these numbers. */
export const EXIT_STATUS = {
  /** The command succeeded; for a scan, the report is also complete, and no finding fails the gate of `--fail-on`. */
  done: 0,
  /** An unexpected error occurred, which is a bug in Clair. */
  defect: 1,
  /** The command failed, for example because of invalid arguments, unreadable input or an unavailable database. */
  failed: 2,
  /**
   * The report is incomplete, the gate could not evaluate a finding, a feed is stale or its last update failed, or a
   * notification has failed.
   */
  incomplete: 3,
  /** A finding fails the gate of `--fail-on`, whether or not the report is complete. */
  gate: 4,
  /** The user stopped the command. As in shells, the status is 128 plus the number of SIGINT. */
  stopped: 130,
} as const;

/**
 * Returns the status of a finished scan or comparison. A failed gate takes precedence over an incomplete report,
 * because a failed gate must fail even a build that accepts incomplete reports.
 *
 * @param incomplete whether findings might be missing, or the gate could not evaluate some findings
 * @param gateFails whether a finding fails the gate of `--fail-on`
 */
export function scanStatus(incomplete: boolean, gateFails: boolean): number {
  if (gateFails) return EXIT_STATUS.gate;
  return incomplete ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
}

/** Returns the worst of several exit statuses; `done` for no statuses. */
export function worstStatus(statuses: Iterable<number>): number {
  const all = new Set(statuses);
  return WORST_FIRST.find((status) => all.has(status)) ?? EXIT_STATUS.done;
}

const WORST_FIRST: readonly number[] = [
  EXIT_STATUS.defect,
  EXIT_STATUS.failed,
  EXIT_STATUS.gate,
  EXIT_STATUS.incomplete,
];

/** Returns the exit status for an error; errors that Clair did not expect are defects. */
export function failureStatus(error: unknown): number {
  return error instanceof ClairError && error.kind !== 'internal' ? EXIT_STATUS.failed : EXIT_STATUS.defect;
}
