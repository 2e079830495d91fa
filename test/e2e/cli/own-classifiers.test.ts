import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elfFile } from '../../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { buildDockerArchive, buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-classifiers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archive = join(folder, 'image.tar');
const invalid = join(folder, 'invalid.yaml');
const EXAMPLE = 'classifiers.example.yaml';

beforeAll(async () => {
  const content = Buffer.from('\0Acme Server 2.4.1\0', 'latin1');
  const program = elfFile([{ name: '.rodata', content, isCode: true }]);
  const tar = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', 'usr/bin/acme-server': program });
  writeFileSync(archive, await buildDockerArchive([{ tar, createdBy: 'ADD' }], 'acme:1'));
  writeFileSync(invalid, "- name: acme\n  files: [acme]\n  expressions: ['(a+)+$']\n");
});

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', join(folder, 'clair.db')]);
}

/** Scans the image, and returns its packages. */
async function packagesOf(...options: readonly string[]): Promise<readonly string[]> {
  const { out } = await clair('scan', archive, '--format', 'json', ...options);
  const { packages }: { packages: readonly { name: string; version: string }[] } = JSON.parse(out);
  return packages.map(({ name, version }) => `${name} ${version}`);
}

describe('--classifiers', () => {
  it('adds programs to the programs that Clair recognises, also in threads', async () => {
    expect(await packagesOf()).toEqual([]);
    expect(await packagesOf('--classifiers', EXAMPLE)).toEqual(['acme-server 2.4.1']);
    expect(await packagesOf()).toEqual([]);
  });

  it('makes images outdated that were analysed without the file', async () => {
    // With `--verify`, a scan stores the layer, although it is uncompressed.
    await clair('scan', archive, '--verify');
    const again = await clair('reindex', '--classifiers', EXAMPLE);
    expect(again.out).toContain('1 image re-analysed, 0 failed\n');
    expect((await clair('reindex', '--classifiers', EXAMPLE)).out).toBe('0 images re-analysed, 0 failed\n');
  });

  it.each([
    ['scan', [archive]],
    ['explain', ['CVE-1', archive]],
    ['graph', [archive]],
    ['diff', [archive, archive]],
  ])('stops %s with the faults of an invalid file', async (command, args) => {
    const { status, err } = await clair(command, ...args, '--classifiers', invalid);
    expect(status).toBe(2);
    expect(err).toContain(`${invalid} is not a valid classifier file:`);
    expect(err).toContain(
      'line 3: expressions: "(a+)+$" needs exactly one of {version}, {semver} or {release}.{patch}',
    );
  });

  it('is the setting worker.classifiers of a server', async () => {
    const config = join(folder, 'clair.yaml');
    writeFileSync(config, `worker:\n  classifiers: ${invalid}\n`);
    const { status, err } = await runClair(['config', 'check', '--config', config]);
    expect([status, err]).toEqual([2, expect.stringContaining('line 3: expressions:')]);
  });
});
