import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { Digest } from '../../../model/digest.ts';
import { SEVERITIES, type Severity, severityRank } from '../../../model/severity.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';
import {
  IMAGE_ORDERS,
  type ImageCounts,
  FEED_GAPS,
  type ImageFilters,
  type ImageOrder,
  type ImagePlace,
  riskKey,
} from '../../contracts/image-counts.ts';

type Made = {
  readonly digest: Digest;
  readonly reference: string;
  readonly scannedAt: number;
  readonly release: '12' | '13' | null;
  /** The stored counts; undefined before counting, null for an image that is too large to count. */
  readonly counts: ImageCounts | null | undefined;
};

const small = fc.integer({ min: 0, max: 2 });

const counts: fc.Arbitrary<ImageCounts> = fc.record({
  packages: small,
  severities: fc.record(
    Object.fromEntries(SEVERITIES.map((severity) => [severity, small])) as Record<Severity, typeof small>,
  ),
  suppressed: small,
  fixable: small,
  fixableHigh: small,
  kev: small,
  isIncomplete: fc.boolean(),
  hasStaleFeed: fc.boolean(),
  hasMissingFeed: fc.boolean(),
  diagnostics: small,
});

const made = fc
  .array(
    fc.record({
      reference: fc.constantFrom('a:1', 'b_%:1', 'B\\:2', 'team/A:1', 'é:1'),
      scannedAt: fc.integer({ min: 0, max: 3 }),
      release: fc.constantFrom('12' as const, '13' as const, null),
      counts: fc.oneof({ weight: 5, arbitrary: counts }, fc.constantFrom(null, undefined)),
    }),
    { maxLength: 12 },
  )
  .map((images) => images.map((image, at): Made => ({ ...image, digest: digestOf((at + 1).toString(16)) })));

const filters: fc.Arbitrary<ImageFilters> = fc.record(
  {
    search: fc.constantFrom('A', 'b_%', '%', '\\', ':1', 'é', 'none'),
    severity: fc.constantFrom(...SEVERITIES),
    distribution: fc.constantFrom('debian:12', 'debian:13', 'alpine:v3.20'),
    fixable: fc.constant(true as const),
    fixableHigh: fc.constant(true as const),
    reference: fc.constantFrom('a:1', 'B\\:2', 'none'),
    exploited: fc.constant(true as const),
    incomplete: fc.constant(true as const),
    feeds: fc.constantFrom(...FEED_GAPS),
  },
  { requiredKeys: [] },
);

function isMeant(image: Made, of: ImageFilters): boolean {
  const { counts: has } = image;
  const worst = SEVERITIES.findLast((severity) => (has?.severities[severity] ?? 0) > 0);
  return (
    image.reference.toLowerCase().includes((of.search ?? '').toLowerCase()) &&
    (of.severity === undefined || (worst !== undefined && severityRank(worst) >= severityRank(of.severity))) &&
    (of.distribution === undefined || of.distribution === (image.release && `debian:${image.release}`)) &&
    (of.fixable === undefined || (has?.fixable ?? 0) > 0) &&
    (of.fixableHigh === undefined || (has?.fixableHigh ?? 0) > 0) &&
    (of.reference === undefined || image.reference === of.reference) &&
    (of.exploited === undefined || (has?.kev ?? 0) > 0) &&
    (of.incomplete === undefined || (has?.isIncomplete ?? true)) &&
    (of.feeds === undefined || (has?.[of.feeds === 'stale' ? 'hasStaleFeed' : 'hasMissingFeed'] ?? false))
  );
}

/**
 * Among images with equal sort keys, the image that was recorded later comes first; if the list is sorted by reference,
 * the image that was recorded earlier comes first.
 */
function keyOf(image: Made, order: ImageOrder): string | number {
  const { counts: has } = image;
  if (order === 'scannedAt') return image.scannedAt;
  if (order === 'severity') return has ? riskKey(has) : '';
  return has ? Object.values(has.severities).reduce((sum, count) => sum + count, 0) : -1;
}

function sorted(images: readonly Made[], order: ImageOrder): readonly Digest[] {
  const compare = <Key extends string | number>(one: Key, other: Key): number =>
    one < other ? -1 : one > other ? 1 : 0;
  const ids = new Map(images.map(({ digest }, at) => [digest, at]));
  const place = ({ digest }: Made): number => ids.get(digest)!;
  const ascending = images.toSorted((one, other) =>
    order === 'reference'
      ? compare(Buffer.from(one.reference).toString('hex'), Buffer.from(other.reference).toString('hex')) ||
        one.scannedAt - other.scannedAt ||
        place(one) - place(other)
      : compare(keyOf(one, order), keyOf(other, order)) || place(one) - place(other),
  );
  return (order === 'reference' ? ascending : ascending.toReversed()).map(({ digest }) => digest);
}

describe.each(ENGINES)('the list of images on %s', (engine, options) => {
  let store: Store;
  const leaves = new Map<string, number>();
  beforeAll(async () => {
    store = await openStore(options());
    for (const version of ['12', '13']) {
      const distribution = { id: 'debian', version, namespace: `debian:${version}`, prettyName: 'Debian' };
      leaves.set(version, (await store.layers.insert({ ...newLayer(version, null, []), distribution })).id);
    }
  });
  afterAll(async () => await store.close());

  async function know(images: readonly Made[]): Promise<void> {
    for (const { digest } of await store.counts.marks({ after: undefined, limit: 100 }))
      await store.images.remove(digest);
    for (const { digest, reference, scannedAt, release, counts: has } of images) {
      const leaf = release === null ? null : (leaves.get(release) ?? null);
      await store.images.record({ ...NO_CONTENTS, digest, reference, target: 'oci:x', platform: 'p', leaf, scannedAt });
      const image = await store.counts.find(digest);
      const mark = { countedAt: 1, revision: 1, images: null, basis: 'b', validUntil: null };
      if (has !== undefined) await store.counts.write([{ ...image!, counts: has, names: [], rules: 0, mark }]);
    }
  }

  it('has the same order and filters as a list in memory, on pages of any size, for any limit of images per call', async () => {
    await fc.assert(
      fc.asyncProperty(
        made,
        filters,
        fc.constantFrom(...IMAGE_ORDERS),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (images, of, order, limit, maxLooked) => {
          await know(images);
          const wanted = sorted(images, order).filter((digest) =>
            isMeant(images.find((each) => each.digest === digest)!, of),
          );
          const found: Digest[] = [];
          let after: ImagePlace | undefined;
          for (let pages = 0; pages <= images.length + 1; pages += 1) {
            const page = await store.counts.list({ order, filters: of, after, limit, maxLooked });
            expect(page.images.length).toBeLessThanOrEqual(limit);
            found.push(...page.images.map(({ digest }) => digest));
            after = page.next;
            if (after === undefined) break;
          }
          expect([found, after]).toEqual([wanted, undefined]);
          expect(await store.counts.total(of, 100)).toBe(wanted.length);
          const examined = images.filter(({ reference }) => [undefined, reference].includes(of.reference)).length;
          expect(await store.counts.total(of, maxLooked)).toBe(examined > maxLooked ? undefined : wanted.length);
        },
      ),
      { numRuns: engine === 'postgres' ? 40 : 150 },
    );
  });
});
