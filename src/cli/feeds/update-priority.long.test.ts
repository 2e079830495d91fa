import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UPDATE_NICENESS } from '../../updater/niceness.ts';
import { runCli } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-update-priority-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('only clair update lowers the priority of its process', async () => {
  const feed = join(folder, 'debian.json');
  writeFileSync(feed, '{"a":{"CVE-2099-0001":{"releases":{}}}}');
  const lowered: number[] = [];
  const run = async (...args: readonly string[]): Promise<number> =>
    await runCli([...args, '--db', join(folder, 'clair.db')], {
      out: () => undefined,
      err: () => undefined,
      signal: new AbortController().signal,
      lowerPriority: (niceness) => lowered.push(niceness),
    });
  expect(await run('update', '--feed', 'debian', '--from', feed)).toBe(0);
  expect(lowered).toEqual([UPDATE_NICENESS]);
  await run('feeds');
  expect(lowered).toEqual([UPDATE_NICENESS]);
});
