import type { Clair } from '../compose/clair.ts';
import { ClairError } from '../errors.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { Console } from './console.ts';
import { createProgressLine } from './output/progress-line.ts';
import { updateSource } from './source-update.ts';

/** Within it a source is not asked again: builds that run one after the other would each fetch the same document. */
export const ASKED_AGAIN_MS: number = 60 * 60 * 1000;

/** Updates the feeds of a release, and the NVD, EPSS and KEV, each once; gives what could not be updated. */
export type ImageSources = (namespace: string) => Promise<readonly Diagnostic[]>;

/**
 * Makes what `--update` does before a report: the feeds of a release and the enrichments (NVD, EPSS, KEV) are updated that never
 * were, or not within {@link ASKED_AGAIN_MS}. One that fails keeps its data, and is a diagnostic of the report.
 *
 * @param wanted the sources that are kept up to date at all
 */
export function createImageSources(
  { updater, store }: Pick<Clair, 'updater' | 'store'>,
  console: Console,
  wanted: readonly string[],
): ImageSources {
  const progress = createProgressLine(console, Date.now);
  const asked = new Map<string, Promise<readonly Diagnostic[]>>();

  async function update(source: string): Promise<readonly Diagnostic[]> {
    const { lastSuccess = null } = (await store.sources.find(source)) ?? {};
    if (lastSuccess !== null && store.now() - lastSuccess < ASKED_AGAIN_MS) return [];
    try {
      console.err(await updateSource(source, { console, updater, progress }));
      return [];
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      const message = `${source} could not be brought up to date: ${error.message} [${error.code}]`;
      const code = updater.enrichers.includes(source) ? 'enrichment-update-failed' : 'source-update-failed';
      return [{ code, message, where: source }];
    }
  }

  return async (namespace) => {
    const diagnostics: Diagnostic[] = [];
    const feeds = updater.sourcesOf(namespace);
    // What no feed speaks of has no findings that they could rate.
    const sources = feeds.length === 0 ? [] : [...feeds, ...updater.enrichers];
    for (const source of sources.filter((each) => wanted.includes(each))) {
      const known = asked.get(source) ?? update(source);
      asked.set(source, known);
      diagnostics.push(...(await known));
    }
    return diagnostics;
  };
}
