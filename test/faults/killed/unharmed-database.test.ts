/**
 * Tests broken inputs to the whole program: each input must cause its error, the process must survive, and the database
 * must stay unchanged.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { gzipBomb } from '../../../src/bytes/testing/gzip-bomb.ts';
import { END, paxRecord, tarHeader, tarMember, tarOf } from '../../../src/bytes/testing/tar-builder.ts';

let server: ClairServer;
let good: Buffer;

beforeAll(async () => {
  server = await startClairServer();
  good = (await buildDemoLayers())[0]!.tar;
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  await post('good', good);
});
afterAll(() => server.close());

/** Returns a digest without the last use of layers, which is written a few seconds later. */
function databaseDigest(): string {
  return digestOfDatabase(join(server.folder, 'db', 'clair.db'), ['layer.last_used_on']);
}

async function post(name: string, layer: Buffer): Promise<{ status: number; message: string }> {
  mkdirSync(join(server.folder, 'layers'), { recursive: true });
  const path = join(server.folder, 'layers', name);
  writeFileSync(path, layer);
  const { status, body } = await server.post<{ Message?: string }>('/v1/layers', { ID: name, Path: path });
  return { status, message: body.Message ?? '' };
}

function corrupted(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[Math.floor(damaged.length / 2)]! ^= 0xff;
  return damaged;
}

const STATUS = 'var/lib/dpkg/status';

describe('a layer', () => {
  it.each<[string, () => Buffer, RegExp]>([
    ['truncated in the middle', () => good.subarray(0, 700), /bytes\/truncated/],
    ['truncated in the middle of its compression', () => gzipSync(good).subarray(0, 300), /bytes\/truncated/],
    ['damaged', () => corrupted(gzipSync(good)), /bytes\/corrupt/],
    ['of zeros that expand a thousand times', () => gzipBomb(Buffer.alloc(0), 600), /bytes\/limit-exceeded/],
    [
      'with a member that declares a larger size than the archive',
      () => tarHeader({ name: STATUS, size: 8 ** 11 - 1 }),
      /bytes\/limit-exceeded/,
    ],
    [
      'with a name of a megabyte',
      () => tarOf({ name: 'x', type: 'x', content: paxRecord('path', 'n'.repeat(1 << 20)) }),
      /bytes\/limit-exceeded/,
    ],
    [
      'with 100,000 wanted files',
      () =>
        Buffer.concat([
          ...Array.from({ length: 100_000 }, (_, at) => tarMember({ name: `var/lib/dpkg/status.d/${at}` })),
          END,
        ]),
      /bytes\/limit-exceeded/,
    ],
    ['that is an HTML page', () => Buffer.from('<!doctype html>'.repeat(100)), /bytes\/corrupt/],
    ['that only starts like bzip2', () => Buffer.from(`BZh91AY&SY${'x'.repeat(600)}`), /bytes\/corrupt/],
  ])('%s is rejected, and nothing of it is stored', async (_, layer, code) => {
    const before = databaseDigest();
    const { status, message } = await post('broken', layer());
    expect(status).toBe(400);
    expect(message).toMatch(code);
    expect(message).toContain('layers/broken');
    expect(databaseDigest()).toBe(before);
    expect((await server.get('/v1/layers/broken/os')).status).toBe(404);
    expect((await server.get('/v1/layers/good/os')).status).toBe(200);
  });

  it.each<[string, Buffer, string]>([
    [
      'with a path outside the root',
      tarOf({ name: '../../etc/os-release', content: 'ID=evil\n' }),
      'entries-outside-root',
    ],
    [
      'with a broken stanza',
      tarOf({ name: STATUS, content: 'Package: a\nrubbish\n\nPackage: b\nStatus: install ok installed\nVersion: 1\n' }),
      'package-entry-unreadable',
    ],
    ['with an invalid package database', tarOf({ name: STATUS, content: '\0\x01\x02' }), 'package-database-unreadable'],
  ])('%s is stored with a diagnostic', async (_, layer, code) => {
    expect(await post(code, layer)).toEqual({ status: 201, message: '' });
    const { body } = await server.get<{ Problems: { code: string }[] }>(`/v1/layers/${code}/packages`);
    expect(body.Problems.map((diagnostic) => diagnostic.code)).toContain(code);
  });

  it('of 100,000 members is stored', async () => {
    const members = Array.from({ length: 100_000 }, (_, at) => tarMember({ name: `usr/share/${at}` }));
    expect((await post('many', Buffer.concat([...members, good]))).status).toBe(201);
    const { body } = await server.get<{ Packages: object[] }>('/v1/layers/many/packages');
    expect(body.Packages).toHaveLength(3);
  });
});

describe('a feed', () => {
  const feed = readFileSync(DEMO_FEED);

  it.each<[string, Buffer, string]>([
    ['that is truncated', feed.subarray(0, feed.length - 40), 'feed/truncated'],
    ['that is truncated in its compression', gzipSync(feed).subarray(0, 400), 'bytes/truncated'],
    ['that is empty', Buffer.alloc(0), 'feed/empty'],
    ['that is an empty object', Buffer.from('{}'), 'feed/empty'],
    ['that is an HTML page', Buffer.from('<html><body>Sign in</body></html>'), 'feed/invalid'],
    ['that is another JSON document', Buffer.from('[1, 2, 3]'), 'feed/invalid'],
    ['that is junk', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), 'feed/invalid'],
  ])('%s is rejected, and the old data stays', async (_, bytes, code) => {
    const before = databaseDigest();
    const path = join(server.folder, 'feed');
    writeFileSync(path, bytes);
    await expect(server.clair.updater.update('debian', { from: path })).rejects.toMatchObject({ code });
    expect(databaseDigest()).toBe(before);
    const { body } = await server.get<{ updater: { Details: { feeds: object[] } } }>('/v1/health');
    expect(body.updater).toMatchObject({
      IsHealthy: false,
      Details: { feeds: [{ error: expect.any(String), vulnerabilities: 6 }] },
    });
    expect((await server.get('/v1/vulnerabilities/CVE-2099-0001')).status).toBe(200);
  });

  it('with an unknown status keeps the vulnerability as a finding with a diagnostic', async () => {
    const path = join(server.folder, 'feed');
    writeFileSync(path, feed.toString('utf8').replace('"resolved"', '"pondering"'));
    const result = await server.clair.updater.update('debian', { from: path });
    expect(result).toMatchObject({
      kind: 'updated',
      counts: { changed: 1, withdrawn: 0 },
      recordDiagnostics: { count: 1 },
    });
    const { body } = await server.get<{ Problems: { code: string }[]; Vulnerabilities: { ID: string }[] }>(
      '/v1/layers/good/vulnerabilities',
    );
    expect(body.Vulnerabilities.map(({ ID }) => ID)).toEqual(['CVE-2099-0001']);
    expect(body.Problems.map(({ code }) => code)).toContain('feed-record-inexact');
  });

  it('that is valid again replaces the state of the failures', async () => {
    await server.clair.updater.update('debian', { from: DEMO_FEED });
    const { body } = await server.get('/v1/health');
    expect(body).toMatchObject({ updater: { IsHealthy: true } });
  });
});
