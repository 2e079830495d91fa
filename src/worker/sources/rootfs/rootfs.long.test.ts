import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allOf } from '../../../bytes/testing/tar-builder.ts';
import { walkTar } from '../../../bytes/tar/walk.ts';
import { ClairError } from '../../../errors.ts';
import { type Feature } from '../../../model/feature.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { childrenOf, exactPaths } from '../../detectors/path-pattern.ts';
import { readLayer } from '../../layer/layer-reader.ts';
import { initialState, type LayerConclusion, nextState } from '../../layer/layer-state.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import type { RootfsTarOptions } from './rootfs-tar.ts';
import { createLocalWorker } from '../../testing/local-worker.ts';
import { openRootfs } from './rootfs.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-rootfs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WANTS = DETECTORS.flatMap(({ wants }) => wants);
const OS_RELEASE = 'ID=debian\nVERSION_ID="12"\n';
const STATUS = 'Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nArchitecture: amd64\n\n';

let root: string;
let roots = 0;
beforeEach(() => {
  root = join(folder, `${(roots += 1)}`);
  mkdirSync(root);
});

/** Writes files at these paths; null is a directory. */
function put(files: Readonly<Record<string, string | { readonly link: string } | null>>): void {
  for (const [path, content] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(content === null ? place : dirname(place), { recursive: true });
    if (typeof content === 'string') writeFileSync(place, content);
    else if (content !== null) symlinkSync(content.link, place);
  }
}

async function membersOf(options: Partial<RootfsTarOptions> = {}): Promise<readonly (readonly [string, string])[]> {
  const { layers } = await openRootfs(root, { wants: WANTS, ...options });
  const members: [string, string][] = [];
  await walkTar(
    await layers[0]!.source.open(),
    {
      entry(entry) {
        const isLink = entry.kind === 'symlink' || entry.kind === 'hardlink';
        members.push([entry.path, isLink ? `-> ${entry.target}` : entry.kind]);
        return true;
      },
      content({ path }, bytes) {
        members.splice(-1, 1, [path, Buffer.from(bytes).toString()]);
      },
    },
    { where: root },
  );
  return members;
}

async function conclusionOf(): Promise<LayerConclusion & { readonly packages: readonly Feature[] }> {
  const { layers } = await openRootfs(root, { wants: WANTS });
  const { contents } = await readLayer(layers[0]!.source, DETECTORS);
  const { conclusion } = nextState(initialState(), contents, DETECTORS);
  return { ...conclusion, packages: [...conclusion.features.values()].map(({ feature }) => feature) };
}

async function failureOf(options: Partial<RootfsTarOptions> = {}): Promise<unknown> {
  return await openRootfs(root, { wants: WANTS, ...options }).catch((error: unknown) => error);
}

