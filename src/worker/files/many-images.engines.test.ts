/** Compares file rules with an oracle, in memory; with CLAIR_TEST_LONG=1 also on SQLite and PostgreSQL. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../database/open-store.ts';
import { ENGINES } from '../../database/testing/stores.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Digest } from '../../model/digest.ts';
import type { FileRule } from '../../model/advisories/file-rule.ts';
import { createPlanner } from '../../notifier/planner.ts';
import { runsWith } from '../../../test/fixtures/run-count.ts';
import { digestOfContent, type MadeUpLayer } from './testing/layer-members.ts';
import { affectedBy, indexRules, type MadeUpImages, madeUpImages, ruleAbout } from './testing/made-up-images.ts';

const IMAGES = 10_000;

const MAX_MILLISECONDS = 1_200_000;

const FILES = ['opt/evil', 'usr/bin/tool', 'etc/app/key', 'srv/data'] as const;
const DIRECTORIES = ['opt', 'usr/bin', 'etc/app', 'srv', 'usr', 'etc'] as const;

/** Returns a generator of numbers from 0 to `bound - 1`, which are the same in every run. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Returns a layer that adds and removes some of the files; few layers are equal. */
function randomLayer(below: (bound: number) => number, name: string): MadeUpLayer {
  const some = <Item>(items: readonly Item[], odds: number): Item[] => items.filter(() => below(odds) === 0);
  return {
    contents: {
      ...Object.fromEntries(some(FILES, 3).map((file) => [file, `version ${below(4)}`])),
      [`usr/share/${name}`]: name,
    },
    whiteouts: [...some(FILES, 8), ...some(DIRECTORIES, 20)],
    opaque: some(DIRECTORIES, 30),
  };
}

/** The oracle: a map from paths to the digests of files, to which the test applies the layers in order. */
function filesOf(layers: readonly MadeUpLayer[]): Files {
  let files: Files = new Map();
  for (const { contents = {}, whiteouts = [], opaque = [] } of layers) {
    const isHidden = (file: string): boolean =>
      [...whiteouts, ...opaque].some((path) => file.startsWith(`${path}/`)) || whiteouts.includes(file);
    const added = Object.entries(contents).map(([file, content]) => [file, digestOfContent(content)] as const);
    files = new Map([...[...files].filter(([file]) => !isHidden(file)), ...added]);
  }
  return files;
}

type Files = ReadonlyMap<string, Digest>;

/** Returns whether a rule affects an image. Reads all files of the image. */
function isAffected({ when, paths, digests = [] }: FileRule, files: Files): boolean {
  const all = [...files].map(([path, digest]) => ({ path, digest }));
  const places = paths.length === 0 ? ['*'] : paths;
  const isAt = (path: string, place: string): boolean => {
    const [start = '', ...rest] = place.split('*');
    return rest.length === 0 ? path === place : path.startsWith(start) && path.endsWith(rest.at(-1) ?? '');
  };
  return places.some((place) => {
    const there = all.filter(({ path }) => isAt(path, place));
    if (when === 'changed') return there.some(({ digest }) => !digests.includes(digest));
    if (digests.length === 0) return there.length > 0 === (when === 'present');
    return digests.some((wanted) => there.some(({ digest }) => digest === wanted) === (when === 'present'));
  });
}

