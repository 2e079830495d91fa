import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../../database/testing/store-content.ts';
import { advisory, deb, digestOf } from '../../database/testing/packages.ts';
import { ENGINES, NO_CONTENTS } from '../../database/testing/stores.ts';
import { openStore } from '../../database/open-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Layer } from '../../model/layer.ts';
import { parseIgnoreFile } from '../../suppression/ignore-file.ts';
import { reportImage } from '../image/image-report.ts';
import { reportableImage } from '../image/indexed-image.ts';
import type { Rating } from './image-changes.ts';
import { type ChangesOptions, type ChangesSince, changesSince } from './stored-changes.ts';

const NOW = 1_000_000;

/** Stores an image that has a single layer. */
async function scan(
  { images }: Pick<Store, 'images'>,
  digit: string,
  layer: Layer,
  scannedAt: number,
  reference = 'app:1',
): Promise<void> {
  const image = { digest: digestOf(digit), reference, target: 'oci:t', platform: 'linux/amd64', leaf: layer.id };
  await images.record({ ...NO_CONTENTS, ...image, scannedAt });
}

async function ask(
  store: Store,
  digit: string,
  since: number,
  options: Partial<ChangesOptions> = {},
): Promise<ChangesSince> {
  const image = await reportableImage(store, digestOf(digit));
  if (image === undefined) throw new Error(`there is no image ${digit}`);
  return await changesSince(store, image, { since, suppressions: [], now: NOW, ...options });
}

function words({ changes }: ChangesSince): readonly string[] {
  return changes.map(({ kind, cause, at, vulnerability, package: name }) =>
    [kind, vulnerability, name, 'by', cause, ...(at === null ? [] : [at])].join(' '),
  );
}

