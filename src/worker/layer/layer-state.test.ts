import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import { type Feature } from '../../model/feature.ts';
import type { DiagnosticCode } from '../../model/report/diagnostic.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { LayerEntry, LayerContents } from './layer-contents.ts';
import { initialState, type LayerConclusion, nextState } from './layer-state.ts';
import { fixedRole, indexPatterns } from './patterns/pattern-index.ts';

const STATUS = 'var/lib/dpkg/status';
const STATUS_D = 'var/lib/dpkg/status.d';
const WANTED = indexPatterns(DETECTORS);

/** A file as its detector reads it. */
function file(path: string, text: string): LayerEntry {
  const [detector] = fixedRole(path, WANTED)?.detectors ?? [];
  if (detector === undefined) throw new Error(`no detector wants ${path}`);
  return { kind: 'file', path, facts: detector.read(path, Buffer.from(text)) };
}

function status(...names: readonly string[]): LayerEntry {
  return file(STATUS, names.map(stanza).join('\n'));
}

function stanza(name: string): string {
  return `Package: ${name}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n`;
}

const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });
const DEBIAN = file('etc/os-release', 'ID=debian\nVERSION_ID=12\n');

type ListedConclusion = Omit<LayerConclusion, 'features'> & { readonly packages: readonly Feature[] };

/** What an image is at each of its layers. */
function conclusions(...layers: readonly Partial<LayerContents>[]): readonly ListedConclusion[] {
  let state = initialState();
  return layers.map((parts) => {
    const contents = { whiteouts: [], opaque: [], entries: [], outside: 0, ...parts };
    const next = nextState(state, contents, DETECTORS);
    state = next.state;
    const { features, ...conclusion } = next.conclusion;
    return { ...conclusion, packages: [...features.values()].map(({ feature }) => feature) };
  });
}

function diagnosticsOf(...layers: readonly Partial<LayerContents>[]): readonly (readonly DiagnosticCode[])[] {
  return conclusions({ entries: [DEBIAN] }, ...layers)
    .slice(1)
    .map(({ diagnostics }) => diagnostics.map(({ code }) => code));
}

it('links that a layer left out may cost owners, which is said of that layer and of those above', () => {
  const of = (...layers: readonly Partial<LayerContents>[]): readonly boolean[] =>
    diagnosticsOf(...layers).map((codes) => codes.includes('file-list-limit-reached'));
  expect(of({}, { areLinksCut: true }, {}, { areLinksCut: true })).toEqual([false, true, true, true]);
});

describe('packages of third parties', () => {
  const foreign = (count: number): LayerEntry =>
    file(STATUS, [...Array(count).keys()].map((at) => `${stanza(`n${at}`)}Maintainer: X <x@nginx.com>\n`).join('\n'));
  const diagnostics = (...entries: readonly LayerEntry[]): unknown =>
    conclusions({ entries })[0]?.diagnostics.filter(({ code }) => code === 'package-third-party');

  it('are listed, and named in one diagnostic', () => {
    const message = 'not checked: n0 1 (nginx.org)';
    expect(diagnostics(DEBIAN, foreign(1))).toEqual([
      {
        code: 'package-third-party',
        message: `1 package was not built by debian: no feed covers it, so it was ${message}`,
        where: 'debian:12',
      },
    ]);
    expect(conclusions({ entries: [DEBIAN, foreign(2)] })[0]?.packages).toHaveLength(2);
  });

  it('are named up to a bound', () => {
    const names = [0, 1, 10, 11, 2, 3, 4, 5, 6, 7].map((at) => `n${at} 1 (nginx.org)`).join(', ');
    const message = `12 packages were not built by debian: no feed covers them, so they were not checked: ${names} and 2 more`;
    expect(diagnostics(DEBIAN, foreign(12))).toMatchObject([{ message }]);
  });

  it('need no diagnostic of their own where nothing is judged, or where there are none', () => {
    expect(diagnostics(foreign(1))).toEqual([]);
    expect(diagnostics(DEBIAN, status('a'))).toEqual([]);
  });
});

