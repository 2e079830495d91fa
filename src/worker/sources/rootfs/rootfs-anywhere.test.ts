import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Detector } from '../../detectors/detector.ts';
import { childrenEndingIn, childrenOf, exactPaths, type PathPattern } from '../../detectors/path-pattern.ts';
import { readLayer } from '../../layer/layer-reader.ts';
import { initialState, nextState } from '../../layer/layer-state.ts';
import { openRootfs } from './rootfs.ts';
import { rootfsMembers } from './rootfs-members.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-rootfs-anywhere-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MAGIC = '\u007fELF';
const ANYWHERE: readonly PathPattern[] = [
  { kind: 'basename', name: 'made.json' },
  { kind: 'suffix', suffix: '.made' },
  { kind: 'executable' },
];
const FIXED = [...exactPaths('etc/release', 'opt/link'), ...childrenOf('var/d')];

let root: string;
let roots = 0;
beforeEach(() => {
  root = join(folder, `${(roots += 1)}`);
  mkdirSync(root);
});

function put(path: string, content: string | { readonly link: string } | null): void {
  const place = join(root, path);
  mkdirSync(content === null ? place : dirname(place), { recursive: true });
  if (typeof content === 'string') writeFileSync(place, content);
  else if (content !== null) symlinkSync(content.link, place);
}

async function membersOf(
  wants: readonly PathPattern[],
  directory = root,
  maxMembers = 100,
): Promise<readonly string[]> {
  const members: string[] = [];
  for await (const { kind, path } of rootfsMembers(directory, wants, { maxMembers })) members.push(`${kind} ${path}`);
  return members;
}

describe('the members of a root file system', () => {
  beforeEach(() => {
    put('a/b/made.json', 'x');
    put('a/b/other.json', 'x');
    put('a/b/x.made', 'x');
    put('a/b/made.json.d/made.json', 'x');
    put('a/linked.made', { link: 'b/x.made' });
    put('a/folder', { link: 'b' });
    put('a/folder.made', null);
    put('bin/program', `${MAGIC} and more`);
    put('bin/script', '#!/bin/sh -e');
    put('bin/short', MAGIC);
    put('etc/release', 'x');
    put('var/d/x.made', 'x');
    put('var/d/y', 'x');
  });

  it('are the files wanted in any directory, without links and directories', async () => {
    expect(await membersOf(ANYWHERE)).toEqual([
      'file a/b/made.json',
      'file a/b/made.json.d/made.json',
      'file a/b/x.made',
      'file bin/program',
      'file var/d/x.made',
    ]);
  });

  it('include the files at fixed paths, without duplicates', async () => {
    expect(await membersOf([...ANYWHERE, ...FIXED])).toEqual([
      'file a/b/made.json',
      'file a/b/made.json.d/made.json',
      'file a/b/x.made',
      'file bin/program',
      'directory etc',
      'file etc/release',
      'directory var',
      'directory var/d',
      'file var/d/x.made',
      'file var/d/y',
    ]);
  });

  it('include the files with a suffix in a directory, and links of few segments', async () => {
    put('top', { link: 'a' });
    put('bin/deep/linked', { link: '../program' });
    const wants: readonly PathPattern[] = [childrenEndingIn('.made', 'a/b'), { kind: 'link', depth: 2 }];
    const members = ['directory a', 'directory a/b', 'file a/b/x.made', 'symlink a/folder', 'symlink a/linked.made'];
    expect(await membersOf(wants)).toEqual([...members, 'symlink top']);
    expect(await membersOf(wants, root, 3)).toHaveLength(6);
  });

  it('are limited at fixed paths only', async () => {
    expect(await membersOf(ANYWHERE, root, 0)).toHaveLength(5);
    await expect(membersOf(FIXED, root, 4)).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
    expect(await membersOf([...ANYWHERE, ...FIXED], root, 6)).toHaveLength(10);
  });

  it('end with the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const members = rootfsMembers(root, ANYWHERE, { maxMembers: 100, signal });
    await expect(members.next()).rejects.toThrow('enough');
  });
});

/** A file of the control group file system, version 2 or 1; undefined on machines without this file system. */
const GROUPS = ['/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory/cgroup.procs'].find((path) => existsSync(path));

it.runIf(GROUPS !== undefined)('reads kernel file systems at fixed paths only', async () => {
  const wants: readonly PathPattern[] = [{ kind: 'basename', name: 'cgroup.procs' }];
  expect(await membersOf(wants, '/sys/fs')).toEqual([]);
  const path = String(GROUPS).slice('/sys/fs/'.length);
  expect((await membersOf([...wants, ...exactPaths(path)], '/sys/fs')).at(-1)).toBe(`file ${path}`);
});

describe('a root file system as an image', () => {
  function detector(...wants: readonly PathPattern[]): Detector {
    return {
      id: 'made',
      kind: 'features',
      version: 1,
      wants,
      read: (path, bytes) => ({
        features: [{ feature: { type: 'made', name: Buffer.from(bytes).toString().slice(0, 20), version: '1' }, path }],
        diagnostics: [],
      }),
    };
  }

  it('includes the files wanted in any directory, with a diagnostic for a file that is too big', async () => {
    put('a/made.json', 'one');
    put('bin/program', `${MAGIC} and more`);
    put('big.made', 'x'.repeat(101));
    const detectors = [detector(...ANYWHERE)];
    const { layers } = await openRootfs(root, { wants: ANYWHERE, detectors });
    const [layer] = layers;
    if (layer === undefined) throw new Error('there is no layer');
    const { contents } = await readLayer(layer.source, detectors, { limits: { maxFileBytes: 100 } });
    const { conclusion } = nextState(initialState(), contents, detectors);
    expect([...conclusion.features.values()].map(({ feature, path }) => `${path}: ${feature.name}`)).toEqual([
      'a/made.json: one',
      `bin/program: ${MAGIC} and more`,
    ]);
    expect(conclusion.diagnostics).toContainEqual({
      code: 'package-limit-reached',
      message: '"big.made" was not searched for packages: it exceeds the limit of 100 bytes per file',
      where: 'big.made',
    });
  });
});
