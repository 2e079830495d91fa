import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { fullPayload } from './full-payload.ts';
import { readMessageFacts } from './message-facts.ts';
import { createPlanner } from './planner.ts';

describe('a full message', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore({ type: 'memory' });
    const base = await knowLayer(store, 'base', [deb('a', '2')]);
    await knowLayer(store, 'inherits', [], base);
    await knowLayer(store, 'later', [deb('a', '5')]);
  });
  afterEach(async () => {
    await store.close();
  });

  /** Returns the messages of a change of CVE-1 in the feed; null for an absent advisory. */
  async function messagesOf(before: Advisory | null, after: Advisory | null): Promise<unknown[]> {
    const planner = createPlanner({ store, owner: 'one', now: () => 1, newName: () => `n${(names += 1)}` });
    let names = 0;
    const { signal } = new AbortController();
    await publish(store, before === null ? [] : [before]);
    await planner.plan(signal);
    await publish(store, after === null ? [] : [after]);
    await planner.plan(signal);
    // The message shows the state at the time of the change.
    await publish(store, []);
    const notifications = await store.notifications.list('waiting', { after: 0, limit: 10 });
    return await Promise.all(notifications.map(async (each) => fullPayload(await readMessageFacts(store, each))));
  }

  const bodyOf = (of: Partial<AffectedPackage> & { package: string }): object => ({
    OS: 'debian:12',
    Name: of.package,
    AllVersions: of.fixed === undefined,
    BeforeVersion: of.fixed ?? '',
    Status: of.fixed === undefined ? 'open' : 'fixed',
    Priority: of.severity ?? 'Medium',
  });
  const vulnerability = (...affected: readonly (Partial<AffectedPackage> & { package: string })[]): object => ({
    ID: 'CVE-1',
    Link: 'https://tracker.test/CVE-1',
    Priority: affected[0]?.severity ?? 'Medium',
    Description: 'What CVE-1 is about.',
    AffectedPackages: affected.map(bodyOf),
  });

  it('about a new vulnerability names the introducing layers', async () => {
    expect(await messagesOf(null, advisory('CVE-1', { package: 'a', fixed: '3' }))).toEqual([
      {
        Name: 'CVE-1',
        Type: 'NewVulnerabilityNotification',
        Content: { Vulnerability: vulnerability({ package: 'a', fixed: '3' }), IntroducingLayersIDs: ['base'] },
        NotificationName: 'n1',
        Source: 'debian',
      },
    ]);
  });

  it('about a severity increase has the old severity and names all affected layers', async () => {
    const [low, high] = (['Low', 'High'] as const).map((severity) => ({ package: 'a', severity }));
    expect(await messagesOf(advisory('CVE-1', low!), advisory('CVE-1', high!))).toEqual([
      {
        Name: 'CVE-1',
        Type: 'VulnerabilityPriorityIncreasedNotification',
        Content: {
          Vulnerability: vulnerability(high!),
          OldPriority: 'Low',
          NewPriority: 'High',
          IntroducingLayersIDs: ['base', 'later'],
        },
        NotificationName: 'n1',
        Source: 'debian',
      },
    ]);
  });

  it('about changed packages names the new and former layers', async () => {
    const [before, after] = [
      { package: 'a', fixed: '3' },
      { package: 'a', introduced: '4', fixed: '6' },
    ];
    expect(await messagesOf(advisory('CVE-1', before), advisory('CVE-1', after))).toEqual([
      {
        Name: 'CVE-1',
        Type: 'VulnerabilityPackageChangedNotification',
        Content: {
          Vulnerability: vulnerability(after),
          AddedAffectedPackages: [bodyOf(after)],
          RemovedAffectedPackages: [bodyOf(before)],
          NewIntroducingLayersIDs: ['later'],
          FormerIntroducingLayerIDs: ['base'],
        },
        NotificationName: 'n1',
        Source: 'debian',
      },
    ]);
  });

  it('about a withdrawn vulnerability has its last state and its former layers', async () => {
    expect(await messagesOf(advisory('CVE-1', { package: 'a' }), null)).toEqual([
      {
        Name: 'CVE-1',
        Type: 'VulnerabilityWithdrawnNotification',
        Content: { Vulnerability: vulnerability({ package: 'a' }), FormerIntroducingLayerIDs: ['base', 'later'] },
        NotificationName: 'n1',
        Source: 'debian',
      },
    ]);
  });

  it('has at most 1 MiB and names truncated fields', async () => {
    for (let at = 0; at < 400; at += 1) await knowLayer(store, `${at}-${'x'.repeat(1000)}`, [deb('a', '1')]);
    const packages = Array.from({ length: 3000 }, (_none, at) => ({ package: `p${at}` }));
    const huge = { ...advisory('CVE-1', { package: 'a' }, ...packages), description: '\u{1f600}'.repeat(100_000) };
    const [message] = await messagesOf(null, huge);
    expect(message).toMatchObject({ Truncated: ['Description', 'AffectedPackages', 'IntroducingLayersIDs'] });
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(1024 * 1024);
  });
});
