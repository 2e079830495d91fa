import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { parseCvss, severityOfVector } from '../../src/model/cvss/cvss.ts';
import { localDocuments } from '../../src/updater/feed/local-documents.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';

/** The scores and severities that publishers state for vectors must equal the computed scores and severities. */

const NVD = ['feeds/nvd/nvdcve-1.1-slice.json.zst', 'feeds/nvd/nvdcve-2.0-2022-slice.json.zst'];
const BITNAMI = 'feeds/osv/bitnami-vulndb.tar.zst';

async function* valuesOf(path: string): AsyncGenerator {
  for await (const { name, stream } of localDocuments(sharedPath(path))) {
    if (name.endsWith('.json')) yield* nested(JSON.parse(await text(stream)));
    else for await (const _ of stream);
  }
}

function* nested(value: unknown): Generator {
  yield value;
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* nested(each);
}

describeShared('the NVD', NVD, () => {
  it('publishes the scores that Clair computes from the vectors', async () => {
    const wrong: unknown[] = [];
    let count = 0;
    for (const path of NVD) {
      for await (const value of valuesOf(path)) {
        const { vectorString: vector, baseScore } = (value ?? {}) as { vectorString?: string; baseScore?: number };
        if (vector === undefined) continue;
        count += 1;
        if (parseCvss(vector)?.score !== baseScore) wrong.push({ vector, baseScore });
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(372);
  });
});

describeShared('Bitnami', [BITNAMI], () => {
  it('publishes the severities that Clair computes from the vectors', async () => {
    const counts: Record<string, number> = {};
    for await (const value of valuesOf(BITNAMI)) {
      const { affected, database_specific: specific } = (value ?? {}) as {
        affected?: readonly { severity?: readonly { score: string }[] }[];
        database_specific?: { severity?: string };
      };
      if (affected === undefined) continue;
      const vectors = affected.flatMap(({ severity = [] }) => severity.map(({ score }) => score));
      const words = new Set(vectors.map((vector) => severityOfVector(vector) ?? `no vector: ${vector}`));
      const pair = `${specific?.severity} ${[...words].join(' ')}`.trim();
      counts[pair] = (counts[pair] ?? 0) + 1;
    }
    expect(counts).toEqual({
      'Critical Critical': 595,
      'High High': 2754,
      'Medium Medium': 3596,
      'Low Low': 487,
      'None Negligible': 1,
      // Entries without a vector.
      Unknown: 11,
    });
  });
});
