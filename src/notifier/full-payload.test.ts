import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { NO_CONTENTS } from '../database/testing/stores.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { type Digest, digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import type { Notification } from '../model/notification.ts';
import { fullPayload } from './full-payload.ts';
import { readMessageFacts } from './message-facts.ts';
import { createPlanner } from './planner.ts';

describe('a full message', () => {
  let store: Store;
  let inherits: Layer;
  let later: Layer;
  beforeEach(async () => {
    store = await memoryStore();
    const base = await knowLayer(store, 'base', [deb('a', '2')]);
    inherits = await knowLayer(store, 'inherits', [], base);
    later = await knowLayer(store, 'later', [deb('a', '5')]);
  });
  afterEach(async () => {
    await store.close();
  });

  const imageDigest = (at: number): Digest => digestOfHex(String(at).padStart(64, '0'));

  async function recordImage(at: number, reference: string, leaf: Layer): Promise<void> {
    const image = { digest: imageDigest(at), reference, target: reference, platform: 'linux/amd64', leaf: leaf.id };
    await store.images.record({ ...NO_CONTENTS, ...image, scannedAt: at });
  }

  /**
   * Returns the messages about a change of CVE-1 in the feed. `atDelivery` contains the advisories of the feed at the
   * time of the delivery.
   */
  async function messagesOf(
    before: Advisory | null,
    after: Advisory | null,
    atDelivery: readonly Advisory[] = [],
  ): Promise<unknown[]> {
    const planner = createPlanner({ store, owner: 'one', now: () => 1, newName: () => `n${(names += 1)}` });
    let names = 0;
    const { signal } = new AbortController();
    await publish(store, before === null ? [] : [before]);
    await planner.plan(signal);
    await publish(store, after === null ? [] : [after]);
    await planner.plan(signal);
    // The message shows the advisory at the time of the change, and the images at the time of the delivery.
    await publish(store, atDelivery);
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
        Images: [],
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
        Images: [],
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
        Images: [],
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
        Images: [],
      },
    ]);
  });

  it('names the images that the vulnerability affects, not other images with the package', async () => {
    await recordImage(1, 'registry.test/shop/checkout:2.4', inherits);
    await recordImage(2, 'registry.test/shop/later:1', later);
    const fixed = advisory('CVE-1', { package: 'a', fixed: '3' });
    expect(await messagesOf(null, fixed, [fixed])).toMatchObject([
      { Images: [{ Reference: 'registry.test/shop/checkout:2.4', Digest: imageDigest(1) }] },
    ]);
  });

  it('about a withdrawn vulnerability names no image', async () => {
    await recordImage(1, 'registry.test/shop/checkout:2.4', inherits);
    expect(await messagesOf(advisory('CVE-1', { package: 'a' }), null)).toMatchObject([{ Images: [] }]);
  });

  it('names all images of several pages', async () => {
    for (let at = 0; at < 250; at += 1) await recordImage(at, `r:${at}`, inherits);
    const all = advisory('CVE-1', { package: 'a' });
    const [message] = await messagesOf(null, all, [all]);
    expect(message).toMatchObject({ Images: Array.from({ length: 250 }, (_none, at) => ({ Reference: `r:${at}` })) });
    expect(message).not.toHaveProperty('Truncated');
  });

  it('searches a limited number of images, and then counts the list as truncated', async () => {
    let pages = 0;
    const affectedImages: Store['matches']['affectedImages'] = async () => {
      pages += 1;
      return { images: [], next: { layer: 1, image: pages } };
    };
    store = { ...store, matches: { ...store.matches, affectedImages } };
    const all = advisory('CVE-1', { package: 'a' });
    expect(await messagesOf(null, all, [all])).toMatchObject([{ Images: [], Truncated: ['Images'] }]);
    expect(pages).toBe(10);
  });
});

it('the documentation of notifications shows a message as it is sent', () => {
  const page = readFileSync(new URL('../../docs/how-to/receive-notifications.md', import.meta.url), 'utf8');
  const example: unknown = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '');
  const zlib = { package: 'zlib', fixed: '1:1.2.13.dfsg-2', severity: 'High' } as const;
  const after = {
    ...advisory('CVE-2024-1234', zlib),
    link: 'https://security-tracker.debian.org/tracker/CVE-2024-1234',
    description: 'A buffer overflow.',
  };
  const layer = 'chain:sha256:5317fd0d1f5bd83f4b7d4d3a4e6a2a6e2c4c5f0e4c1f0f3a3bb0d4c6d1d9e2a7';
  const digest = 'sha256:aa4d41f78c25ad6738ee7fa7dbbfff770dc951532fb07f228bc427b9afd24a47';
  const notification: Notification = {
    id: 1,
    name: '3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11',
    kind: 'new',
    change: 1,
    feed: 'debian',
    vulnerability: 'CVE-2024-1234',
    createdAt: 1,
    notifiedAt: null,
    readAt: null,
    deadAt: null,
    attempts: 0,
    error: null,
    dueAt: 1,
    channels: [],
    deliveries: 0,
    totalAttempts: 0,
    lastFailure: null,
  };
  const message = fullPayload({
    notification,
    change: {
      id: 1,
      at: 1,
      feed: 'debian',
      name: 'CVE-2024-1234',
      kind: 'added',
      isInitial: false,
      update: null,
      before: null,
      after,
    },
    introducing: { names: [layer], isCut: false },
    former: { names: [], isCut: false },
    images: { items: [{ reference: 'registry.example.org/shop/checkout:2.4', digest }], isCut: false },
  });
  expect(message).toEqual(example);
});
