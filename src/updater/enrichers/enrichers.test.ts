import { describe, expect, it } from 'vitest';
import { clientWith, enrichmentsOf, streamOf } from '../testing/enrichment-document.ts';
import type { HttpAnswer } from '../../bytes/http/client.ts';
import { ENRICHMENT_FEEDS } from '../../model/enrichment.ts';
import type { Enricher } from './enricher.ts';
import { epss } from './epss/enricher.ts';
import { ENRICHERS } from './index.ts';
import { kev } from './kev/enricher.ts';

it('every kind has the enricher that reports expect', () => {
  expect(Object.fromEntries(ENRICHERS.map(({ kind, id }) => [kind, id]))).toEqual(ENRICHMENT_FEEDS);
});

const LISTS: readonly [Enricher, string][] = [
  [epss, 'cve,epss\nCVE-2099-0001,0.5\n'],
  [kev, '{"vulnerabilities":[{"cveID":"CVE-2099-0001"}]}'],
];

function answerOf(text: string): HttpAnswer {
  return { status: 200, headers: { etag: '"1"' }, body: streamOf(Buffer.from(text)) };
}

describe.each(LISTS)('an enricher with one list', (enricher, text) => {
  it(`reads the whole list from where it is published: ${enricher.id}`, async () => {
    const outcome = await enricher.fetch({ http: clientWith({ [enricher.url]: () => answerOf(text) }) });
    expect(outcome).toMatchObject({ kind: 'enrichments', scope: 'all', validators: { etag: '"1"' } });
    expect((await enrichmentsOf(outcome)).map(({ cve }) => cve)).toEqual(['CVE-2099-0001']);
  });

  it('reads from a mirror', async () => {
    const url = 'https://mirror.test/list';
    const outcome = await enricher.fetch({ http: clientWith({ [url]: () => answerOf(text) }), url });
    expect(await enrichmentsOf(outcome)).toHaveLength(1);
  });

  it('reads nothing when the list is unchanged', async () => {
    const http = clientWith({ [enricher.url]: () => ({ status: 304 }) });
    expect(await enricher.fetch({ http, validators: { etag: '"1"' } })).toEqual({ kind: 'not-modified' });
  });

  it.each([
    ['an empty file', '', 'feed/empty'],
    ['an HTML page', '<html></html>', 'feed/invalid'],
    ['a truncated list', text.slice(0, -2), 'feed/truncated'],
  ])('rejects %s', async (_, wrong, code) => {
    const outcome = await enricher.fetch({ http: clientWith({ [enricher.url]: () => answerOf(wrong) }) });
    await expect(enrichmentsOf(outcome)).rejects.toMatchObject({ code });
  });
});
