import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advisory, deb } from '../../database/testing/packages.ts';
import { publish } from '../../database/testing/store-content.ts';
import { ENGINES, newLayer } from '../../database/testing/stores.ts';
import { openStore } from '../../database/open-store.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import type { FeatureChange, LocatedFeature } from '../../model/layer.ts';
import { advisoryJudge } from '../changes/advisory-judge.ts';
import { ruleOutcome } from './rule-outcome.ts';

/**
 * Generates a time, features with a version and the release of their owner, and the releases that a feed covers. The
 * support of Debian 11 ends on 2026-08-31.
 */
const worldArbitrary = fc.record({
  time: fc.constantFrom(Date.parse('2026-08-31'), Date.parse('2026-09-01')),
  installed: fc.array(
    fc.record({
      version: fc.constantFrom('1', '2', '3'),
      judgedBy: fc.constantFrom(undefined, 'debian:11', 'debian:12', 'debian:14'),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  covered: fc.subarray(['debian:11', 'debian:12'], { minLength: 0 }),
});

describe.each(ENGINES)('the owner of a feature (%s)', (engine, optionsOf) => {
  it('has the same effect in a report, in an explanation, and for an advisory that is not stored', async () => {
    await fc.assert(
      fc.asyncProperty(worldArbitrary, async ({ time, installed, covered }) => {
        const store = await openStore(optionsOf(), { time: () => time });
        try {
          const changes = installed.map(({ version, judgedBy }, at): FeatureChange => {
            const feature = deb(`p${at}`, version);
            return {
              feature,
              path: '',
              namespace: 'debian:13',
              originDepth: 0,
              change: 1,
              ...(judgedBy && { judgedBy }),
            };
          });
          const layer = await store.layers.insert(newLayer('layer', null, changes));
          const stored = changes.map(({ feature: { name } }) =>
            advisory(`CVE-${name}`, { package: name, namespace: 'debian:13', fixed: '3' }),
          );
          const others = covered.map((namespace) => advisory(`CVE-${namespace}`, { package: 'other', namespace }));
          await publish(store, [...others, ...stored]);
          const judges = await store.feeds.judges();
          const context = { products: new Set<string>(), judges };
          const matched = (await store.matches.ofLayer(layer.id)).map(({ feature }) => feature.name);
          const located: readonly LocatedFeature[] = await store.layers.features(layer.id);
          const explained = located.filter((each) => {
            const [line] = ecosystemOf(each.feature).lines(each.feature);
            const [range] = stored.find(({ id }) => id === `CVE-${each.feature.name}`)?.affected ?? [];
            return range !== undefined && ruleOutcome(each, line, range, context) === 'affected';
          });
          expect(explained.map(({ feature }) => feature.name)).toEqual(matched.toSorted());
          const judge = advisoryJudge(located, [], judges);
          const found = stored.flatMap((each) => judge('debian', each).map(({ feature }) => feature.name));
          expect(found.toSorted()).toEqual(matched.toSorted());
          const isEnded = time > Date.parse('2026-08-31');
          const expected = changes.filter(({ feature: { version }, judgedBy }) => {
            const isJudged = covered.some((each) => each === judgedBy) && !(isEnded && judgedBy === 'debian:11');
            return version !== '3' && !isJudged;
          });
          expect(matched.toSorted()).toEqual(expected.map(({ feature }) => feature.name).toSorted());
        } finally {
          await store.close();
        }
      }),
      { numRuns: engine === 'memory' ? 60 : 8 },
    );
  });
});
