import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CountMark } from '../database/contracts/image-counts.ts';
import type { Store } from '../database/contracts/store.ts';
import { openStore } from '../database/open-store.ts';
import { digestOf } from '../database/testing/packages.ts';
import { ENGINES, NO_CONTENTS } from '../database/testing/stores.ts';
import type { IgnoreEntry } from '../model/report/ignore-rule.ts';
import { findingOf } from '../report/testing/report-builder.ts';
import { parseIgnoreEntry } from '../suppression/ignore-entry.ts';
import { addIgnoreRule, endIgnoreRule, reachOfEntry } from '../suppression/stored-rules.ts';
import { judgeFindings } from '../suppression/suppressed-findings.ts';
import { namesOfReport } from './report-names.ts';

const DIGITS = ['a', 'b', 'c'] as const;

const finding = fc
  .record({
    id: fc.constantFrom('CVE-1', 'CVE-2', 'GHSA-x', 'RHSA-1'),
    alias: fc.constantFrom(undefined, 'CVE-1', 'cve-2'),
    cves: fc.constantFrom<readonly string[]>([], ['CVE-1'], ['CVE-1', 'CVE-2']),
    package: fc.constantFrom('curl', 'libcurl'),
    source: fc.constantFrom('curl', 'other'),
  })
  .map(({ id, alias, cves, package: name, source }) =>
    findingOf({
      id,
      aliases: alias === undefined ? [] : [alias],
      cves: cves.map((cve) => ({ id: cve })),
      package: name,
      source: { name: source, version: '1' },
    }),
  );

const entry: fc.Arbitrary<IgnoreEntry> = fc
  .record(
    {
      id: fc.uniqueArray(fc.constantFrom('cve-1', 'CVE-2', 'ghsa-X', 'none'), { minLength: 1 }),
      package: fc.constantFrom('curl', 'other', 'none', 'pkg:deb/debian/curl', 'pkg:deb/debian/other?arch=source'),
      image: fc.constantFrom('team/a', 'team/b:1', digestOf('c')),
    },
    { requiredKeys: [] },
  )
  .filter(({ id, package: name }) => id !== undefined || name !== undefined)
  .map((scope) => ({ ...scope, reason: 'r' }));

describe.each(ENGINES)('a change of an ignore rule on %s', (engine, options) => {
  let store: Store;
  beforeAll(async () => void (store = await openStore(options())));
  afterAll(async () => await store.close());

  it('makes the counts of every image outdated whose findings it changes, and of no image without its names', async () => {
    const images = fc.tuple(...DIGITS.map(() => fc.array(finding, { maxLength: 3 })));
    await fc.assert(
      fc.asyncProperty(images, entry, async (findings, rule) => {
        const mark: CountMark = { countedAt: 1, revision: 9, images: null, basis: 'b', validUntil: null };
        const targets = DIGITS.map((digit) => ({
          kind: 'oci' as const,
          reference: `team/${digit}:1`,
          digest: digestOf(digit),
          platform: 'linux/amd64',
        }));
        const count = async (): Promise<void> => {
          const { rules } = await store.counts.revisions();
          for (const [at, { digest }] of targets.entries()) {
            const known = await store.counts.find(digest);
            const names = namesOfReport({ findings: findings[at] ?? [], suppressed: [] });
            await store.counts.write([{ ...known!, counts: null, names, rules, mark }]);
          }
          await store.counts.noteWhole(mark, rules);
        };
        for (const { digest, reference, platform } of targets) {
          const image = { digest, reference, platform, target: 't', leaf: null, scannedAt: 1 };
          await store.images.record({ ...NO_CONTENTS, ...image });
        }
        const sets = [{ rules: [parseIgnoreEntry(rule)], isShared: true }];
        const changed = targets.filter((target, at) => {
          const report = { target, distribution: null, layers: [], findings: findings[at] ?? [] };
          return judgeFindings(report, sets, '2026-01-01').suppressed.length > 0;
        });
        const outdated = async (): Promise<readonly string[]> =>
          (await store.counts.marks({ after: undefined, limit: 9 }))
            .filter(({ mark: own }) => own?.revision !== 9)
            .map(({ digest }) => digest);
        const check = async (): Promise<void> => {
          const marked = await outdated();
          expect(marked).toEqual(expect.arrayContaining(changed.map(({ digest }) => digest)));
          const reach = reachOfEntry(rule);
          expect(
            targets.filter((target) => marked.includes(target.digest)).every((each) => reach?.includes(each)),
          ).toBe(true);
          const without = targets.filter((_, at) => (findings[at] ?? []).length === 0);
          expect(without.filter(({ digest }) => marked.includes(digest))).toEqual([]);
          expect((await store.counts.whole()) === undefined).toBe(marked.length > 0);
        };
        await count();
        expect(await outdated()).toEqual([]);
        const { name } = await addIgnoreRule(store.ignoreRules, { entry: rule, at: 1, by: null });
        await check();
        await count();
        await endIgnoreRule(store.ignoreRules, name, 2, null);
        await check();
      }),
      { numRuns: engine === 'postgres' ? 15 : 80 },
    );
  });

  it('makes counts outdated that were computed before the change and are written after it', async () => {
    const digest = digestOf('d');
    const image = { digest, reference: 'r', platform: 'p', target: 't', leaf: null, scannedAt: 1 };
    await store.images.record({ ...NO_CONTENTS, ...image });
    const known = await store.counts.find(digest);
    const { rules } = await store.counts.revisions();
    await addIgnoreRule(store.ignoreRules, { entry: { id: ['CVE-9'], reason: 'r' }, at: 1, by: null });
    const mark: CountMark = { countedAt: 1, revision: 9, images: null, basis: 'b', validUntil: null };
    await store.counts.write([{ ...known!, counts: null, names: [], rules, mark }]);
    await store.counts.noteWhole(mark, rules);
    const [marked] = await store.counts.marks({ after: undefined, limit: 1 });
    expect([marked?.digest, marked?.mark?.revision, await store.counts.whole()]).toEqual([digest, -1, undefined]);
  });
});
