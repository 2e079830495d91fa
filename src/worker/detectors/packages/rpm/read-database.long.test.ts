import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bdbDatabase } from './testing/rpm-bdb.ts';
import { type RpmTags, rpmHeader } from './testing/rpm-header.ts';
import { ndbDatabase } from './testing/rpm-ndb.ts';
import { sqliteDatabase } from './testing/rpm-sqlite.ts';
import { type SystemPackage } from '../../../../model/feature.ts';
import type { FileFacts } from '../../detector.ts';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { readRpmDatabase } from './read-database.ts';

/** The name does not matter, because the reader detects the format by the bytes. */
const PATH = 'var/lib/rpm/Packages';

type Write = (headers: readonly Uint8Array[]) => Buffer;

const FORMS: readonly (readonly [string, string, Write])[] = [
  ['BerkeleyDB, little-endian', 'BerkeleyDB', (headers) => bdbDatabase(headers)],
  ['BerkeleyDB, big-endian', 'BerkeleyDB', (headers) => bdbDatabase(headers, { order: 'big' })],
  ['ndb, little-endian', 'ndb', (headers) => ndbDatabase(headers)],
  ['ndb, big-endian', 'ndb', (headers) => ndbDatabase(headers, 'big')],
  ['SQLite', 'SQLite', (headers) => sqliteDatabase(headers)],
];

const A: SystemPackage = {
  type: 'rpm',
  name: 'a',
  version: '1-1',
  arch: 'x86_64',
  source: { name: 'a', version: '1-1' },
};

function read(...headers: readonly Uint8Array[]): FileFacts {
  return readRpmDatabase(PATH, ndbDatabase(headers));
}

function codes({ diagnostics }: FileFacts): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

describe('a package', () => {
  it.each<[string, RpmTags, Partial<SystemPackage>]>([
    ['has version and release', { version: '1.2~rc1', release: '3.el9' }, versioned('1.2~rc1-3.el9')],
    ['has an epoch', { epoch: 2 }, { ...versioned('2:1-1'), source: A.source }],
    ['has no epoch if it is 0', { epoch: 0 }, {}],
    ['may have no architecture', { arch: undefined }, { arch: '' }],
    ['has a source', { sourceRpm: 'b-c-2.0-3.el9.src.rpm' }, { source: { name: 'b-c', version: '2.0-3.el9' } }],
    ['may have a nosrc source', { sourceRpm: 'b-2-3.nosrc.rpm' }, { source: { name: 'b', version: '2-3' } }],
    ['has a vendor', { vendor: 'Example' }, { vendor: 'Example' }],
    ['has no vendor if it is empty', { vendor: '' }, {}],
    ['has a module', { module: 'm:1:2:3' }, { module: 'm:1:2:3' }],
    ['may have an empty module', { module: '' }, { module: '' }],
    ...['', '(none)', 'b.src.rpm', 'b-1.src.rpm', 'b-1-1.rpm', '-1-1.src.rpm', 'b--1.src.rpm'].map(
      (sourceRpm): [string, RpmTags, Partial<SystemPackage>] => {
        const title = `is its own source, without epoch, where that is named ${JSON.stringify(sourceRpm)}`;
        return [title, { sourceRpm, epoch: 3 }, { version: '3:1-1' }];
      },
    ),
  ])('%s', (_, tags, expected) => {
    expect(read(rpmHeader(tags))).toEqual({ packages: [{ ...A, ...expected }], diagnostics: [] });
  });

  it('is not listed for a key', () => {
    const key = rpmHeader({ name: 'gpg-pubkey', version: 'd4082792', release: '5b32db75', arch: undefined });
    expect(read(key, rpmHeader(), key)).toEqual({ packages: [A], diagnostics: [] });
    expect(read(key)).toEqual({ packages: [], diagnostics: [] });
  });

  it.each<[RpmTags, string]>([
    [{ version: '1 0' }, '1 0-1'],
    [{ release: 'a,b' }, '1-a,b'],
    [{ epoch: 0xffff_ffff }, '4294967295:1-1'],
    [{ sourceRpm: 'b-1 0-1.src.rpm' }, '1 0-1'],
  ])('with %j is listed with a diagnostic for its version', (tags, version) => {
    const { packages, diagnostics } = read(rpmHeader(tags));
    expect(packages).toHaveLength(1);
    const where = `${PATH}:1`;
    const told = diagnostics.map((diagnostic) => [
      diagnostic.code,
      diagnostic.where,
      diagnostic.message.includes(`"${version}"`),
    ]);
    expect(told).toContainEqual(['package-version-invalid', where, true]);
  });
});

