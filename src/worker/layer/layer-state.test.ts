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

function file(path: string, text: string): LayerEntry {
  const [detector] = fixedRole(path, WANTED)?.detectors ?? [];
  if (detector === undefined) throw new Error(`no detector reads ${path}`);
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

it('reports dropped links at their layer and the layers above', () => {
  const of = (...layers: readonly Partial<LayerContents>[]): readonly boolean[] =>
    diagnosticsOf(...layers).map((codes) => codes.includes('file-list-limit-reached'));
  expect(of({}, { areLinksCut: true }, {}, { areLinksCut: true })).toEqual([false, true, true, true]);
});

describe('third-party packages', () => {
  const foreign = (count: number): LayerEntry =>
    file(STATUS, [...Array(count).keys()].map((at) => `${stanza(`n${at}`)}Maintainer: X <x@nginx.com>\n`).join('\n'));
  const diagnostics = (...entries: readonly LayerEntry[]): unknown =>
    conclusions({ entries })[0]?.diagnostics.filter(({ code }) => code === 'package-third-party');

  it('are listed and named in one diagnostic', () => {
    const message = 'not checked: n0 1 (nginx.org)';
    expect(diagnostics(DEBIAN, foreign(1))).toEqual([
      {
        code: 'package-third-party',
        message: `1 package was not built by debian and is not covered by a feed, so it was ${message}`,
        where: 'debian:12',
      },
    ]);
    expect(conclusions({ entries: [DEBIAN, foreign(2)] })[0]?.packages).toHaveLength(2);
  });

  it('are named up to a limit', () => {
    const names = [0, 1, 10, 11, 2, 3, 4, 5, 6, 7].map((at) => `n${at} 1 (nginx.org)`).join(', ');
    const message = `12 packages were not built by debian and are not covered by a feed, so they were not checked: ${names} and 2 more`;
    expect(diagnostics(DEBIAN, foreign(12))).toMatchObject([{ message }]);
  });

  it('cause no diagnostic without an operating system or without such packages', () => {
    expect(diagnostics(foreign(1))).toEqual([]);
    expect(diagnostics(DEBIAN, status('a'))).toEqual([]);
  });
});

describe('the conclusion of a layer', () => {
  it('combines the layers up to it', () => {
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

  it('is empty with diagnostics for an empty image', () => {
    expect(conclusions({})).toEqual([
      {
        distribution: null,
        packages: [],
        contentSets: [],
        owners: new Map(),
        programs: new Map(),
        executables: { groups: [], owners: new Map(), lists: 'read', more: new Map() },
        diagnostics: [
          expect.objectContaining({ code: 'distribution-unknown', where: 'etc/os-release' }),
          expect.objectContaining({ code: 'package-database-missing' }),
        ],
      },
    ]);
  });

  it('has the packages of an image with an unknown operating system', () => {
    const [base] = conclusions({ entries: [status('a')] });
    expect(base).toMatchObject({ distribution: null, packages: [deb('a', '1')] });
  });

  it('does not modify the state below', () => {
    const none = { whiteouts: [], opaque: [], entries: [], outside: 0 };
    const { state } = nextState(initialState(), { ...none, entries: [DEBIAN, status('a')] }, DETECTORS);
    nextState(state, { ...none, opaque: [''] }, DETECTORS);
    const { features } = nextState(state, none, DETECTORS).conclusion;
    expect([...features.values()]).toEqual([{ feature: deb('a', '1'), path: '' }]);
  });

  it("carries a file's diagnostics upwards until the file is replaced", () => {
    const broken = file(STATUS, `${stanza('a')}\nrubbish\n`);
    expect(diagnosticsOf({ entries: [broken] }, {}, { entries: [status('a')] })).toEqual([
      ['package-entry-unreadable'],
      ['package-entry-unreadable'],
      [],
    ]);
  });
});

describe('a removed or empty package database', () => {
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
  ])('%s is reported at this layer and the layers above, until packages return', (_, removal) => {
    const layers = [{ entries: [status('a')] }, removal, {}, { entries: [status('b')] }, {}];
    expect(diagnosticsOf(...layers)).toEqual([[], REMOVED, REMOVED, [], []]);
  });

  it('is reported again when it recurs', () => {
    const [full, gone] = [{ entries: [status('a')] }, { whiteouts: [STATUS] }];
    expect(diagnosticsOf(full, gone, full, gone)).toEqual([[], REMOVED, [], REMOVED]);
  });

  it('is reported as missing if no layer ever had packages', () => {
    const missing = ['package-database-missing'];
    expect(diagnosticsOf({}, { entries: [file(STATUS, '')] }, { whiteouts: [STATUS] })).toEqual([
      missing,
      missing,
      missing,
    ]);
  });

  it('is not reported as missing if it is unreadable', () => {
    expect(diagnosticsOf({ entries: [file(STATUS, '<html>')] })).toEqual([['package-database-unreadable']]);
  });

  it('is reported in addition to its damage', () => {
    expect(diagnosticsOf({ entries: [status('a')] }, { entries: [file(STATUS, '<html>')] })).toEqual([
      [],
      ['package-database-unreadable', ...REMOVED],
    ]);
  });
});

describe('a package in two places', () => {
  it('is listed once', () => {
    const [base] = conclusions({ entries: [DEBIAN, status('a', 'b'), file(`${STATUS_D}/a`, stanza('a'))] });
    expect(base?.packages).toEqual([deb('a', '1'), deb('b', '1')]);
  });

  it('is listed twice with different versions', () => {
    const other = stanza('a').replace('Version: 1', 'Version: 2');
    const [base] = conclusions({ entries: [DEBIAN, status('a'), file(`${STATUS_D}/a`, other)] });
    expect(base?.packages).toEqual([deb('a', '1'), deb('a', '2')]);
  });

  it('is read once through a link, including its diagnostics', () => {
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
  ])('is reported when its target is missing: %s', (_, path, target) => {
    const [base] = conclusions({ entries: [DEBIAN, link(path, target)] });
    const message = `${path} is a link to ${target}, which no layer contains, so the package database is not readable`;
    expect(base).toMatchObject({
      packages: [],
      diagnostics: [{ code: 'package-database-unreadable', message, where: path }],
    });
  });

  it('is reported when a directory above is a dangling link', () => {
    expect(diagnosticsOf({ entries: [link('var/lib/dpkg', '/usr/lib/dpkg')] }).flat()).toContain(
      'package-database-unreadable',
    );
  });

  it('is reported when it forms a loop', () => {
    const [base] = conclusions({ entries: [DEBIAN, link(STATUS, 'status')] });
    const why = 'which leads into a loop or through too many links';
    const message = `${STATUS} is a link to status, ${why}, so the package database is not readable`;
    expect(base?.diagnostics).toEqual([{ code: 'package-database-unreadable', message, where: STATUS }]);
  });
});

it('reports a device in place of a package database', () => {
  const message = `${STATUS} is neither a file nor a directory, so the package database is not readable`;
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

  it('come from all visible manifests, sorted without duplicates', () => {
    expect(setsOf({}, { entries: [manifest(SHARED, 'a', 'c')] })).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  it('are removed with their manifest', () => {
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
      'a dangling link',
      link(`${FOLDER}/b.json`, '/b.json'),
      `${FOLDER}/b.json is a link to /b.json, which no layer contains`,
    ],
    [
      'a folder that is a dangling link',
      link('usr/share/buildinfo', '/b'),
      'usr/share/buildinfo is a link to /b, which no layer contains',
    ],
    ['a device', { kind: 'other', path: SHARED }, `${SHARED} is neither a file nor a directory`],
  ])('that are unreadable only cause a diagnostic: %s', (_, entry, what) => {
    const [base] = conclusions({ entries: [...BASE, entry] });
    expect(base).toMatchObject({ packages: [deb('a', '1')], contentSets: ['a', 'b'] });
    expect(base?.diagnostics.map(({ message }) => message)).toContain(
      `${what}, so the content manifest is not readable`,
    );
    expect(new Set(base?.diagnostics.map(({ code }) => code))).toEqual(new Set(['content-manifest-unreadable']));
  });

  it.each([
    [5, []],
    [6, ['only the first 10000 of 10002 content sets, in alphabetical order, were used']],
  ])('are limited to 10,000: %i manifests of at most 2,000 content sets', (files, messages) => {
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

describe('members whose names lead out of the root', () => {
  it('are counted over all layers so far', () => {
    const messages = conclusions({ outside: 2, entries: [DEBIAN, status('a')] }, {}, { outside: 3 }).map(
      ({ diagnostics }) => diagnostics.map(({ code, message }) => `${code}: ${message.split(' ', 1)[0]}`),
    );
    expect(messages).toEqual([['entries-outside-root: 2'], ['entries-outside-root: 2'], ['entries-outside-root: 5']]);
  });
});

describe('a layer without changes', () => {
  it('has the same package map as the layer below', () => {
    const none = { whiteouts: [], opaque: [], entries: [], outside: 0 };
    const below = nextState(initialState(), { ...none, entries: [DEBIAN, status('a')] }, DETECTORS);
    const above = nextState(below.state, { ...none, outside: 1 }, DETECTORS);
    expect(above.conclusion.features).toBe(below.conclusion.features);
    expect(above.conclusion.diagnostics).toMatchObject([{ code: 'entries-outside-root' }]);
  });
});

describe('limits', () => {
  it('drop packages from matching with a diagnostic', () => {
    const entries = [DEBIAN, status('a', 'b'), file(`${STATUS_D}/c`, stanza('c')), file(`${STATUS_D}/d`, stanza('d'))];
    const contents = { whiteouts: [], opaque: [], entries, outside: 0 };
    const { features, diagnostics } = nextState(initialState({ maxPackages: 3 }), contents, DETECTORS).conclusion;
    expect([...features.values()].map(({ feature }) => feature.name)).toEqual(['a', 'b', 'c']);
    const message = 'the image has more than 3 packages; the rest were not matched';
    expect(diagnostics).toEqual([{ code: 'package-limit-reached', message, where: 'layers' }]);
  });

  it('stop following links after too many steps, with a diagnostic', () => {
    const links = Array.from({ length: 50 }, (_, at) => link(`${STATUS_D}/n${at}`, 'c0'));
    const chain = Array.from({ length: 38 }, (_, at) =>
      link(`${STATUS_D}/c${at}`, `${'../status.d/'.repeat(300)}c${at + 1}`),
    );
    const contents = { whiteouts: [], opaque: [], entries: [DEBIAN, status('a'), ...chain, ...links], outside: 0 };
    const { features, diagnostics } = nextState(initialState({ maxSteps: 100_000 }), contents, DETECTORS).conclusion;
    expect([...features.values()].map(({ feature }) => feature)).toEqual([deb('a', '1')]);
    expect(diagnostics.map(({ code }) => code)).toContain('link-unresolved');
  });
});