describe('what an image is at a layer', () => {
  it('is what the layers up to it show together', () => {
    const [base, middle, top] = conclusions(
      { entries: [DEBIAN, status('a')] },
      {},
      { entries: [file('etc/os-release', 'ID=debian\nVERSION_ID=13'), status('a', 'b')] },
    );
    expect(base?.distribution?.namespace).toBe('debian:12');
    expect(base?.packages).toEqual([deb('a', '1')]);
    expect(middle).toEqual(base);
    expect(top?.distribution?.namespace).toBe('debian:13');
    expect(top?.packages).toEqual([deb('a', '1'), deb('b', '1')]);
  });

  it('is nothing where no layer shows anything, and that is said', () => {
    expect(conclusions({})).toEqual([
      {
        distribution: null,
        packages: [],
        contentSets: [],
        owners: new Map(),
        diagnostics: [
          expect.objectContaining({ code: 'distribution-unknown', where: 'etc/os-release' }),
          expect.objectContaining({ code: 'package-database-missing' }),
        ],
      },
    ]);
  });

  it('has the packages of an image whose operating system is unknown', () => {
    const [base] = conclusions({ entries: [status('a')] });
    expect(base).toMatchObject({ distribution: null, packages: [deb('a', '1')] });
  });

  it('leaves the state below as it was', () => {
    const none = { whiteouts: [], opaque: [], entries: [], outside: 0 };
    const { state } = nextState(initialState(), { ...none, entries: [DEBIAN, status('a')] }, DETECTORS);
    nextState(state, { ...none, opaque: [''] }, DETECTORS);
    const { features } = nextState(state, none, DETECTORS).conclusion;
    expect([...features.values()]).toEqual([{ feature: deb('a', '1'), path: '' }]);
  });

  it('carries what is wrong with a file to the layers above, until it is replaced', () => {
    const broken = file(STATUS, `${stanza('a')}\nrubbish\n`);
    expect(diagnosticsOf({ entries: [broken] }, {}, { entries: [status('a')] })).toEqual([
      ['package-entry-unreadable'],
      ['package-entry-unreadable'],
      [],
    ]);
  });
});

describe('a package database that is gone or empty', () => {
  const REMOVED = ['package-database-removed'];

  it.each<[string, Partial<LayerContents>]>([
    ['removed by a whiteout', { whiteouts: [STATUS] }],
    ['removed far above', { whiteouts: ['var'] }],
    ['hidden by an opaque directory', { opaque: ['var/lib'] }],
    ['emptied', { entries: [file(STATUS, '')] }],
    [
      'left with packages that are not installed',
      { entries: [file(STATUS, stanza('a').replace('ok installed', 'ok config-files'))] },
    ],
    ['replaced by a directory', { entries: [{ kind: 'directory', path: STATUS }] }],
  ])('%s: it is said here and above, until packages come back', (_, removal) => {
    const layers = [{ entries: [status('a')] }, removal, {}, { entries: [status('b')] }, {}];
    expect(diagnosticsOf(...layers)).toEqual([[], REMOVED, REMOVED, [], []]);
  });

  it('is said again when it happens again', () => {
    const [full, gone] = [{ entries: [status('a')] }, { whiteouts: [STATUS] }];
    expect(diagnosticsOf(full, gone, full, gone)).toEqual([[], REMOVED, [], REMOVED]);
  });

  it('is missing where no layer ever had packages', () => {
    const missing = ['package-database-missing'];
    expect(diagnosticsOf({}, { entries: [file(STATUS, '')] }, { whiteouts: [STATUS] })).toEqual([
      missing,
      missing,
      missing,
    ]);
  });

  it('is not called missing when it is there and cannot be read', () => {
    expect(diagnosticsOf({ entries: [file(STATUS, '<html>')] })).toEqual([['package-database-unreadable']]);
  });

  it('is told beside what is wrong with the database', () => {
    expect(diagnosticsOf({ entries: [status('a')] }, { entries: [file(STATUS, '<html>')] })).toEqual([
      [],
      ['package-database-unreadable', ...REMOVED],
    ]);
  });
});