describe('skips one broken header with a diagnostic', () => {
  it.each<[string, Uint8Array, string]>([
    ['no name', rpmHeader({ name: undefined }), 'entry skipped: the field name is missing or blank'],
    [
      'a colon in the version',
      rpmHeader({ version: '1:1' }),
      'entry skipped: the version or release in "1:1-1" contains a colon',
    ],
    [
      'a colon in the release',
      rpmHeader({ release: '1:1' }),
      'entry skipped: the version or release in "1-1:1" contains a colon',
    ],
    ['no bytes', new Uint8Array(0), 'entry skipped: a header is only 0 bytes long; the minimum is 8 bytes'],
  ])('%s', (_, broken, message) => {
    const diagnostics = [{ code: 'package-entry-unreadable', message, where: `${PATH}:2` }];
    expect(read(rpmHeader(), broken, rpmHeader())).toEqual({ packages: [A, A], diagnostics });
  });

  it('a blob with a wrong checksum', () => {
    const bytes = ndbDatabase([rpmHeader(), rpmHeader()]);
    bytes.writeUInt8(1, bytes.length - 12);
    const facts = readRpmDatabase(PATH, bytes);
    expect(facts.packages).toEqual([A]);
    expect(codes(facts)).toEqual(['package-entry-unreadable']);
  });
});

describe.each(FORMS)('%s', (_, name, write) => {
  it('without packages is read', () => {
    expect(readRpmDatabase(PATH, write([]))).toEqual({ packages: [], diagnostics: [] });
  });

  it('with only broken headers is unreadable', () => {
    const message = `${PATH} is not an rpm database: none of its 2 headers is readable`;
    expect(readRpmDatabase(PATH, write([Buffer.of(1), Buffer.of(2)]))).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: PATH }],
    });
  });

  it('cut short is unreadable', () => {
    const bytes = write([rpmHeader(), rpmHeader()]);
    const facts = readRpmDatabase(PATH, bytes.subarray(0, bytes.length - 1));
    const damage = facts.diagnostics.at(-1);
    expect(damage).toMatchObject({ code: 'package-database-unreadable', where: PATH });
    expect(damage?.message).toContain(`(${name}): `);
  });
});

describe('packages read before the damage', () => {
  it('are listed with the diagnostic', () => {
    const bytes = ndbDatabase([rpmHeader(), rpmHeader()]);
    const message = `${PATH} is only partly readable: 1 package was read (ndb): blob 2 ends at byte`;
    const facts = readRpmDatabase(PATH, bytes.subarray(0, -16));
    expect(facts.packages).toEqual([A]);
    expect(facts.diagnostics).toEqual([
      { code: 'package-database-unreadable', message: expect.stringContaining(message), where: PATH },
    ]);
  });

  it('are omitted when there are none', () => {
    const facts = readRpmDatabase(PATH, ndbDatabase([rpmHeader()]).subarray(0, -16));
    expect(facts).toEqual({
      diagnostics: [
        {
          code: 'package-database-unreadable',
          message: expect.stringContaining(`${PATH} cannot be read (ndb): `),
          where: PATH,
        },
      ],
    });
  });

  it('are at most 20,000', () => {
    const header = rpmHeader();
    const { packages, diagnostics } = readRpmDatabase(PATH, ndbDatabase(Array<Buffer>(20_001).fill(header)));
    expect(packages).toHaveLength(20_000);
    const message = `${PATH} has more than 20000 packages; the rest were not read`;
    expect(diagnostics).toEqual([{ code: 'package-limit-reached', message, where: PATH }]);
  });
});

it.each(['little', 'big'])('names the format of an rpm5 btree, %s-endian', (order) => {
  const bytes = Buffer.alloc(4096);
  if (order === 'little') bytes.writeUInt32LE(0x05_3162, 12);
  else bytes.writeUInt32BE(0x05_3162, 12);
  const what = 'is a BerkeleyDB btree, the format of rpm5, which is not supported, so the packages are unknown';
  expect(readRpmDatabase(PATH, bytes)).toEqual({
    diagnostics: [{ code: 'package-database-unreadable', message: `${PATH} ${what}`, where: PATH }],
  });
});

it.each([
  ['kernel-signed-x86_64-5.15.138.1-2.cm2.src.rpm', { name: 'kernel', version: '5.15.138.1-2.cm2' }],
  ['kernel-mshv-signed-aarch64-6.6.1-1.azl3.src.rpm', { name: 'kernel-mshv', version: '6.6.1-1.azl3' }],
  ['grub2-efi-binary-signed-x86_64-2.06-12.cm2.src.rpm', { name: 'grub2', version: '2.06-12.cm2' }],
  ['signed-x86_64-1-1.src.rpm', { name: 'signed-x86_64', version: '1-1' }],
  ['python-signedjson-1-1.src.rpm', { name: 'python-signedjson', version: '1-1' }],
])('assigns the signed source to packages built by %s', (sourceRpm, source) => {
  const { packages } = readRpmDatabase(PATH, ndbDatabase([rpmHeader({ sourceRpm })]));
  expect(packages?.map((each) => each.source)).toEqual([source]);
});