describe('an image of a root file system', () => {
  it('has one layer with its own digest, and no platform', async () => {
    put({ 'etc/os-release': OS_RELEASE });
    const image = await openRootfs(root, { wants: WANTS });
    const { digest } = image;
    expect(image).toMatchObject({ kind: 'rootfs', reference: root, platform: 'linux/unknown' });
    expect(image.layers).toMatchObject([{ digest, diffId: digest, createdBy: '', source: { digest, diffId: digest } }]);
    await expect(readLayer(image.layers[0]!.source, DETECTORS)).resolves.toMatchObject({ diffId: digest });
  });

  it('has its operating system and packages', async () => {
    put({ 'etc/os-release': OS_RELEASE, 'var/lib/dpkg/status': STATUS, 'usr/bin/bash': 'ELF' });
    expect(await conclusionOf()).toMatchObject({
      distribution: { namespace: 'debian:12' },
      packages: [{ name: 'bash', version: '5.2.15-2' }],
      diagnostics: [],
    });
  });

  it('does not depend on times, modes and order of creation', async () => {
    const first = { 'etc/os-release': OS_RELEASE, 'var/lib/dpkg/status.d/a': 'a', 'var/lib/dpkg/status.d/b': 'b' };
    put(first);
    const { digest } = await openRootfs(root, { wants: WANTS });
    root = join(folder, 'again');
    put(Object.fromEntries(Object.entries(first).toReversed()));
    utimesSync(join(root, 'etc/os-release'), 1, 1);
    chmodSync(join(root, 'etc/os-release'), 0o600);
    expect(await openRootfs(root, { wants: WANTS })).toMatchObject({ digest });
  });

  it('without wanted files is an empty layer with diagnostics', async () => {
    put({ 'usr/bin/bash': 'ELF' });
    expect(await conclusionOf()).toMatchObject({
      packages: [],
      diagnostics: [{}, { code: 'package-database-missing' }],
    });
  });

  it('may be named through a link, and with a trailing slash', async () => {
    put({ 'etc/os-release': OS_RELEASE });
    const { digest } = await openRootfs(root, { wants: WANTS });
    symlinkSync(root, `${root}-link`);
    root = `${root}-link/`;
    expect(await openRootfs(root, { wants: WANTS })).toMatchObject({ digest, reference: root });
  });
});

describe('the members', () => {
  it('are the wanted files and their directories, ordered by name', async () => {
    put({
      'var/lib/dpkg/status': STATUS,
      'var/lib/dpkg/status.d/b': 'B',
      'var/lib/dpkg/status.d/a': 'A',
      'var/lib/dpkg/status.d/folder/c': 'C',
      'var/lib/dpkg/available': 'x',
      'usr/bin/bash': 'x',
      'home/user': 'x',
    });
    expect(await membersOf()).toEqual([
      ['usr', 'directory'],
      ['var', 'directory'],
      ['var/lib', 'directory'],
      ['var/lib/dpkg', 'directory'],
      ['var/lib/dpkg/status', STATUS],
      ['var/lib/dpkg/status.d', 'directory'],
      ['var/lib/dpkg/status.d/a', 'A'],
      ['var/lib/dpkg/status.d/b', 'B'],
      ['var/lib/dpkg/status.d/folder', 'directory'],
    ]);
  });

  it('have names and targets of any length', async () => {
    const name = `usr/${'n'.repeat(200)}/é`;
    const target = `${'t'.repeat(200)}/ü`;
    put({ [name]: 'content', 'etc/link': { link: target } });
    expect(await membersOf({ wants: exactPaths(name, 'etc/link') })).toEqual([
      ['etc', 'directory'],
      ['etc/link', `-> ${target}`],
      ['usr', 'directory'],
      [dirname(name), 'directory'],
      [name, 'content'],
    ]);
  });

  it('are streamed, regardless of the size of a file', async () => {
    put({ 'var/lib/dpkg/status': STATUS.repeat(50_000) });
    const members = await membersOf();
    expect(members.at(-1)).toEqual(['var/lib/dpkg/status', STATUS.repeat(50_000)]);
  });

  it('exclude pipes, sockets, and files above wanted files', async () => {
    put({ 'var/lib/dpkg': null, 'lib/apk/db': 'a file', 'etc/os-release': null });
    execFileSync('/usr/bin/mkfifo', [join(root, 'var/lib/dpkg/status')]);
    const server = createServer().listen(join(root, 'var/lib/rpm'));
    try {
      expect((await membersOf()).filter(([, what]) => what !== 'directory')).toEqual([
        ['lib/apk/db', 'other'],
        ['var/lib/dpkg/status', 'other'],
        ['var/lib/rpm', 'other'],
      ]);
      const { diagnostics } = await conclusionOf();
      expect(diagnostics.map(({ where }) => where)).toContain('var/lib/dpkg/status');
    } finally {
      server.close();
    }
  });
});

