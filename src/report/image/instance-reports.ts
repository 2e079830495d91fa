import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { followSuppressionFiles } from '../../suppression/suppression-files.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { clairVersion } from '../../version.ts';
import { type ChangesSince, changesSince } from '../changes/stored-changes.ts';
import { type ReportedImage, type ReportOptions, reportImage } from './image-report.ts';
import type { ReportableImage } from './indexed-image.ts';

/** What an instance says of images: with what its own files suppress. */
export type InstanceReports = {
  /**
   * Makes the report of an image whose layers are known, base first.
   *
   * @throws ClairError `suppression/invalid` for files of the instance that were never read and cannot be; the reason of the
   * signal.
   */
  readonly report: (image: ReportedImage, layers: readonly Layer[], options?: ReportOptions) => Promise<Report>;
  /** Tells what changed for an image since a time, in milliseconds since 1970. @throws as `report` */
  readonly changes: (image: ReportableImage, since: number, signal: AbortSignal) => Promise<ChangesSince>;
  /** The rules of the instance. @throws ClairError `suppression/invalid`, as `report` */
  readonly rules: () => Promise<RuleSet>;
  /** What reports depend on beside the database: a text that is another one for another release or other suppression files. */
  readonly basis: () => Promise<string>;
};

/** Follows the files of an instance that suppress findings, which may be none, and makes its reports. */
export function createInstanceReports(store: Store, suppressionFiles: readonly string[]): InstanceReports {
  const shared = followSuppressionFiles(suppressionFiles);
  const version = clairVersion();
  return {
    async report(image, layers, { suppressions = [], ...options } = {}) {
      const rules = [await shared.current(), ...suppressions];
      return await reportImage(store, image, layers, store.now(), { ...options, suppressions: rules });
    },
    changes: async (image, since, signal) =>
      await changesSince(store, image, { since, suppressions: [await shared.current()], now: store.now(), signal }),
    rules: () => shared.current(),
    basis: async () => `${version} ${await shared.digest()}`,
  };
}