describe.each(ENGINES)('the changes of an image, on %s', (engine, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  it('have their cause and the time of the last change', async () => {
    const [old, current] = [
      await knowLayer(store, 'old', [deb('a', '1'), deb('b', '1'), deb('c', '1')]),
      await knowLayer(store, 'current', [deb('a', '1'), deb('b', '2'), deb('d', '1')]),
    ];
    await scan(store, 'a', old, 5);
    const always = [advisory('CVE-1', { package: 'b', fixed: '2' }), advisory('CVE-2', { package: 'd' })];
    await publish(store, [...always, advisory('CVE-3', { package: 'a' })], 10);
    await publish(store, [...always, advisory('CVE-3', { package: 'a' }), advisory('CVE-4', { package: 'a' })], 20);
    await scan(store, 'b', current, 25);
    const rescored = advisory('CVE-4', { package: 'a', severity: 'High' });
    await publish(store, [...always, rescored], 30);
    await publish(store, [...always, { ...rescored, description: 'in other words' }], 40);

    expect(words(await ask(store, 'b', 10))).toEqual([
      'new CVE-4 a by data 30',
      'new CVE-2 d by image',
      'fixed CVE-1 b by image',
      'withdrawn CVE-3 a by data 30',
    ]);
    expect(await ask(store, 'b', 10)).toMatchObject({ comparedWith: { digest: digestOf('a') }, knownFrom: null });
    const [change, ...others] = (await ask(store, 'b', 25)).changes;
    expect(change).toEqual({
      kind: 'rescored',
      cause: 'data',
      at: 30,
      feed: 'debian',
      vulnerability: 'CVE-4',
      type: 'deb',
      package: 'a',
      before: { version: '1', severity: 'Medium', status: 'open', fixedIn: null },
      after: { version: '1', severity: 'High', status: 'open', fixedIn: null },
    });
    expect(others.map(({ kind }) => kind)).toEqual(['withdrawn']);
    expect(words(await ask(store, 'b', 40))).toEqual([]);
  });

  it('start at the first analysis under the reference and the first update of a feed', async () => {
    const layer = await knowLayer(store, 'one', [deb('a', '1')]);
    await publish(store, [], 10);
    await publish(store, [advisory('CVE-1', { package: 'a' })], 20);
    await scan(store, 'a', layer, 30);
    await scan(store, 'b', await knowLayer(store, 'other', []), 5, 'other:1');
    expect(await ask(store, 'a', 10)).toMatchObject({
      comparedWith: { digest: digestOf('a') },
      baseline: 30,
      knownFrom: null,
      changes: [],
    });
    await publish(store, [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })], 40);
    await scan(store, 'c', await knowLayer(store, 'next', [deb('a', '1'), deb('d', '1')]), 50);
    await publish(
      store,
      [1, 2, 3].map((at) => advisory(`CVE-${at}`, { package: at === 3 ? 'd' : 'a' })),
      60,
    );
    // For any time before the first analysis, the result is the same.
    for (const since of [0, 10, 29]) {
      const changes = await ask(store, 'c', since);
      expect([changes.comparedWith?.digest, changes.baseline]).toEqual([digestOf('a'), 30]);
      expect(words(changes)).toEqual(['new CVE-2 a by data 40', 'new CVE-3 d by image']);
    }
    expect(await ask(store, 'c', 30)).toMatchObject({ comparedWith: { digest: digestOf('a') }, baseline: null });
  });

  it('are empty if the feed had no data, because its first update starts the change log', async () => {
    await scan(store, 'a', await knowLayer(store, 'one', [deb('a', '1')]), 5);
    await publish(store, [advisory('CVE-1', { package: 'a' })], 10);
    expect(words(await ask(store, 'a', 6))).toEqual([]);
    await publish(
      store,
      [advisory('CVE-1', { package: 'a', severity: 'High' }), advisory('CVE-2', { package: 'a' })],
      20,
    );
    for (const since of [6, 10]) {
      expect(words(await ask(store, 'a', since))).toEqual(['new CVE-2 a by data 20', 'rescored CVE-1 a by data 20']);
    }
  });

  it('exclude suppressed findings', async () => {
    const [old, current] = [await knowLayer(store, 'o', [deb('a', '1')]), await knowLayer(store, 'c', [deb('b', '1')])];
    await publish(store, [advisory('CVE-1', { package: 'a' }, { package: 'b' })], 10);
    await scan(store, 'a', old, 10);
    await scan(store, 'b', current, 20);
    const rules = parseIgnoreFile(`- ${JSON.stringify({ id: 'CVE-1', package: 'b', reason: 'r' })}`, 'f.yaml');
    const suppressions = [{ rules, isShared: true }];
    expect(words(await ask(store, 'b', 10))).toEqual(['new CVE-1 b by image', 'fixed CVE-1 a by image']);
    expect(words(await ask(store, 'b', 10, { suppressions }))).toEqual(['fixed CVE-1 a by image']);
  });

  it('start at a later, stated time if the change log is shorter', async () => {
    await scan(store, 'a', await knowLayer(store, 'one', [deb('a', '1')]), 5);
    const of = (count: number): Advisory[] =>
      Array.from({ length: count }, (_, index) => advisory(`CVE-${index}`, { package: 'a' }));
    for (const [step, count] of [1, 2, 3, 4].entries()) await publish(store, of(count), (step + 1) * 10);
    expect(await ask(store, 'a', 10)).toMatchObject({ knownFrom: null, changes: { length: 3 } });
    await store.retention.apply(await store.retention.plan({ changeLog: 30 }));
    expect(await ask(store, 'a', 10)).toMatchObject({ knownFrom: 30, changes: { length: 1 } });
    expect(await ask(store, 'a', 30)).toMatchObject({ knownFrom: null, changes: { length: 1 } });
  });

  it('read a bounded number of changes, the latest first, and stop on a signal', async () => {
    await scan(store, 'a', await knowLayer(store, 'one', [deb('a', '1')]), 5);
    const many = (severity: 'Low' | 'High', count = 600): Advisory[] =>
      Array.from({ length: count }, (_, index) => advisory(`CVE-${1000 + index}`, { package: 'other', severity }));
    const gone = advisory('GONE-1', { package: 'a' });
    await publish(store, [...many('Low'), gone], 10);
    await publish(store, many('Low'), 20);
    await publish(store, many('High'), 30);
    expect(await ask(store, 'a', 10)).toMatchObject({ knownFrom: null, changes: [{ kind: 'withdrawn' }] });
    expect(await ask(store, 'a', 10, { maxChanges: 500 })).toMatchObject({ knownFrom: 30, changes: [] });
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(ask(store, 'a', 10, { signal })).rejects.toThrow('gone');
  });

  it('do not attribute a data change during the request to the image', async () => {
    const [old, current] = [await knowLayer(store, 'o', [deb('a', '1')]), await knowLayer(store, 'c', [deb('a', '2')])];
    await publish(store, [], 10);
    await scan(store, 'a', old, 10);
    await scan(store, 'b', current, 20);
    let isFirst = true;
    const ofLayer: Store['matches']['ofLayer'] = async (id) => {
      const matches = await store.matches.ofLayer(id);
      if (isFirst) await publish(store, [advisory('CVE-1', { package: 'a' })], 30);
      isFirst = false;
      return matches;
    };
    const changing = { ...store, matches: { ...store.matches, ofLayer } };
    expect(words(await ask(changing, 'b', 10))).toEqual(['new CVE-1 a by data 30']);
  });

  it('use the remaining change log when housekeeping shortens it during the request', async () => {
    await scan(store, 'a', await knowLayer(store, 'one', [deb('a', '1')]), 5);
    for (const at of [10, 20, 30]) await publish(store, [advisory(`CVE-${at}`, { package: 'a' })], at);
    const histories: Store['changeLog']['histories'] = async (of) => {
      await store.retention.apply(await store.retention.plan({ changeLog: 30 }));
      return await store.changeLog.histories(of);
    };
    const shortened = { ...store, changeLog: { ...store.changeLog, histories } };
    const since = await ask(shortened, 'a', 10);
    expect([since.knownFrom, words(since)]).toEqual([30, []]);
  });

  it('turn the report of any time into the current report, with the right causes', async () => {
    await fc.assert(
      fc.asyncProperty(LAYERS, STEPS, async (layers, steps) => {
        const own = await openStore(options());
        try {
          for (const { told, expected } of await atAllTimes(own, layers, steps)) expect(told).toEqual(expected);
        } finally {
          await own.close();
        }
      }),
      { numRuns: engine === 'memory' ? 60 : 4 },
    );
  });
});