describe('a package that is found in two places', () => {
  it('is one', () => {
    const [base] = conclusions({ entries: [DEBIAN, status('a', 'b'), file(`${STATUS_D}/a`, stanza('a'))] });
    expect(base?.packages).toEqual([deb('a', '1'), deb('b', '1')]);
  });

  it('is two when the versions differ', () => {
    const other = stanza('a').replace('Version: 1', 'Version: 2');
    const [base] = conclusions({ entries: [DEBIAN, status('a'), file(`${STATUS_D}/a`, other)] });
    expect(base?.packages).toEqual([deb('a', '1'), deb('a', '2')]);
  });

  it('is read once where one place is a link to the other, diagnostics too', () => {
    const half = file(STATUS, stanza('a').replace('ok installed', 'ok unpacked'));
    const [base] = conclusions({ entries: [DEBIAN, half, link(`${STATUS_D}/a`, '../status')] });
    expect(base?.packages).toEqual([deb('a', '1')]);
    expect(base?.diagnostics.map(({ code }) => code)).toEqual(['package-half-configured']);
  });
});

describe('a link to a package database', () => {
  it.each<[string, readonly LayerEntry[]]>([
    ['of the file', [link(STATUS, 'status.d/a'), file(`${STATUS_D}/a`, stanza('a'))]],
    ['of a file in the directory', [status('a'), link(`${STATUS_D}/a`, '/var/lib/dpkg/status')]],
  ])('%s is followed', (_, entries) => {
    const [base] = conclusions({ entries: [DEBIAN, ...entries] });
    expect(base).toMatchObject({ packages: [deb('a', '1')], diagnostics: [] });
  });

  it.each<[string, string, string]>([
    ['the file', STATUS, '/usr/lib/dpkg/status'],
    ['the directory status.d', STATUS_D, '/usr/lib/dpkg/status.d'],
    ['a file of status.d', `${STATUS_D}/a`, '/usr/lib/a'],
  ])('that the layers do not show is told: %s', (_, path, target) => {
    const [base] = conclusions({ entries: [DEBIAN, link(path, target)] });
    const message = `${path} is a link to ${target}, which the layers do not show: the package database cannot be read`;
    expect(base).toMatchObject({
      packages: [],
      diagnostics: [{ code: 'package-database-unreadable', message, where: path }],
    });
  });

  it('that leads nowhere is told when a directory above is the link', () => {
    expect(diagnosticsOf({ entries: [link('var/lib/dpkg', '/usr/lib/dpkg')] }).flat()).toContain(
      'package-database-unreadable',
    );
  });

  it('in circles is told', () => {
    expect(diagnosticsOf({ entries: [link(STATUS, 'status')] })).toEqual([['package-database-unreadable']]);
  });
});

it('a device in place of a package database is told', () => {
  const message = `${STATUS} is neither a file nor a directory: the package database cannot be read`;
  const [base] = conclusions({ entries: [DEBIAN, { kind: 'other', path: STATUS }] });
  expect(base?.diagnostics).toEqual([{ code: 'package-database-unreadable', message, where: STATUS }]);
});