describe('a link', () => {
  it.each([
    ['relative', '../usr/lib/os-release'],
    ['absolute', '/usr/lib/os-release'],
    ['that would leave the root', '../../../../usr/lib/os-release'],
  ])('%s is followed inside the root', async (_, link) => {
    put({ 'etc/os-release': { link }, 'usr/lib/os-release': OS_RELEASE, 'var/lib/dpkg/status': STATUS });
    expect(await conclusionOf()).toMatchObject({ distribution: { namespace: 'debian:12' }, diagnostics: [] });
  });

  it('above a package database is followed inside the root', async () => {
    put({ lib: { link: 'usr/lib' }, 'usr/lib/apk/db/installed': 'P:musl\nV:1.2.3-r0\nA:x86_64\n\n' });
    expect(await membersOf()).toContainEqual(['lib', '-> usr/lib']);
    expect((await conclusionOf()).packages).toMatchObject([{ name: 'musl' }]);
  });

  it('is never followed on this machine', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(join(outside, 'dpkg'), { recursive: true });
    writeFileSync(join(outside, 'dpkg/status'), STATUS);
    writeFileSync(join(outside, 'os-release'), OS_RELEASE);
    put({ 'etc/os-release': { link: join(outside, 'os-release') }, 'var/lib': { link: outside } });
    expect(await membersOf()).toEqual([
      ['etc', 'directory'],
      ['etc/os-release', `-> ${join(outside, 'os-release')}`],
      ['var', 'directory'],
      ['var/lib', `-> ${outside}`],
    ]);
    const { distribution, packages, diagnostics } = await conclusionOf();
    expect({ distribution, packages }).toEqual({ distribution: null, packages: [] });
    expect(diagnostics.map(({ code }) => code)).toContain('package-database-unreadable');
  });
});

describe('rejects', () => {
  it('a file', async () => {
    put({ file: '' });
    root = join(root, 'file');
    expect(await failureOf()).toMatchObject({ code: 'image/target-invalid' });
  });

  it.skipIf(process.getuid?.() === 0)('an unreadable wanted file', async () => {
    put({ 'var/lib/dpkg/status': STATUS });
    chmodSync(join(root, 'var/lib/dpkg/status'), 0);
    expect(await failureOf()).toMatchObject({ code: 'bytes/unreachable' });
  });

  it.skipIf(process.getuid?.() === 0)('an inaccessible directory above wanted files', async () => {
    put({ 'var/lib/dpkg/status': STATUS });
    chmodSync(join(root, 'var/lib'), 0);
    expect(await failureOf()).toMatchObject({ code: 'bytes/unreachable' });
    chmodSync(join(root, 'var/lib'), 0o755);
  });

  it('a path that cannot be examined', async () => {
    const path = 'x'.repeat(300);
    const message = expect.stringContaining(`cannot read ${root}/${path}: ENAMETOOLONG`);
    expect(await failureOf({ wants: exactPaths(path) })).toMatchObject({ code: 'bytes/unreachable', message });
  });

  it.each<[string, Partial<RootfsTarOptions>, RegExp]>([
    ['a file that is too large', { limits: { maxFileBytes: 9 } }, /\/b is larger than 9 bytes/],
    ['files that are too large together', { limits: { maxWantedBytes: 19 } }, /the files to read exceed 19/],
    ['a directory with too many files', { limits: { maxWantedFiles: 1 } }, /more than 1 members have paths that detec/],
    ['too many members', { limits: { maxWantedFiles: 5 } }, /more than 5 members have paths that detec/],
  ])('%s', async (_, options, message) => {
    put({ 'var/lib/dpkg/status.d/a': '123456789', 'var/lib/dpkg/status.d/b': '1234567890x' });
    const wants = childrenOf('var/lib/dpkg/status.d');
    const error = { code: 'bytes/limit-exceeded', message: expect.stringMatching(message) };
    expect(await failureOf({ wants, ...options })).toMatchObject(error);
  });

  it('nothing exactly at a limit', async () => {
    put({ 'var/lib/dpkg/status.d/a': '123456789', 'var/lib/dpkg/status.d/b': '1234567890x' });
    const limits = { maxFileBytes: 11, maxWantedBytes: 20, maxWantedFiles: 6 };
    expect(await membersOf({ wants: childrenOf('var/lib/dpkg/status.d'), limits })).toHaveLength(6);
  });

  it('a sparse file of 1 TiB, immediately', async () => {
    put({ 'var/lib/dpkg/status': '' });
    truncateSync(join(root, 'var/lib/dpkg/status'), 1024 ** 4);
    expect(await failureOf()).toMatchObject({ code: 'bytes/limit-exceeded' });
  });

  it.runIf(process.platform === 'linux')('a file longer than stated', async () => {
    root = '/proc/self';
    const message = '/proc/self/status is larger than its stated size of 0 bytes';
    expect(await failureOf({ wants: exactPaths('status') })).toMatchObject({ code: 'bytes/corrupt', message });
  });

  it('further reading after an abort', async () => {
    put({ 'etc/os-release': OS_RELEASE });
    expect(await failureOf({ signal: AbortSignal.abort(new Error('enough')) })).toMatchObject({ message: 'enough' });
  });
});

