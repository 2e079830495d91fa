import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import { type Clair, composeClair } from './clair.ts';

const FEEDS = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);

describe('the schedule of a Clair instance', () => {
  let clair: Clair;
  let warnings: Error[];
  const note = (warning: Error): void => void warnings.push(warning);
  beforeEach(async () => {
    warnings = [];
    process.on('warning', note);
    clair = await composeClair({ type: 'memory' }, { updater: { offline: true } });
  });
  afterEach(async () => {
    process.off('warning', note);
    await clair.close();
  });

  it('waits for all feeds without a Node warning about listeners', async () => {
    expect(FEEDS.length).toBeGreaterThan(10);
    const failed = new Set<unknown>();
    const warn = (fields: object): void => void failed.add('feed' in fields && fields.feed);
    const intervals = new Map(FEEDS.map((feed) => [feed, 60 * 60_000]));
    const schedule = clair.schedule(intervals, { info: () => undefined, warn, error: () => undefined });
    await expect.poll(() => failed).toEqual(new Set(FEEDS));
    await setImmediate();
    await schedule.stop();
    expect(warnings).toEqual([]);
  });
});