it('accepts a non-ASCII version, as rpm does', () => {
  const { packages, diagnostics } = readRpmDatabase(PATH, ndbDatabase([rpmHeader({ version: '1é2', release: 'ü1' })]));
  expect(packages).toMatchObject([{ version: '1é2-ü1' }]);
  expect(diagnostics).toEqual([]);
});

describe('a file that is not an rpm database', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'is empty'],
    ['zeros', Buffer.alloc(8192), 'is not in a supported format (SQLite, ndb, BerkeleyDB)'],
    [
      'a page of a web server',
      Buffer.from('<html>Not found</html>'),
      'is not in a supported format (SQLite, ndb, BerkeleyDB)',
    ],
  ])('%s is unreadable', (_, bytes, what) => {
    const message = `${PATH} ${what}, so it is not an rpm database`;
    expect(readRpmDatabase(PATH, bytes)).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: PATH }],
    });
  });
});

describe('properties', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+]{0,12}$/);
  const anyTags: fc.Arbitrary<RpmTags> = fc.record(
    {
      name: fc.stringMatching(/^[a-z0-9][a-z0-9+._-]{0,20}$/),
      epoch: fc.integer({ min: 1, max: 99 }),
      version: word,
      release: word,
      arch: fc.constantFrom('x86_64', 'noarch'),
      sourceRpm: fc.tuple(word, word, word).map((parts) => `${parts.join('-')}.src.rpm`),
      vendor: fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text)),
      module: word,
    },
    { requiredKeys: ['name', 'version', 'release', 'arch', 'sourceRpm'] },
  );
  const written = fc.array(fc.tuple(anyTags, fc.constantFrom(0, 0, 700, 5000)), { maxLength: 6 });

  it.each(FORMS)('reads back packages written in %s', (_, _name, write) => {
    fc.assert(
      fc.property(written, (packages) => {
        const { packages: found, diagnostics } = readRpmDatabase(
          PATH,
          write(packages.map(([of, size]) => rpmHeader(of, size))),
        );
        expect(diagnostics).toEqual([]);
        expect(found).toHaveLength(packages.length);
        expect(found).toEqual(expect.arrayContaining(packages.map(([of]) => packageOf(of))));
      }),
    );
  });

  const samples = FORMS.map(([, , write]) =>
    write([rpmHeader(), rpmHeader({ name: 'b' }, 700), rpmHeader({ name: 'c' })]),
  );
  const sample = fc.constantFrom(...samples);

  it('never loses a package silently when one byte changes', () => {
    const change = fc.tuple(sample, fc.nat({ max: 1_000_000 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(change, ([bytes, at, value]) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(value, at % bytes.length);
        const { packages = [], diagnostics } = readRpmDatabase(PATH, changed);
        expect(packages.length === 3 || diagnostics.length > 0).toBe(true);
      }),
      { numRuns: runCount(4000, 800) },
    );
  });

  it('never crashes or returns a silent empty list after many changes', () => {
    const places = fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.uint8Array({ minLength: 1, maxLength: 8 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(sample, places, (bytes, changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, part] of changes)
          changed.set(part.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        const { packages = [], diagnostics } = readRpmDatabase(PATH, changed);
        expect(packages.length + diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: runCount(3000, 500) },
    );
  });

  it('reports every truncation', () => {
    fc.assert(
      fc.property(sample, fc.nat({ max: 1_000_000 }), (bytes, size) => {
        const facts = readRpmDatabase(PATH, bytes.subarray(0, size % bytes.length));
        expect(codes(facts)).toContain('package-database-unreadable');
      }),
      { numRuns: runCount(3000, 500) },
    );
  });

  function packageOf({
    name = '',
    epoch,
    version,
    release,
    arch = '',
    sourceRpm = '',
    vendor,
    module,
  }: RpmTags): SystemPackage {
    const [source = '', ...rest] = sourceRpm.replace('.src.rpm', '').split('-');
    return {
      type: 'rpm',
      name,
      version: `${epoch === undefined ? '' : `${epoch}:`}${version}-${release}`,
      arch,
      source: { name: source, version: rest.join('-') },
      ...(vendor !== undefined && { vendor }),
      ...(module !== undefined && { module }),
    };
  }
});

function versioned(version: string): Partial<SystemPackage> {
  return { version, source: { name: 'a', version } };
}