describe('a root file system that changes after it was opened', () => {
  it.each<[string, () => void, string]>([
    ['other content', () => put({ 'var/lib/dpkg/status': STATUS.replace('5', '6') }), 'bytes/digest-mismatch'],
    ['more content', () => put({ 'var/lib/dpkg/status': STATUS.repeat(2) }), 'bytes/digest-mismatch'],
    ['a file less', () => rmSync(join(root, 'var/lib/dpkg/status')), 'bytes/digest-mismatch'],
    ['a file more', () => put({ 'var/lib/dpkg/status.d/a': 'a' }), 'bytes/digest-mismatch'],
    [
      'a file that is too large',
      () => truncateSync(join(root, 'var/lib/dpkg/status'), 1024 ** 4),
      'bytes/limit-exceeded',
    ],
  ])('by %s is rejected', async (_, change, code) => {
    put({ 'var/lib/dpkg/status': STATUS });
    const { layers } = await openRootfs(root, { wants: WANTS });
    change();
    const error: unknown = await readLayer(layers[0]!.source, DETECTORS).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClairError);
    expect(error).toMatchObject({ code });
  });

  it('during the reading, by a shrinking file, is an error', async () => {
    const large = STATUS.repeat(50_000);
    put({ 'etc/os-release': OS_RELEASE, 'var/lib/dpkg/status': large });
    const { layers } = await openRootfs(root, { wants: WANTS });
    const reading = (async () => {
      for await (const chunk of await layers[0]!.source.open()) {
        if (chunk.length > 512) truncateSync(join(root, 'var/lib/dpkg/status'), 1000);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'bytes/truncated' });
  });

  it('may be closed in the middle of a file', async () => {
    put({ 'var/lib/dpkg/status': STATUS.repeat(50_000) });
    const { layers } = await openRootfs(root, { wants: WANTS });
    for await (const chunk of await layers[0]!.source.open()) if (chunk.length > 512) break;
    const all = await allOf(await layers[0]!.source.open());
    expect(all.length).toBeGreaterThan(50_000 * STATUS.length);
  });
});

describe('links to unwanted paths', () => {
  it('are resolved below the root, link by link', async () => {
    const status = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n';
    put({
      'var/lib/dpkg/status': { link: '/data/link' },
      'data/link': { link: '../../mnt/status' },
      'mnt/status': status,
    });
    const store = await memoryStore();
    try {
      const image = await openRootfs(root, { wants: WANTS, detectors: DETECTORS });
      const [layer] = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(image);
      expect((await store.layers.features(layer!.id)).map((each) => each.feature.name)).toEqual(['a']);
    } finally {
      await store.close();
    }
  });
});
