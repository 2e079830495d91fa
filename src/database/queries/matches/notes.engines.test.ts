import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';

const PACKAGE = deb('a', '1-1');

async function update(store: Store, ...advisories: readonly Advisory[]): Promise<void> {
  await publish(store, advisories, 1, { feed: 's', scheme: 'dpkg' });
}

describe.each(ENGINES)('notes on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  it.each<[string, readonly Parameters<typeof advisory>[1][], readonly string[]]>([
    ['are found in the range', [{ package: 'a', status: 'unsound', fixed: '2-1' }], ['CVE-1 unsound']],
    ['are not found outside of it', [{ package: 'a', status: 'notice', fixed: '1-0' }], []],
    [
      'are not found if the advisory also affects the package',
      [
        { package: 'a', status: 'unmaintained' },
        { package: 'a', status: 'fixed', fixed: '2-1' },
      ],
      [],
    ],
  ])('%s, and are neither matches nor undecided', async (_name, said, expected) => {
    await update(store, advisory('CVE-1', ...said));
    const changes = [{ feature: PACKAGE, path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const];
    const { id } = await store.layers.insert(newLayer('layer', null, changes));
    const { notes, matches, undecided } = await store.matches.verdicts(id);
    expect(notes.map(({ kind, vulnerability }) => `${vulnerability.name} ${kind}`)).toEqual(expected);
    expect(undecided).toEqual([]);
    expect(matches.filter(({ status }) => status !== 'fixed')).toEqual([]);
    for (const { kind: _kind, vulnerability, ...note } of notes) {
      expect(vulnerability).toMatchObject({ feed: 's', link: 'https://tracker.test/CVE-1' });
      expect(note).toEqual({ namespace: 'debian:12', fixed: '2-1', feature: PACKAGE, originDepth: 0 });
    }
  });
});