const NAMES = ['a', 'b', 'c'];

/** The packages of each image, by name and version. */
const LAYERS = fc.array(fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('1', '2', '3')), {
  minLength: 3,
  maxLength: 3,
});

const AFFECTED = fc.record({
  package: fc.constantFrom(...NAMES),
  severity: fc.constantFrom('Low' as const, 'High' as const),
  fixed: fc.option(fc.constantFrom('2', '3'), { nil: undefined }),
  status: fc.constantFrom('fixed' as const, 'undetermined' as const),
});

/** The steps. Each step is an update of a feed or the scan of an image. */
const STEPS = fc.array(
  fc.oneof(
    fc.record({
      source: fc.constantFrom('x', 'y'),
      says: fc.dictionary(
        fc.constantFrom('1', '2', '3', '4'),
        fc.uniqueArray(AFFECTED, { selector: (each) => each.package, maxLength: 2 }),
      ),
    }),
    fc.record({ scanned: fc.nat(2) }),
  ),
  { minLength: 2, maxLength: 9 },
);

type Steps = typeof STEPS extends fc.Arbitrary<infer Value> ? Value : never;

/** The findings of an image, by vulnerability and package. */
type Findings = ReadonlyMap<string, string>;

/** The most recently scanned image, and the findings of each image. */
type State = { readonly current: number | undefined; readonly found: readonly Findings[] };

/**
 * Runs the steps on a model. The model records the findings of all images after each step, so that the expected changes
 * can be derived.
 */
