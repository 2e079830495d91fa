import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CountMark } from '../../contracts/image-counts.ts';
import { FOUND_ORDERS, type FoundName, type FoundVulnerability } from '../../contracts/found-names.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { digestOf } from '../../testing/packages.ts';
import { ENGINES, NO_CONTENTS } from '../../testing/stores.ts';
import type { Digest } from '../../../model/digest.ts';
import { type Severity, severityRank } from '../../../model/severity.ts';

const MARK: CountMark = { countedAt: 1, revision: 1, images: null, basis: 'b', validUntil: null };

const DIGITS = ['a', 'b', 'c', 'd'] as const;

const name: fc.Arbitrary<FoundName> = fc
  .record({
    kind: fc.constantFrom('vulnerability' as const, 'package' as const),
    name: fc.constantFrom('CVE-1', 'CVE-2', 'GHSA-ab-cd', 'x_%'),
    isOpen: fc.boolean(),
    isId: fc.boolean(),
    isExploited: fc.boolean(),
    severity: fc.constantFrom<Severity>('Unknown', 'Low', 'High', 'Defcon1'),
  })
  .map((each) => ({ ...each, isId: each.isId && each.kind === 'vulnerability' }));

const names = fc.uniqueArray(name, { selector: (each) => `${each.kind} ${each.name}`, maxLength: 6 });

/** Counts an image; deletes the image if `names` is undefined. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ digit: fc.constantFrom(...DIGITS), names }) },
  fc.record({ digit: fc.constantFrom(...DIGITS), names: fc.constant(undefined) }),
);

const filters = fc.record(
  {
    search: fc.constantFrom('cve-', 'GHSA', 'x_%', '%', 'CVE-2'),
    severity: fc.constantFrom<Severity>('Unknown', 'High'),
    exploited: fc.constant(true as const),
  },
  { requiredKeys: [] },
);

describe.each(ENGINES)('the vulnerabilities of indexed images on %s', (engine, options) => {
  let store: Store;
  beforeAll(async () => void (store = await openStore(options())));
  afterAll(async () => await store.close());

  async function count(digest: Digest, of: readonly FoundName[]): Promise<void> {
    if ((await store.counts.find(digest)) === undefined) {
      const image = { digest, reference: 'r:1', target: 't', platform: 'p', leaf: null, scannedAt: 1 };
      await store.images.record({ ...NO_CONTENTS, ...image });
    }
    const known = await store.counts.find(digest);
    await store.counts.write([{ ...known!, counts: null, names: of, rules: 0, mark: MARK }]);
  }

  it('are the vulnerabilities in the last count of each image, on pages of any size, for any limit of names per call', async () => {
    const scenario = [fc.array(step, { maxLength: 8 }), filters, fc.constantFrom(...FOUND_ORDERS)] as const;
    await fc.assert(
      fc.asyncProperty(...scenario, fc.integer({ min: 1, max: 3 }), async (steps, of, order, limit) => {
        for (const digit of DIGITS) await store.images.remove(digestOf(digit));
        const model = new Map<string, readonly FoundName[]>();
        for (const { digit, names: has } of steps) {
          if (has === undefined) await store.images.remove(digestOf(digit));
          else await count(digestOf(digit), has);
          if (has === undefined) model.delete(digit);
          else model.set(digit, has);
        }
        const listed: FoundVulnerability[] = [];
        let after: readonly number[] | undefined;
        do {
          const page = await store.foundNames.vulnerabilities({ order, filters: of, after, limit, maxLooked: 2 });
          listed.push(...page.vulnerabilities);
          after = page.next;
        } while (after !== undefined);
        const open = [...model.values()].flat().filter((each) => each.isOpen && each.kind === 'vulnerability');
        const wanted = [...new Set(open.filter(({ isId }) => isId).map((each) => each.name))]
          .map((id): FoundVulnerability => {
            const own = open.filter((each) => each.name === id);
            const worst = own.toSorted((one, other) => severityRank(other.severity) - severityRank(one.severity))[0];
            return {
              id,
              severity: worst!.severity,
              isExploited: own.some(({ isExploited }) => isExploited),
              images: own.length,
            };
          })
          .filter(
            (each) =>
              each.id.toUpperCase().startsWith((of.search ?? '').toUpperCase()) &&
              (of.severity === undefined || severityRank(each.severity) >= severityRank(of.severity)) &&
              (of.exploited === undefined || each.isExploited),
          );
        const keyOf = (each: FoundVulnerability): readonly number[] => {
          const [exploited, rank] = [Number(each.isExploited), severityRank(each.severity)];
          return order === 'images' ? [each.images, rank, exploited] : [exploited, rank, each.images];
        };
        expect(listed.toSorted(byId)).toEqual(wanted.toSorted(byId));
        expect(listed.map(keyOf)).toEqual(listed.map(keyOf).toSorted(descending));
        expect(await store.foundNames.total(of, 100)).toBe(wanted.length);
        const examined = new Set(open.filter(({ isId }) => isId).map((each) => each.name)).size;
        const bounded = [examined - 1, examined, examined + 1].map((most) => store.foundNames.total(of, most));
        expect(await Promise.all(bounded)).toEqual([examined === 0 ? 0 : undefined, wanted.length, wanted.length]);
        const counts = new Map(open.map((each) => [each.name, open.filter(({ name: n }) => n === each.name).length]));
        expect(await store.foundNames.imagesOf(['CVE-1', 'CVE-2', 'GHSA-ab-cd', 'x_%', 'none'])).toEqual(counts);
      }),
      { numRuns: engine === 'postgres' ? 15 : 60 },
    );
  });

  it('are removed with a deleted image, and with the next count', async () => {
    const shared = { kind: 'vulnerability', isOpen: true, isId: true, isExploited: false, severity: 'Low' } as const;
    await count(digestOf('e'), [{ ...shared, name: 'CVE-9' }]);
    await count(digestOf('e'), [{ ...shared, name: 'cve-8' }]);
    expect(await store.foundNames.imagesOf(['CVE-9', 'CVE-8'])).toEqual(new Map([['CVE-8', 1]]));
    await store.images.remove(digestOf('e'));
    expect(await store.foundNames.imagesOf(['CVE-8'])).toEqual(new Map());
  });

  it('stay after housekeeping until the next pass over all images', async () => {
    const shared = { kind: 'vulnerability', isOpen: true, isId: true, isExploited: false, severity: 'Low' } as const;
    await count(digestOf('f'), [{ ...shared, name: 'CVE-7' }]);
    for (const digit of DIGITS) await store.images.remove(digestOf(digit));
    await store.retention.apply(await store.retention.plan({ images: 2 }));
    expect(await store.foundNames.imagesOf(['CVE-7'])).toEqual(new Map([['CVE-7', 1]]));
    expect([await store.foundNames.removeLost(), await store.foundNames.removeLost()]).toEqual([1, 0]);
    expect(await store.foundNames.imagesOf(['CVE-7'])).toEqual(new Map());
  });
});

function byId(one: FoundVulnerability, other: FoundVulnerability): number {
  return one.id < other.id ? -1 : 1;
}

function descending(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, place) => value !== other[place]);
  return (other[at] ?? 0) - (one[at] ?? 0);
}
