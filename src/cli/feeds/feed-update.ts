import { skippedCount } from '../../model/feed.ts';
import type { UpdateProgress } from '../../updater/update-progress.ts';
import type { UpdateResult } from '../../updater/update-result.ts';
import type { Updater } from '../../updater/updater.ts';
import type { Console } from '../console.ts';
import type { ProgressLine } from '../output/progress-line.ts';
import { printable } from '../../model/printable.ts';
import { countOf } from '../../model/counted-noun.ts';

/** The inputs of an update. */
export type FeedUpdateOptions = {
  readonly console: Pick<Console, 'signal'>;
  readonly updater: Pick<Updater, 'update'>;
  /** Shows the progress of the feed until the update ends. */
  readonly progress: ProgressLine;
  /** The local file, directory or archive to read instead of the upstream address. */
  readonly from?: string | undefined;
  /** Whether to accept a feed that shrank by more than the limit. */
  readonly allowShrink?: boolean;
  /** Whether to remove ecosystems that the update does not contain. */
  readonly prune?: boolean;
};

/**
 * Updates a feed, and returns the result and the duration as text. The text ends with a newline.
 *
 * @throws the errors of `Updater.update`
 */
export async function updateFeed(
  feed: string,
  { console: { signal }, updater, progress, from, allowShrink = false, prune = false }: FeedUpdateOptions,
): Promise<string> {
  const start = Date.now();
  try {
    const result = await updater.update(feed, {
      signal,
      progress: (now) => progress.set(feed, progressText(now)),
      allowShrink,
      prune,
      ...(from !== undefined && { from }),
    });
    return `${feed}: ${resultText(result, `${((Date.now() - start) / 1000).toFixed(1)} s`)}\n`;
  } finally {
    progress.done(feed);
  }
}

function progressText({ phase, bytes, records }: UpdateProgress): string {
  const size = bytes === 0 ? '' : `${(bytes / 1e6).toFixed(1)} MB, `;
  return `${phase}, ${size}${countOf(records, 'entry', 'entries')}`;
}

function resultText(result: UpdateResult, duration: string): string {
  if (result.kind === 'not-modified') return `unchanged upstream (${duration})`;
  const { added, changed, withdrawn, unchanged } = result.counts;
  const counts = `${added} added, ${changed} changed, ${withdrawn} withdrawn, ${unchanged} unchanged`;
  if (result.recordDiagnostics.count === 0) return `${counts} (${duration})`;
  const { count, examples } = result.recordDiagnostics;
  const skipped = skippedCount(result.recordDiagnostics);
  const listed = examples.map(({ message }) => printable(message));
  const records = countOf(count, 'entry', 'entries');
  return `${counts}; ${records} not fully read, ${skipped} skipped (${duration}):\n  ${listed.join('\n  ')}`;
}
