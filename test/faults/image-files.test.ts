import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClairError } from '../../src/errors.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { readLayer } from '../../src/worker/layer/layer-reader.ts';
import { openImage, parseTarget } from '../../src/worker/sources/target.ts';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  hexOf,
  oldestDockerArchive,
} from '../../src/worker/testing/image-builder.ts';
import { tarHeader, tarOf } from '../../src/bytes/testing/tar-builder.ts';

/**
 * A broken or hostile image file, with its error code and message. After each case, the process must read a valid
 * image, and no temporary file may remain.
 */
type Case = {
  readonly name: string;
  readonly put: (path: string) => void;
  /** The scheme of the target; none by default. */
  readonly scheme?: string;
  readonly code: string;
  readonly message: RegExp;
};

const GIB = 1024 ** 3;
const folder = mkdtempSync(join(tmpdir(), 'clair-image-files-'));
const temporary = join(folder, 'temporary');
let targets = 0;

beforeAll(() => {
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => expect(readdirSync(temporary)).toEqual([]));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const STATUS = `Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nArchitecture: amd64\n\n`;
const LAYER = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n', 'var/lib/dpkg/status': STATUS });
const LAYERS = [{ tar: LAYER, createdBy: 'ADD' }];
const ARCHIVE = await buildDockerArchive(LAYERS, 'test:1');
const OLDEST_MEMBERS = oldestDockerArchive(LAYERS, ['1']);
const OLDEST = await buildTar(Object.entries(OLDEST_MEMBERS));
const ID = hexOf(` ${hexOf(LAYER)}`);
const NO_LAYER = await buildTar(Object.entries(OLDEST_MEMBERS).filter(([name]) => !name.endsWith('layer.tar')));
const NO_TAR = await buildTar(Object.entries({ ...OLDEST_MEMBERS, [`${ID}/layer.tar`]: '<html>'.repeat(200) }));

const CASES: readonly Case[] = [
  {
    name: 'an archive that is truncated in its last body',
    put: file(tarOf({ name: 'layer.tar', content: Buffer.alloc(GIB / 1024) }).subarray(0, -1024 - 512)),
    code: 'bytes/truncated',
    message: /the archive ends inside member "layer\.tar"/,
  },
  {
    name: 'an archive whose layer declares 1 TiB and is empty',
    put: file(tarHeader({ name: 'layer.tar', size: 1024 * GIB })),
    code: 'bytes/truncated',
    message: /the archive ends inside member "layer\.tar"/,
  },
  {
    name: 'an archive with junk after a layer of 4 GiB',
    put: (path) => {
      writeFileSync(path, tarHeader({ name: 'layer.tar', size: 4 * GIB }));
      truncateSync(path, 4 * GIB + 512);
      writeFileSync(path, 'junk'.repeat(256), { flag: 'a' });
    },
    code: 'bytes/corrupt',
    message: /the header at byte 4294967808 is damaged/,
  },
  {
    name: 'an archive with a size out of range',
    put: file(tarOf({ name: 'layer.tar', patch: { at: 124, bytes: Buffer.alloc(12, 0xbf) } })),
    code: 'bytes/limit-exceeded',
    message: /the size exceeds 2\^53 - 1 bytes/,
  },
  {
    name: 'a truncated compressed archive',
    put: file(gzipSync(ARCHIVE).subarray(0, 300)),
    code: 'bytes/truncated',
    message: /the gzip stream ends too early/,
  },
  {
    name: 'an archive that was truncated and then compressed',
    put: file(gzipSync(tarOf({ name: 'layer.tar', content: Buffer.alloc(GIB / 1024) }).subarray(0, 5000))),
    code: 'bytes/truncated',
    message: /the archive ends inside member "layer\.tar"/,
  },
  {
    name: 'an archive in the oldest format without its layer',
    put: file(NO_LAYER),
    code: 'image/unreadable',
    message: /has no [0-9a-f]{64}\/layer\.tar/,
  },
  {
    name: 'an archive in the oldest format whose layer is not a tar',
    put: file(NO_TAR),
    code: 'bytes/corrupt',
    message: /layer 0 .*: not a tar archive/,
  },
  {
    name: 'a page of HTML',
    put: file(Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'.repeat(40))),
    scheme: 'oci-archive:',
    code: 'bytes/corrupt',
    message: /not a tar archive/,
  },
  {
    name: 'a docker-archive with the scheme oci-archive',
    put: file(ARCHIVE),
    scheme: 'oci-archive:',
    code: 'image/unreadable',
    message: /has no index\.json/,
  },
  {
    name: 'a directory with the scheme oci-archive',
    put: directory({}),
    scheme: 'oci-archive:',
    code: 'image/target-invalid',
    message: /is a directory, not an archive/,
  },
  {
    name: 'a root file system with a package database of 1 TiB',
    put: (path) => {
      directory({ 'var/lib/dpkg/status': STATUS })(path);
      truncateSync(join(path, 'var/lib/dpkg/status'), 1024 * GIB);
    },
    scheme: 'rootfs:',
    code: 'bytes/limit-exceeded',
    message: /var\/lib\/dpkg\/status is larger than \d+ bytes/,
  },
  {
    name: 'an archive with the scheme of a root file system',
    put: file(ARCHIVE),
    scheme: 'rootfs:',
    code: 'image/target-invalid',
    message: /is not a directory/,
  },
];

describe('an unreadable image causes an error with the problem and the place', () => {
  it.each(CASES)('$name: $code', async ({ put, scheme, code, message }) => {
    const path = join(folder, `${(targets += 1)}`);
    put(path);
    const error: unknown = await packagesOf(`${scheme ?? ''}${path}`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClairError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining(path) });
    expect(await packagesOf(goodImage())).toEqual(['bash']);
    rmSync(path, { recursive: true });
  });
});

describe('an unusual image is read', () => {
  it('in the oldest format, compressed', async () => {
    const path = join(folder, 'oldest.tar.gz');
    writeFileSync(path, gzipSync(OLDEST));
    expect(await packagesOf(path)).toEqual(['bash']);
  });

  it('a root file system with dangling links', async () => {
    const path = join(folder, 'linked');
    directory({ 'var/lib/dpkg/status': STATUS })(path);
    symlinkSync('rpm', join(path, 'var/lib/rpm'));
    symlinkSync('/proc/self/root', join(path, 'lib'));
    expect(await packagesOf(`rootfs:${path}`)).toEqual(['bash']);
  });
});

describe('an image damaged at any byte', () => {
  const mutations = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });

  it.each([
    ['of the oldest format', OLDEST],
    ['of the oldest format, compressed', gzipSync(OLDEST)],
    ['of a later format', ARCHIVE],
  ])('returns packages or a ClairError: %s', async (_, bytes) => {
    const path = join(folder, 'damaged.tar');
    await fc.assert(
      fc.asyncProperty(mutations, fc.option(fc.nat(bytes.length)), async (changes, end) => {
        const damaged = Buffer.from(bytes.subarray(0, end ?? bytes.length));
        for (const [place, byte] of changes) damaged[Math.floor(place * damaged.length)] = byte;
        writeFileSync(path, damaged);
        const outcome: unknown = await packagesOf(path).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || outcome instanceof ClairError).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(await packagesOf(goodImage())).toEqual(['bash']);
  });
});

async function packagesOf(target: string): Promise<readonly string[]> {
  const image = await openImage(parseTarget(target), { detectors: DETECTORS });
  try {
    const names: string[] = [];
    for (const { source } of image.layers) {
      const { contents } = await readLayer(source, DETECTORS);
      const packages = contents.entries.flatMap((entry) =>
        entry.kind === 'file' ? (entry.facts?.packages ?? []) : [],
      );
      names.push(...packages.map(({ name }) => name));
    }
    return names;
  } finally {
    await image.close();
  }
}

function goodImage(): string {
  const path = join(folder, 'good.tar');
  writeFileSync(path, ARCHIVE);
  return path;
}

function file(bytes: Uint8Array): (path: string) => void {
  return (path) => writeFileSync(path, bytes);
}

function directory(files: Readonly<Record<string, string>>): (path: string) => void {
  return (path) => {
    mkdirSync(path);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(path, name, '..'), { recursive: true });
      writeFileSync(join(path, name), content);
    }
  };
}
