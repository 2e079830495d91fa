/** Tests file rules with digests on the command line: a rule finds indexed images until the rule is deleted. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildDockerArchive, buildLayer, type LayerMembers } from '../../src/worker/testing/image-builder.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-file-rules-'));
vi.stubEnv('CLAIR_WORKER_FILEDIGESTS', 'true');
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const OS = { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' };
const MINER = 'mine()';
const DIGEST = createHash('sha256').update(MINER).digest('hex');

/** The images by name, as the members of their layers. */
const IMAGES: Readonly<Record<string, readonly LayerMembers[]>> = {
  there: [OS, { 'tmp/x.sh': MINER }],
  moved: [{ ...OS, 'srv/app/run': MINER }],
  changed: [OS, { 'tmp/x.sh': MINER }, { 'tmp/x.sh': 'other' }],
  deleted: [OS, { 'tmp/x.sh': MINER }, { 'tmp/.wh.x.sh': '' }],
  without: [OS],
};

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', join(folder, 'clair.db')]);
}

const archiveOf = (name: string): string => join(folder, `${name}.tar`);

async function affectedBy(id: string): Promise<readonly string[]> {
  const { status, out, err } = await clair('affected', id, '--format', 'json');
  expect([status, err]).toEqual([0, '']);
  const { images } = JSON.parse(out) as { readonly images: readonly { readonly reference: string }[] };
  return images.map(({ reference }) => reference.replace(/:1$/, '')).toSorted();
}

beforeAll(async () => {
  for (const [name, layers] of Object.entries(IMAGES)) {
    const built = await Promise.all(layers.map(async (each) => ({ tar: await buildLayer(each), createdBy: '' })));
    writeFileSync(archiveOf(name), await buildDockerArchive(built, `${name}:1`));
    expect(await clair('scan', archiveOf(name), '--format', 'json')).not.toHaveProperty('status', 2);
  }
}, 120_000);

describe('a file rule about a digest', { timeout: 60_000 }, () => {
  it.each<[id: string, options: readonly string[], images: readonly string[]]>([
    ['ANYWHERE-1', ['--digest', DIGEST], ['moved', 'there']],
    ['AT-PATH-1', ['--digest', DIGEST, '--path', '/tmp/x.sh'], ['there']],
    ['AT-PATTERN-1', ['--digest', DIGEST, '--path', '/srv/*'], ['moved']],
    ['ABSENT-1', ['--digest', DIGEST, '--when', 'absent'], ['changed', 'deleted', 'without']],
    ['CHANGED-1', ['--digest', DIGEST, '--path', '/tmp/x.sh', '--when', 'changed'], ['changed']],
  ])('%s affects exactly the right images', async (id, options, images) => {
    const added = await clair('file-rules', 'add', id, ...options, '--severity', 'high');
    expect(added).toEqual({
      status: 0,
      out: `The rule ${id} was added, and all stored layers have been searched.\n`,
      err: '',
    });
    expect(await affectedBy(id)).toEqual(images);
  });

  it('applies to images that are scanned later', async () => {
    const { out } = await clair('scan', archiveOf('there'), '--format', 'json', '--fail-on', 'high');
    const { findings } = JSON.parse(out) as { readonly findings: readonly Record<string, unknown>[] };
    const found = findings.map((each) => `${String(each['id'])} ${String(each['paths'])} ${String(each['layer'])}`);
    expect(found.toSorted()).toEqual(['ANYWHERE-1 tmp/x.sh 1', 'AT-PATH-1 tmp/x.sh 1']);
  });

  it('is listed and deleted, with its findings', async () => {
    const listed = JSON.parse((await clair('file-rules', 'list', '--format', 'json')).out) as readonly { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(['ABSENT-1', 'ANYWHERE-1', 'AT-PATH-1', 'AT-PATTERN-1', 'CHANGED-1']);
    expect(await clair('file-rules', 'delete', 'ANYWHERE-1')).toHaveProperty('status', 0);
    const { out } = await clair('scan', archiveOf('moved'), '--format', 'json');
    const { findings } = JSON.parse(out) as { readonly findings: readonly { readonly id: string }[] };
    expect(findings.map(({ id }) => id)).toEqual(['AT-PATTERN-1']);
  });

  it('with a digest that is not a SHA-256 is refused', async () => {
    const { status, err } = await clair('file-rules', 'add', 'BAD-1', '--digest', 'abc', '--severity', 'low');
    expect([status, err]).toEqual([2, expect.stringContaining('abc')]);
  });
});
