import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { tarOf } from '../../bytes/testing/tar-builder.ts';
import { writeOciLayout } from '../../worker/testing/image-builder.ts';
import { runCli } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-late-optimization-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('optimizes code later for a scan, but not for an update', async () => {
  const layout = join(folder, 'layout');
  writeOciLayout(
    layout,
    [{ tar: tarOf({ name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' }), createdBy: 'base' }],
    'app',
  );
  const feed = join(folder, 'debian.json');
  writeFileSync(feed, '{"a":{"CVE-2099-0001":{"releases":{}}}}');
  let calls = 0;
  const run = async (...args: readonly string[]): Promise<number> =>
    await runCli([...args, '--db', join(folder, 'clair.db')], {
      out: () => undefined,
      err: () => undefined,
      signal: new AbortController().signal,
      optimizeLater: () => (calls += 1),
    });
  expect(await run('update', '--feed', 'debian', '--from', feed)).toBe(0);
  expect(calls).toBe(0);
  await run('scan', layout);
  expect(calls).toBe(1);
});
