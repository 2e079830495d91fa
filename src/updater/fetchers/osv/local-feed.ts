import { ClairError } from '../../../errors.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import type { FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import type { OsvEcosystem } from './ecosystems.ts';
import { openEcosystemDocuments } from './local-documents.ts';
import { archivedAdvisories } from './records.ts';

/**
 * Reads local documents, or an archive of documents. The update replaces only the ecosystems for which the input
 * contains a document.
 *
 * @throws ClairError `bytes/…` immediately or during iteration; `feed/empty` if there is no document
 */
export async function fetchLocal(
  url: string,
  context: FetchContext,
  ecosystems: readonly OsvEcosystem[],
): Promise<FetchOutcome> {
  const feed = await openEcosystemDocuments(url, context, ecosystems);
  if (feed.kind === 'not-modified') return feed;
  const { documents, where, validators } = feed;
  const recordDiagnostics = noRecordDiagnostics();
  const within: string[] = [];

  async function* advisories(): AsyncGenerator<Advisory> {
    yield* archivedAdvisories(documents, recordDiagnostics, ({ ecosystem: { namespace } }, record) => {
      if (record !== undefined && !within.includes(namespace)) within.push(namespace);
    });
    if (within.length > 0) return;
    const names = ecosystems.map(({ name }) => name).join(', ');
    throw new ClairError(
      'feed/empty',
      `${where} has no advisory in <Ecosystem>/all.zip for any of these ecosystems: ${names}`,
    );
  }

  return { kind: 'advisories', advisories: advisories(), within, recordDiagnostics, validators };
}