async function atAllTimes(
  store: Store,
  packages: readonly Readonly<Record<string, string>>[],
  steps: Steps,
): Promise<readonly { readonly told: unknown; readonly expected: unknown }[]> {
  const layers: Layer[] = [];
  for (const [index, of] of packages.entries()) {
    const installed = Object.entries(of).map(([name, version]) => deb(name, version));
    layers.push(await knowLayer(store, `layer-${index}`, installed));
  }
  const states: State[] = [];
  for (const [at, step] of steps.entries()) {
    if ('scanned' in step) await scan(store, `${step.scanned}`, layers[step.scanned]!, at);
    else await say(store, step.source, step.says, at);
    const current = 'scanned' in step ? step.scanned : states.at(-1)?.current;
    states.push({ current, found: await Promise.all(layers.map(async (layer) => await reported(store, layer))) });
  }
  const current = states.at(-1)?.current;
  if (current === undefined) return [];
  const firstRead = states.findIndex((state) => state.current !== undefined);
  const firstUpdates = new Map(
    ['x', 'y'].map((feed) => [feed, steps.findIndex((step) => 'source' in step && step.source === feed)]),
  );
  return await Promise.all(
    states.map(async (state, at) => {
      const { changes, comparedWith, baseline, knownFrom } = await ask(store, `${current}`, at);
      const texts = changes.map(({ kind, at: time, before, after, vulnerability, package: name }) =>
        [kind, `${vulnerability} ${name}`, saidOf(before), saidOf(after), time].join(' | '),
      );
      const from = state.current === undefined ? firstRead : at;
      const then = states[from]?.current ?? current;
      return {
        told: [comparedWith?.digest, baseline, knownFrom, texts.toSorted()],
        expected: [
          digestOf(`${then}`),
          from === at ? null : from,
          null,
          expectedOf(states, (key) => Math.max(from, firstUpdates.get(key.slice(0, 1)) ?? 0), then, current).toSorted(),
        ],
      };
    }),
  );
}

/**
 * Returns the differences between two reports, and the time at which the former image last changed to its current
 * findings.
 *
 * @param from the start of the change log of a finding, by key
 */
function expectedOf(
  states: readonly State[],
  from: (key: string) => number,
  then: number,
  now: number,
): readonly string[] {
  const of = (time: number, image: number, key: string): string | undefined => states[time]?.found[image]?.get(key);
  const end = states.length - 1;
  const keys = new Set(states.flatMap(({ found }) => [...(found[then]?.keys() ?? []), ...(found[now]?.keys() ?? [])]));
  return [...keys].flatMap((key) => {
    const at = from(key);
    const [before, between, after] = [of(at, then, key), of(end, then, key), of(end, now, key)];
    if (before === after) return [];
    const isRescored = before !== undefined && after !== undefined;
    const isOfData = isRescored ? between === after : (between === undefined) === (after === undefined);
    let changed = end;
    while (of(changed, then, key) === of(changed - 1, then, key) && changed > at) changed -= 1;
    const kind = isRescored ? 'rescored' : before === undefined ? 'new' : isOfData ? 'withdrawn' : 'fixed';
    return [[kind, key, before ?? '', after ?? '', isOfData ? changed : null].join(' | ')];
  });
}

async function say(store: Store, feed: string, says: Extract<Steps[number], { source: string }>['says'], at: number) {
  const advisories = Object.entries(says).map(([id, affected]) =>
    advisory(`${feed}-${id}`, ...affected.map(({ fixed, ...each }) => ({ ...each, ...(fixed && { fixed }) }))),
  );
  await publish(store, advisories, at, { feed });
}

async function reported(store: Store, layer: Layer): Promise<Findings> {
  const image = { kind: 'oci', reference: 'app:1', digest: '', platform: 'linux/amd64', layers: [] };
  const { findings } = await reportImage(store, image, [layer], NOW);
  return new Map(findings.map((each) => [`${each.id} ${each.package}`, saidOf(each)]));
}

/** Returns the fields of a finding without its version, because a changed version alone is not a difference. */
function saidOf(of: Pick<Rating, 'severity' | 'status' | 'fixedIn'> | null): string {
  return of === null ? '' : `${of.severity} ${of.status} ${of.fixedIn}`;
}