describe('the repositories of an image', () => {
  const FOLDER = 'root/buildinfo/content_manifests';
  const SHARED = 'usr/share/buildinfo/content-sets.json';
  const manifest = (path: string, ...names: readonly string[]): LayerEntry =>
    file(path, JSON.stringify({ content_sets: names }));
  const BASE = [DEBIAN, status('a'), manifest(`${FOLDER}/base-1-1.json`, 'b', 'a')];
  const setsOf = (...layers: readonly Partial<LayerContents>[]): readonly (readonly string[])[] =>
    conclusions({ entries: BASE }, ...layers).map(({ contentSets }) => contentSets);

  it('are those of all manifests that it shows, sorted and each once', () => {
    expect(setsOf({}, { entries: [manifest(SHARED, 'a', 'c')] })).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  it('are gone with their manifest', () => {
    expect(setsOf({ whiteouts: [`${FOLDER}/base-1-1.json`] })).toEqual([['a', 'b'], []]);
  });

  it('are read through links, and each file once', () => {
    const broken = file('usr/share/buildinfo/a.json', '{}');
    const [, top] = conclusions(
      { entries: BASE },
      { entries: [broken, link('root/buildinfo', '/usr/share'), link('usr/share/content_manifests', 'buildinfo')] },
    );
    expect(top?.diagnostics.map(({ code }) => code)).toEqual(['content-manifest-unreadable']);
  });

  it.each<[string, LayerEntry, string]>([
    [
      'a link that leads nowhere',
      link(`${FOLDER}/b.json`, '/b.json'),
      `${FOLDER}/b.json is a link to /b.json, which the layers do not show`,
    ],
    [
      'a folder that is one',
      link('usr/share/buildinfo', '/b'),
      'usr/share/buildinfo is a link to /b, which the layers do not show',
    ],
    ['a device', { kind: 'other', path: SHARED }, `${SHARED} is neither a file nor a directory`],
  ])('that cannot be read are told, and cost nothing else: %s', (_, entry, what) => {
    const [base] = conclusions({ entries: [...BASE, entry] });
    expect(base).toMatchObject({ packages: [deb('a', '1')], contentSets: ['a', 'b'] });
    expect(base?.diagnostics.map(({ message }) => message)).toContain(`${what}: the content manifest cannot be read`);
    expect(new Set(base?.diagnostics.map(({ code }) => code))).toEqual(new Set(['content-manifest-unreadable']));
  });

  it.each([
    [5, []],
    [6, ['of 10002 content sets only the first 10000 by name were taken']],
  ])('are bounded: %i manifests of 2000 at most', (files, messages) => {
    const entries = Array.from({ length: files }, (_, index) =>
      manifest(
        `${FOLDER}/${index}.json`,
        ...Array.from({ length: index === 5 ? 2 : 2000 }, (__, at) => `${index}-${at}`),
      ),
    );
    const [base] = conclusions({ entries: [DEBIAN, status('a'), ...entries] });
    expect(base?.contentSets).toHaveLength(10_000);
    expect(base?.diagnostics.map(({ message }) => message)).toEqual(messages);
  });
});

describe('members with names that climb out', () => {
  it('are counted over all layers so far', () => {
    const messages = conclusions({ outside: 2, entries: [DEBIAN, status('a')] }, {}, { outside: 3 }).map(
      ({ diagnostics }) => diagnostics.map(({ code, message }) => `${code}: ${message.split(' ', 1)[0]}`),
    );
    expect(messages).toEqual([['entries-outside-root: 2'], ['entries-outside-root: 2'], ['entries-outside-root: 5']]);
  });
});

describe('a layer that changes nothing', () => {
  it('has the same map of packages as the layer below', () => {
    const none = { whiteouts: [], opaque: [], entries: [], outside: 0 };
    const below = nextState(initialState(), { ...none, entries: [DEBIAN, status('a')] }, DETECTORS);
    const above = nextState(below.state, { ...none, outside: 1 }, DETECTORS);
    expect(above.conclusion.features).toBe(below.conclusion.features);
    expect(above.conclusion.diagnostics).toMatchObject([{ code: 'entries-outside-root' }]);
  });
});

describe('what no honest image has', () => {
  it('is bounded: packages beyond the limit are not matched, and that is said', () => {
    const entries = [DEBIAN, status('a', 'b'), file(`${STATUS_D}/c`, stanza('c')), file(`${STATUS_D}/d`, stanza('d'))];
    const contents = { whiteouts: [], opaque: [], entries, outside: 0 };
    const { features, diagnostics } = nextState(initialState({ maxPackages: 3 }), contents, DETECTORS).conclusion;
    expect([...features.values()].map(({ feature }) => feature.name)).toEqual(['a', 'b', 'c']);
    const message = 'the image has more than 3 packages: the others were not matched';
    expect(diagnostics).toEqual([{ code: 'package-limit-reached', message, where: 'layers' }]);
  });

  it('is bounded: diagnostics are told one by one up to 200, and counted then', () => {
    const links = Array.from({ length: 300 }, (_, at) => link(`${STATUS_D}/${at}`, '/nowhere'));
    const [base] = conclusions({ entries: [DEBIAN, status('a'), ...links] });
    expect(base?.diagnostics).toHaveLength(201);
    expect(base?.diagnostics.at(-1)).toEqual({
      code: 'package-database-unreadable',
      message: 'there are 100 more diagnostics of this kind',
      where: 'layers',
    });
  });

  it('is bounded: links that take too many steps together are not followed, and that is said', () => {
    const links = Array.from({ length: 500 }, (_, at) => link(`${STATUS_D}/n${at}`, 'c0'));
    const chain = Array.from({ length: 38 }, (_, at) =>
      link(`${STATUS_D}/c${at}`, `${'../status.d/'.repeat(300)}c${at + 1}`),
    );
    const [base] = conclusions({ entries: [DEBIAN, status('a'), ...chain, ...links] });
    expect(base?.packages).toEqual([deb('a', '1')]);
    expect(base?.diagnostics.map(({ code }) => code)).toContain('link-unresolved');
  });
});
