import { ClairError } from '../errors.ts';

/** The exit statuses of the command line, which scripts rely on. */
export const EXIT_STATUS = {
  /** Done; for a scan: the answer is complete, whatever was found. */
  done: 0,
  /** Clair itself failed: a defect. */
  defect: 1,
  /** It could not be done: bad arguments, unreadable input, no database. */
  failed: 2,
  /** Scanned, but the answer is incomplete. */
  incomplete: 3,
  /** Scanned or compared, and there are findings that `--fail-on` does not let pass, whether the answer is complete or not. */
  gate: 4,
  /** Stopped by the user; 128 and the number of SIGINT, as shells have it. */
  stopped: 130,
} as const;

/**
 * The status of a finished scan or comparison. A gate that fails wins over an incomplete answer: what was found is certain,
 * whatever else there may be, and who lets incomplete answers pass must not let that pass with them.
 *
 * @param incomplete whether findings may be missing from the answer, or from what the gate looked at
 * @param gateFails whether there are findings that `--fail-on` does not let pass
 */
export function scanStatus(incomplete: boolean, gateFails: boolean): number {
  if (gateFails) return EXIT_STATUS.gate;
  return incomplete ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
}

/** The status of several things that were done: that of the worst one. */
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

/** The one place that maps errors to exit statuses. */
export function failureStatus(error: unknown): number {
  return error instanceof ClairError && error.kind !== 'internal' ? EXIT_STATUS.failed : EXIT_STATUS.defect;
}
