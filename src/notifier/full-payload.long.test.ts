import { expect, it } from 'vitest';
import { memoryStore } from '../database/testing/memory-store.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { NO_CONTENTS } from '../database/testing/stores.ts';
import { digestOfHex } from '../model/digest.ts';
import { fullPayload } from './full-payload.ts';
import { readMessageFacts } from './message-facts.ts';
import { createPlanner } from './planner.ts';

it('a full message has at most 1 MiB and names truncated fields', async () => {
  const store = await memoryStore();
  const { id: leaf } = await knowLayer(store, 'base', [deb('a', '2')]);
  for (let at = 0; at < 300; at += 1) {
    const reference = `registry.test/${'y'.repeat(200)}:${at}`;
    const image = { digest: digestOfHex(String(at).padStart(64, '0')), reference, target: reference, leaf };
    await store.images.record({ ...NO_CONTENTS, ...image, platform: 'linux/amd64', scannedAt: at });
  }
  for (let at = 0; at < 200; at += 1) await knowLayer(store, `${at}-${'x'.repeat(1000)}`, [deb('a', '1')]);
  const packages = Array.from({ length: 3000 }, (_none, at) => ({ package: `p${at}` }));
  const huge = { ...advisory('CVE-1', { package: 'a' }, ...packages), description: '\u{1f600}'.repeat(100_000) };
  const planner = createPlanner({ store, owner: 'one', now: () => 1, newName: () => 'n' });
  const { signal } = new AbortController();
  await publish(store, []);
  await planner.plan(signal);
  await publish(store, [huge]);
  await planner.plan(signal);
  const [notification] = await store.notifications.list('waiting', { after: 0, limit: 10 });
  const message = fullPayload(await readMessageFacts(store, notification!));
  expect(message).toMatchObject({ Truncated: ['Description', 'AffectedPackages', 'IntroducingLayersIDs', 'Images'] });
  expect((message as { Images: readonly object[] }).Images.length).toBeGreaterThan(150);
  expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(1024 * 1024);
  await store.close();
});
