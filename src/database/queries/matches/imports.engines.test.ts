import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';

const NAMESPACE = 'golang';

describe.each(ENGINES)('the packages and functions of advisories on %s', (_engine, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  async function update(...advisories: readonly Advisory[]): Promise<void> {
    const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at: 1 };
    const ordered = orderedAdvisories(advisories);
    await store.vulnerabilities.update({
      feed: 's',
      scheme: 'by-namespace',
      fetcherVersion: 1,
      advisories: ordered,
      ...state,
    });
  }

  function affected(of: Partial<AffectedPackage>): Advisory {
    return advisory('GO-1', { namespace: NAMESPACE, package: 'a', ...of });
  }

  it('are found by the names of advisories, for the modules of a namespace, each once', async () => {
    const imports = [{ path: 'a/p', symbols: ['F', 'T.M'], goos: ['linux'] }, { path: 'a/q' }];
    const ranges = { namespace: NAMESPACE, package: 'a', imports };
    await update(
      advisory('GO-1', { ...ranges, fixed: '1' }, { ...ranges, introduced: '2' }, { ...ranges, package: 'b' }),
      advisory('GO-2', { namespace: NAMESPACE, package: 'a' }, { ...ranges, namespace: 'npm' }),
      advisory('GO-3', ranges),
    );
    const found = await store.matches.imports(['GO-1', 'GO-2', 'GO-none'], NAMESPACE);
    expect(found.map((each) => JSON.stringify(each)).toSorted()).toEqual(
      [
        { vulnerability: 'GO-1', module: 'a', imports },
        { vulnerability: 'GO-1', module: 'b', imports },
        { vulnerability: 'GO-2', module: 'a' },
      ].map((each) => JSON.stringify(each)),
    );
    expect(await store.vulnerabilities.find('GO-3')).toMatchObject([{ affected: [{ imports }] }]);
  });

  it('change when an advisory names other functions', async () => {
    const named = (symbol: string) => affected({ imports: [{ path: 'a/p', symbols: [symbol] }] });
    await update(named('F'));
    await update(named('G'));
    await update(named('G'));
    expect((await store.changeLog.read({ after: 0, limit: 9 })).map(({ kind }) => kind)).toEqual(['added', 'changed']);
    expect(await store.matches.imports(['GO-1'], NAMESPACE)).toEqual([
      { vulnerability: 'GO-1', module: 'a', imports: [{ path: 'a/p', symbols: ['G'] }] },
    ]);
  });
});
