import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-stale-feeds-'));
const inFolder = (name: string): string => join(folder, name);
const archive = inFolder('image.tar');

let databases = 0;
let database: string;

beforeAll(async () => writeFileSync(archive, await buildDockerArchive(await buildDemoLayers(), 'app:1')));
beforeEach(() => {
  vi.stubEnv('CLAIR_CONFIG', '/dev/null');
  database = inFolder(`clair-${(databases += 1)}.db`);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

const update = async (...args: readonly string[]): Promise<number> =>
  (await clair('update', '--feed', 'debian', ...args)).status;

/** Returns whether the report, the explanation and the list of feeds mark the Debian feed as stale. */
async function staleFor(): Promise<readonly boolean[]> {
  const [scan, explain, feeds] = [
    await clair('scan', archive, '--format', 'json'),
    await clair('explain', 'CVE-2099-0002', archive, '--format', 'json'),
    await clair('feeds', '--format', 'json'),
  ];
  const codes = (out: string): readonly string[] =>
    JSON.parse(out).diagnostics.map(({ code }: { readonly code: string }) => code);
  const { state } = JSON.parse(feeds.out).find(({ name }: { readonly name: string }) => name === 'debian');
  return [codes(scan.out).includes('feed-stale'), codes(explain.out).includes('feed-stale'), state === 'stale'];
}

const FRESH = [false, false, false];
const STALE = [true, true, true];

function setLimit(how: 'the environment' | 'the configuration file', limit: string): void {
  if (how === 'the environment') return void vi.stubEnv('CLAIR_UPDATER_STALEAFTER', limit);
  writeFileSync(
    inFolder('clair.yaml'),
    `updater: {staleAfter: ${limit}}\nnotifier: {http: {endpoint: 'http://a.test', secretfile: /none}}\n`,
  );
  vi.stubEnv('CLAIR_CONFIG', inFolder('clair.yaml'));
}

function later(hours: number): void {
  vi.useFakeTimers({ now: Date.now() + hours * 60 * 60 * 1000, toFake: ['Date'] });
}

describe('the age from which a feed is stale', () => {
  it.each(['the environment', 'the configuration file'] as const)(
    'comes from %s of the command that reads the feed',
    async (how) => {
      await update('--from', DEMO_FEED);
      expect(await staleFor()).toEqual(FRESH);
      later(2);
      setLimit(how, '1h');
      expect(await staleFor()).toEqual(STALE);
      setLimit(how, '3h');
      expect(await staleFor()).toEqual(FRESH);
    },
  );

  it('is the age limit of the last successful update for commands without the setting', async () => {
    setLimit('the environment', '1h');
    await update('--from', DEMO_FEED);
    vi.stubEnv('CLAIR_UPDATER_STALEAFTER', undefined);
    expect(await staleFor()).toEqual(FRESH);
    later(2);
    expect(await staleFor()).toEqual(STALE);
    await update('--from', DEMO_FEED);
    later(2);
    expect(await staleFor()).toEqual(FRESH);
  });

  it('is not the age limit of a failed update', async () => {
    await update('--from', DEMO_FEED);
    setLimit('the environment', '1h');
    expect(await update('--from', inFolder('absent.json'))).toBe(2);
    vi.stubEnv('CLAIR_UPDATER_STALEAFTER', undefined);
    later(2);
    expect(await staleFor()).toEqual(FRESH);
  });
});