describe.each(runsWith(ENGINES, ENGINES.slice(0, 1)))('file rules on 10,000 images, on %s', (_engine, options) => {
  const below = randomNumbers(7);
  const filesByImage = new Map<string, Files>();
  let store: Store;
  let images: MadeUpImages;
  beforeAll(async () => {
    store = await openStore(options());
    images = madeUpImages(store);
    await store.notifications.cursor();
    const bases = Array.from({ length: 20 }, (_, at) => [randomLayer(below, `base-${at}`)]);
    for (let at = 0; at < IMAGES; at += 1) await addImage(`image-${at}`, bases[below(bases.length)] ?? []);
  }, MAX_MILLISECONDS);
  afterAll(async () => await store.close());

  async function addImage(name: string, base: readonly MadeUpLayer[]): Promise<void> {
    const own = Array.from({ length: 1 + below(2) }, (_, at) => randomLayer(below, `${name}-${at}`));
    filesByImage.set(name, filesOf([...base, ...own]));
    await images.image(name, [...base, ...own]);
  }

  const rule = (id: string, when: FileRule['when'], paths: readonly string[], ...texts: readonly string[]): FileRule =>
    ruleAbout(id, paths, { when, digests: texts.map(digestOfContent) });

  const RULES = [
    rule('ONE-PRESENT', 'present', ['opt/evil']),
    rule('ONE-ABSENT', 'absent', ['opt/evil']),
    rule('TWO-PRESENT', 'present', ['usr/bin/tool', 'etc/app/key']),
    rule('TWO-ABSENT', 'absent', ['etc/app/key', 'srv/data']),
    rule('DIGEST-PRESENT', 'present', [], 'version 2'),
    rule('DIGEST-ABSENT', 'absent', [], 'version 2'),
    rule('ONE-OF-DIGESTS', 'present', [], 'image-3-0', 'image-7777-0', 'later-5-0'),
    rule('DIGEST-AT', 'present', ['opt/evil', 'srv/data'], 'version 0', 'version 3'),
    rule('DIGEST-NOT-AT', 'absent', ['opt/evil'], 'version 1'),
    rule('DIGEST-AT-PATTERN', 'present', ['usr/*'], 'version 1'),
    rule('CHANGED', 'changed', ['usr/bin/tool', 'srv/data'], 'version 1'),
    rule('PATTERN', 'present', ['etc/*/key']),
    rule('NO-PATTERN', 'absent', ['*/tool']),
    rule('NEVER', 'present', ['opt/none']),
  ];

  const expected = (of: FileRule): readonly string[] =>
    [...filesByImage]
      .filter(([, files]) => isAffected(of, files))
      .map(([name]) => name)
      .toSorted();

  /**
   * Returns the rules and images whose results differ from the oracle. Checks the affected images of every rule, and
   * the matching rules of a random sample of images.
   */
  async function differences(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const each of RULES) {
      if (!isDeepStrictEqual(await affectedBy(store, each.id), expected(each))) found.push(each.id);
    }
    for (const [name, files] of [...filesByImage].filter(() => below(50) === 0)) {
      const [image] = await store.images.ofReference(name, 1);
      const matches = await store.matches.ofLayer(image?.leaf ?? 0);
      const ids = new Set(matches.map(({ vulnerability }) => vulnerability.name));
      const right = RULES.filter((each) => isAffected(each, files)).map(({ id }) => id);
      if (!isDeepStrictEqual([...ids].toSorted(), right.toSorted())) found.push(name);
    }
    return found;
  }

  async function notified(): Promise<readonly string[]> {
    let made = 0;
    const newName = (): string => `${Date.now()}-${(made += 1)}`;
    await createPlanner({ store, owner: 'test', now: store.now, newName }).plan(new AbortController().signal);
    const waiting = await store.notifications.list('waiting', { after: 0, limit: 100 });
    return waiting.map(({ kind, vulnerability }) => `${kind} ${vulnerability}`).toSorted();
  }

  const notifications = (kind: string): readonly string[] =>
    RULES.filter(({ id }) => id !== 'NEVER')
      .map(({ id }) => `${kind} ${id}`)
      .toSorted();

  it(
    'affect exactly the images of the oracle, and are notified once',
    async () => {
      for (const each of RULES) await store.fileRules.add(each, store.now());
      await indexRules(store);
      expect(await differences()).toEqual([]);
      expect(await notified()).toEqual(notifications('new'));
      await indexRules(store);
      expect(await notified()).toEqual(notifications('new'));
    },
    MAX_MILLISECONDS,
  );

  it(
    'affect exactly the right images that are stored later',
    async () => {
      const base = [randomLayer(below, 'base-later')];
      for (let at = 0; at < 200; at += 1) await addImage(`later-${at}`, base);
      expect(await differences()).toEqual([]);
    },
    MAX_MILLISECONDS,
  );

  it(
    'affect nothing after their deletion, which is notified once',
    async () => {
      for (const { id } of RULES) expect(await store.fileRules.remove(id, store.now())).toBe(true);
      for (const { id } of RULES) expect(await affectedBy(store, id)).toEqual([]);
      const both = [...notifications('new'), ...notifications('withdrawn')];
      expect(await notified()).toEqual(both.toSorted());
      const [image] = await store.images.ofReference('image-0', 1);
      expect(await store.matches.ofLayer(image?.leaf ?? 0)).toEqual([]);
    },
    MAX_MILLISECONDS,
  );
});
