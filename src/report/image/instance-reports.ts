import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { followStoredRules } from '../../suppression/followed-rules.ts';
import { followSuppressionFiles } from '../../suppression/suppression-files.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { clairVersion } from '../../version.ts';
import type { ChangesSince } from '../changes/stored-changes.ts';
import { type ReportedImage, type ReportOptions, reportImage } from './image-report.ts';
import type { ReportableImage } from './indexed-image.ts';

/** Creates reports with the suppression files of an instance and the ignore rules of its database. */
export type InstanceReports = {
  /**
   * Creates the report of an image with stored layers, base first.
   *
   * @throws ClairError `suppression/invalid` if the suppression files were never readable; the abort reason of the
   * signal
   */
  readonly report: (image: ReportedImage, layers: readonly Layer[], options?: ReportOptions) => Promise<Report>;
  /** Returns the changes of an image since a time in milliseconds since 1970. @throws the errors of `report` */
  readonly changes: (image: ReportableImage, since: number, signal: AbortSignal) => Promise<ChangesSince>;
  /** @throws ClairError `suppression/invalid`, as `report` does */
  readonly rules: () => Promise<RuleSet>;
  /**
   * Returns a string that changes with the version of Clair, the suppression files and `staleAfter`. Besides the database
   * and the time, reports depend only on these inputs.
   */
  readonly basis: () => Promise<string>;
};

/**
 * Follows the suppression files of an instance and the ignore rules of its database, and creates the reports.
 *
 * @param staleAfter the value of `staleAfter` with which the store was opened
 */
export function createInstanceReports(
  store: Store,
  suppressionFiles: readonly string[],
  staleAfter?: number,
): InstanceReports {
  const shared = followSuppressionFiles(suppressionFiles);
  const stored = followStoredRules(store.ignoreRules);
  const version = clairVersion();
  const current = async (): Promise<readonly RuleSet[]> => [await shared.current(), await stored()];
  return {
    async report(image, layers, { suppressions = [], ...options } = {}) {
      const rules = [...(await current()), ...suppressions];
      return await reportImage(store, image, layers, store.now(), { ...options, suppressions: rules });
    },
    async changes(image, since, signal) {
      // Commands do not need changes.
      const { changesSince } = await import('../changes/stored-changes.ts');
      return await changesSince(store, image, { since, suppressions: await current(), now: store.now(), signal });
    },
    async rules() {
      const sets = await current();
      const diagnostics = sets.flatMap((set) => set.diagnostics ?? []);
      return { rules: sets.flatMap(({ rules }) => rules), isShared: true, diagnostics };
    },
    basis: async () => `${version} ${await shared.digest()}${staleAfter === undefined ? '' : ` ${staleAfter}`}`,
  };
}
