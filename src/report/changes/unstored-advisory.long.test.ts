import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { newLayer } from '../../database/testing/stores.ts';
import { orderedAdvisories } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Match } from '../../model/report/match.ts';
import { type SystemPackage, featureIdentity } from '../../model/feature.ts';
import { layerProducts } from '../image/layer-products.ts';
import { advisoryJudge } from './advisory-judge.ts';

describe('the matches of an advisory that is not stored', () => {
  const version = fc.constantFrom('1-1', '2-1', '3-1');
  const name = fc.constantFrom('a', 'b');
  const module = fc.option(fc.constantFrom('m:1:1:c', 'm:2:1:c', ''), { nil: undefined });
  const anyPackage = fc.record({ name, version, module, sourceName: name, sourceVersion: version });
  const entry = fc.record({
    package: name,
    role: fc.option(fc.constant('source' as const), { nil: undefined }),
    introduced: fc.option(version, { nil: undefined }),
    fixed: fc.option(version, { nil: undefined }),
    module: fc.option(fc.constantFrom('m:1', 'm:2'), { nil: undefined }),
    cpe: fc.option(fc.constantFrom('cpe:/a:p', 'cpe:/a:p:longer', 'cpe:/a:other'), { nil: undefined }),
    archs: fc.option(fc.constantFrom(['x86_64'], ['s390x']), { nil: undefined }),
    status: fc.constantFrom('fixed' as const, 'open' as const, 'under-investigation' as const),
    severity: fc.constantFrom('Low' as const, 'High' as const),
  });

  it('equal the matches of the index', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPackage, { maxLength: 4 }), fc.array(entry, { maxLength: 6 }), async (of, said) => {
        const store = await memoryStore();
        try {
          const packages = of.map(
            ({ name: called, version: is, module: label, sourceName, sourceVersion }): SystemPackage => ({
              type: 'rpm',
              name: called,
              version: is,
              arch: 'x86_64',
              source: { name: sourceName, version: sourceVersion },
              ...(label !== undefined && { module: label }),
            }),
          );
          const installed = [...new Map(packages.map((each) => [featureIdentity(each), each])).values()];
          const changes = installed.map((each) => ({
            feature: each,
            path: '',
            namespace: 'n',
            originDepth: 0,
            change: 1 as const,
          }));
          const layer = await store.layers.insert({ ...newLayer('l', null, changes), contentSets: ['repository'] });
          const affected = said.map((each) => JSON.parse(JSON.stringify({ namespace: 'n', ...each })));
          await store.vulnerabilities.update({
            feed: 'x',
            scheme: 'rpm',
            fetcherVersion: 1,
            advisories: orderedAdvisories([{ id: 'A-1', link: '', description: '', affected }]),
            repositories: new Map([['repository', ['cpe:/a:p', 'cpe:/a:p:longer']]]),
            etag: null,
            lastModified: null,
            recordDiagnostics: { count: 0, examples: [] },
            at: 1,
          });
          const [change] = await store.changeLog.read({ after: 0, limit: 1 });
          const stored = (await store.changeLog.find(change?.id ?? 0))?.after;
          const judge = advisoryJudge(
            await store.layers.features(layer.id),
            await layerProducts(store.repositories, [layer]),
            new Set(),
          );
          const found = stored === undefined || stored === null ? [] : judge('x', stored);
          const inAnyOrder = (matches: readonly Match[]): readonly string[] =>
            matches.map((match) => JSON.stringify(match)).toSorted();
          expect(inAnyOrder(found)).toEqual(inAnyOrder(await store.matches.ofLayer(layer.id)));
        } finally {
          await store.close();
        }
      }),
      { numRuns: runCount(200, 100) },
    );
  });
});
