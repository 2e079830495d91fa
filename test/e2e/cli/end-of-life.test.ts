/** Tests scans of Alpine 3.6.5 and edge, each with a package in which the only vulnerability of the feed is fixed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-end-of-life-'));
const database = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

function rootOf(version: string, branch: string): string {
  const root = join(folder, version);
  const files: Readonly<Record<string, string>> = {
    'etc/os-release': `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux ${branch}"\n`,
    'lib/apk/db/installed': 'P:musl\nV:1.1.16-r15\nA:x86_64\no:musl\n\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return `rootfs:${root}`;
}

let ended: string;
let rolling: string;
beforeAll(async () => {
  ended = rootOf('3.6.5', 'v3.6');
  rolling = rootOf('3.99.0_alpha20260101', 'edge');
  const feed = join(folder, 'feed');
  for (const branch of ['v3.6', 'edge']) {
    const packages = [{ pkg: { name: 'musl', secfixes: { '1.1.15-r4': ['CVE-2016-8859'] } } }];
    mkdirSync(join(feed, branch), { recursive: true });
    const document = { distroversion: branch, reponame: 'main', archs: ['x86_64'], packages };
    writeFileSync(join(feed, branch, 'main.json'), JSON.stringify(document));
  }
  expect(await clair('update', '--feed', 'alpine', '--from', feed)).toMatchObject({ status: 0 });
});

describe('an image of a release that is out of support', () => {
  it('has an incomplete report with the date, its source, and a next step', async () => {
    const { status, out } = await clair('scan', ended);
    expect(status).toBe(3);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /WARNING release-end-of-life: Support for alpine:v3\.6 .* ended on 2019-05-01 \(https:\/\/alpinelinux\.org\/releases\/\)/,
    );
    expect(out).toContain('--allow-eol');
    expect(out).toContain('THE REPORT IS INCOMPLETE');
  });

  it('has a complete report with --allow-eol, which still shows the date', async () => {
    const { status, out } = await clair('scan', ended, '--allow-eol');
    expect(status).toBe(0);
    expect(out).toMatch(/Note +release-end-of-life/);
    expect(out).not.toContain('INCOMPLETE');
  });

  it.each(['json', 'markdown', 'html', 'sarif', 'junit', 'cyclonedx', 'spdx'])('shows it in %s', async (format) => {
    const file = join(folder, `report.${format}`);
    expect((await clair('scan', ended, '--format', `${format}=${file}`)).status).toBe(3);
    expect(readFileSync(file, 'utf8')).toMatch(/release-end-of-life|ended on 2019-05-01/);
  });

  it.each<[string, readonly string[], number]>([
    ['makes a comparison incomplete', [], 3],
    ['has a complete comparison with --allow-eol', ['--allow-eol'], 0],
  ])('%s', async (_, options, status) => {
    expect((await clair('diff', rolling, ended, ...options)).status).toBe(status);
  });
});

it('an image of a rolling release has a complete report', async () => {
  const { status, out } = await clair('scan', rolling);
  expect([status, out.includes('release-end-of-life')]).toEqual([0, false]);
});
