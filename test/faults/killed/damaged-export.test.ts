/** Tests imports of damaged exports: Clair must reject each export and leave the database unchanged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { openExportFile } from '../../../src/updater/exchange/export-file.ts';
import { ENRICHERS } from '../../../src/updater/enrichers/index.ts';
import { FETCHERS } from '../../../src/updater/fetchers/index.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-damaged-'));
const [database, path, damaged] = ['clair.db', 'export', 'damaged'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
let good: Buffer;

const clair = async (...args: readonly string[]): Promise<CliRun> => {
  return await runClair([...args, '--db', database]);
};

beforeAll(async () => {
  const catalog = join(folder, 'known_exploited_vulnerabilities.json');
  writeFileSync(catalog, JSON.stringify({ vulnerabilities: [{ cveID: 'CVE-2099-0002', dateAdded: '2099-01-02' }] }));
  await clair('update', '--feed', 'debian', '--from', DEMO_FEED);
  await clair('update', '--feed', 'kev', '--from', catalog);
  await clair('db', 'export', path);
  good = readFileSync(path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(bytes: Uint8Array): Promise<unknown> {
  writeFileSync(damaged, bytes);
  try {
    const file = await openExportFile(damaged, { fetchers: FETCHERS, enrichers: ENRICHERS });
    await file.close();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

function flipped(byte: number, bit: number): Buffer {
  const bytes = Buffer.from(good);
  bytes[byte]! ^= 1 << bit;
  return bytes;
}

it('accepts the undamaged file', async () => {
  expect(await refusal(good)).toBeUndefined();
});

describe('a file', () => {
  it('with a flipped bit in any byte is rejected, and with any flipped bit in its first and last bytes', async () => {
    const taken: string[] = [];
    for (let byte = 0; byte < good.length; byte += 1) {
      const isEdge = byte < 64 || byte >= good.length - 64;
      for (const bit of isEdge ? [0, 1, 2, 3, 4, 5, 6, 7] : [byte % 8]) {
        const code = await refusal(flipped(byte, bit));
        if (code !== 'export/invalid') taken.push(`byte ${byte}, bit ${bit}: ${String(code)}`);
      }
    }
    expect(taken).toEqual([]);
  });

  it('truncated at any length is rejected', async () => {
    const taken: string[] = [];
    for (let length = 0; length < good.length; length += 1) {
      const code = await refusal(good.subarray(0, length));
      if (code !== 'export/invalid') taken.push(`${length} bytes: ${String(code)}`);
    }
    expect(taken).toEqual([]);
  });

  it('with a missing, repeated or additional byte is rejected', async () => {
    for (let at = 0; at < good.length; at += 7) {
      const [head, tail] = [good.subarray(0, at), good.subarray(at)];
      expect(await refusal(Buffer.concat([head, tail.subarray(1)]))).toBe('export/invalid');
      expect(await refusal(Buffer.concat([head, tail.subarray(0, 1), tail]))).toBe('export/invalid');
    }
    expect(await refusal(Buffer.concat([good, Buffer.from('\n')]))).toBe('export/invalid');
  });
});

describe('an import', () => {
  it.each<[string, () => Uint8Array]>([
    ['nothing', () => Buffer.alloc(0)],
    ['a flipped bit in the header', () => flipped(4, 5)],
    ['a flipped bit in the middle', () => flipped(Math.floor(good.length / 2), 0)],
    ['a flipped bit in the checksum', () => flipped(good.length - 1, 7)],
    ['half of the file', () => good.subarray(0, good.length / 2)],
    ['a feed', () => readFileSync(DEMO_FEED)],
    ['the database', () => readFileSync(database)],
  ])('of %s exits with status 2 and changes nothing', async (_, bytes) => {
    const before = digestOfDatabase(database);
    writeFileSync(damaged, bytes());
    const { status, err } = await clair('db', 'import', damaged);
    expect(status).toBe(2);
    expect(err).toMatch(/^clair: .*damaged .+\n.*nothing was imported\. \[export\/invalid\]\n$/);
    expect(digestOfDatabase(database)).toBe(before);
  });
});
