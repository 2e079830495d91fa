import { cpuUsage } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import type { FileFacts } from '../../detector.ts';
import { indexPatterns, detectorsOfName } from '../../../layer/patterns/pattern-index.ts';
import { pypi } from './detector.ts';

const SITE = 'usr/local/lib/python3.12/site-packages';
const DEBIAN = 'usr/lib/python3/dist-packages';

function read(path: string, content: string | Uint8Array): FileFacts {
  return pypi.read(path, Buffer.from(content));
}

const metadata = (name: string, version: string): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: x\n\nText\n`;

/** Returns the distributions as `name version flags` and the codes of the diagnostics. */
function shown(path: string, content: string | Uint8Array): readonly string[] {
  const { features = [], diagnostics } = read(path, content);
  return [
    ...features.map(({ feature, path: at }) => {
      expect([feature.type, at]).toEqual(['pypi', path]);
      const flags = 'flags' in feature ? (feature.flags ?? []) : [];
      return [feature.name, feature.version, ...flags].join(' ');
    }),
    ...diagnostics.map(({ code }) => code),
  ];
}

const NAMED = metadata('Jinja2', '3.1.6');

describe('an installed distribution is read from', () => {
  it.each([
    ['METADATA of a wheel', `${SITE}/jinja2-3.1.6.dist-info/METADATA`],
    ['METADATA in a folder of an application', 'var/task/jinja2-3.1.6.dist-info/METADATA'],
    ['METADATA at the root', 'jinja2-3.1.6.dist-info/METADATA'],
    ['PKG-INFO of setuptools', `${SITE}/Jinja2-3.1.6-py3.12.egg-info/PKG-INFO`],
    ['METADATA of an egg-info', `${SITE}/Jinja2-3.1.6.egg-info/METADATA`],
    ['an egg-info file of distutils', `${DEBIAN}/Jinja2-3.1.6.egg-info`],
    ['PKG-INFO of an unpacked egg', `${SITE}/Jinja2-3.1.6-py3.12.egg/EGG-INFO/PKG-INFO`],
    ['the egg-info of a development installation', 'srv/app/src/Jinja2.egg-info/PKG-INFO'],
  ])('%s', (_, path) => {
    expect(detectorsOfName(path, indexPatterns([pypi]))).toEqual([pypi]);
    expect(shown(path, NAMED)).toEqual(['jinja2 3.1.6']);
  });

  it('each interpreter and each virtual environment', () => {
    const paths = ['opt/a/lib/python3.9/site-packages', 'opt/b/lib/python3.13/site-packages', DEBIAN];
    expect(paths.map((path) => shown(`${path}/x.dist-info/METADATA`, metadata('x', '1')))).toEqual(
      paths.map(() => ['x 1']),
    );
  });
});

describe('no distribution is', () => {
  it.each([
    ['a wheel', 'root/wheels/jinja2-3.1.6-py3-none-any.whl'],
    ['a cached response of pip', 'root/.cache/pip/http-v2/a/b/c/abcdef'],
    ['a list of requirements', 'srv/app/requirements.txt'],
    ['the list of vendored projects', `${SITE}/pip/_vendor/vendor.txt`],
    ['a file METADATA elsewhere', 'srv/METADATA'],
    ['the metadata of a source distribution', 'srv/Jinja2-3.1.6/PKG-INFO'],
  ])('%s, which is not wanted', (_, path) => {
    expect(detectorsOfName(path, indexPatterns([pypi]))).toEqual([]);
  });

  it.each([
    ['an egg-info of no egg', 'srv/EGG-INFO/PKG-INFO'],
    ['an egg-info of no egg at the root', 'EGG-INFO/PKG-INFO'],
    ['a folder that only ends like an egg-info', 'srv/x.egg/NOT-EGG-INFO/PKG-INFO'],
    ['a test egg of setuptools', `${DEBIAN}/pkg_resources/tests/data/x.egg/EGG-INFO/PKG-INFO`],
    ['test data of a package', `${SITE}/wheel/test/testdata/x.dist-info/METADATA`],
    ['test data in an environment below', `${SITE}/x/tests/env/lib/site-packages/y.dist-info/METADATA`],
    ['test data of Python', 'usr/lib/python3.13/test/test_importlib/data/x.dist-info/METADATA'],
    ['the rest of an interrupted upgrade by pip', `${SITE}/~inja2-3.1.5.dist-info/METADATA`],
  ])('%s', (_, path) => {
    expect(shown(path, NAMED)).toEqual([]);
  });

  it.each([
    ['Python', 'usr/lib/python2.7/lib-dynload/Python-2.7.18-py2.7.egg-info'],
    ['Python', 'usr/lib64/python2.7/site-packages/Python-2.7.5.egg-info'],
    ['argparse', 'usr/lib/python2.7/argparse.egg-info'],
    ['wsgiref', 'usr/lib/python2.7/wsgiref.egg-info'],
    ['lib2to3', `${DEBIAN}/lib2to3-3.11.egg-info`],
  ])("the interpreter's own entry %s", (name, path) => {
    expect(shown(path, metadata(name, '2.7.18'))).toEqual([]);
  });

  it('but a namesake from PyPI is', () => {
    expect(shown(`${SITE}/argparse-1.4.0.dist-info/METADATA`, metadata('argparse', '1.4.0'))).toEqual([
      'argparse 1.4.0',
    ]);
  });
});

describe('a distribution inside another distribution is vendored', () => {
  it.each([
    [`${SITE}/setuptools/_vendor/zipp-3.19.2.dist-info/METADATA`, true],
    [`${SITE}/pkg_resources/_vendor/zipp-3.19.2.dist-info/METADATA`, true],
    [`${DEBIAN}/app/libs/zipp-3.19.2.dist-info/METADATA`, true],
    [`${SITE}/setuptools-70.0.0-py3.12.egg/setuptools/_vendor/zipp-3.19.2.dist-info/METADATA`, true],
    ['var/task/setuptools/_vendor/zipp-3.19.2.dist-info/METADATA', true],
    [`${SITE}/zipp-3.19.2.dist-info/METADATA`, false],
    [`${SITE}/tool/env/lib/python3.12/site-packages/zipp-3.19.2.dist-info/METADATA`, false],
    ['srv/vendor/zipp-3.19.2.dist-info/METADATA', false],
  ])('%s: %s', (path, isVendored) => {
    expect(shown(path, metadata('zipp', '3.19.2'))).toEqual([isVendored ? 'zipp 3.19.2 vendored' : 'zipp 3.19.2']);
  });
});

describe('the metadata', () => {
  const path = `${SITE}/x.dist-info/METADATA`;
  it.each([
    ['ends at the blank line', 'Name: x\n\nVersion: 9\n', ['library-unreadable']],
    ['has the first occurrence of a header', 'Name: x\nName: y\nVersion: 1\nVersion: 2\n\n', ['x 1']],
    ['ignores the description', 'Name: x\nVersion: 1\n\nVersion: 2\nName: y\n', ['x 1']],
    ['may fold lines', 'Summary: a\n Name: y\nName:\n x\nVersion: 1\n', ['x 1']],
    ['has names of headers in any case', 'NAME: x\nversion:1\n', ['x 1']],
    ['may have CRLF', 'Name: x\r\nVersion: 1\r\n\r\nName: y', ['x 1']],
    ['may have CR', 'Name: x\rVersion: 1\r', ['x 1']],
    ['may start with a byte order mark', '\ufeffName: x\nVersion: 1\n', ['x 1']],
    ['may end without a line end', 'Version: 1\nName: x', ['x 1']],
    ['may be of another character set', Buffer.from('Author: \xe9\nName: x\nVersion: 1\n', 'latin1'), ['x 1']],
    ['is normalised in its name', 'Name: Jaraco.Context_x\nVersion: 1\n', ['jaraco-context-x 1']],
    ['keeps a version that PEP 440 rejects', 'Name: pytz\nVersion: 2004d\n', ['pytz 2004d']],
    ['keeps a local version', 'Name: torch\nVersion: 2.1.0+cu118\n', ['torch 2.1.0+cu118']],
    ['must have a name', 'Version: 1\n', ['library-unreadable']],
    ['must have a version', 'Name: x\n', ['library-unreadable']],
    ['must have a version with characters', 'Name: x\nVersion:\n', ['library-unreadable']],
    ['ends at a line that is not a header', 'Name: x\nno header\nVersion: 1\n', ['library-unreadable']],
    ['may not be empty', '', ['library-unreadable']],
    ['may not have NUL in a name', 'Name: a\0b\nVersion: 1\n', ['library-unreadable']],
    ['may not have a name without end', `Name: ${'x'.repeat(5000)}\nVersion: 1\n`, ['library-unreadable']],
    ['may not have a header without end', `${'A: b\n'.repeat(60_000)}Name: x\nVersion: 1\n`, ['library-unreadable']],
  ])('%s', (_, content, expected) => {
    expect(shown(path, content)).toEqual(expected);
  });

  it('in a broken file names the file', () => {
    expect(read(path, 'Name: x').diagnostics).toEqual([
      { code: 'library-unreadable', message: `"${path}" was skipped: it has no Version`, where: path },
    ]);
  });

  it('of a file with the suffix is ignored outside of Python', () => {
    expect(shown('srv/notes.egg-info', 'notes')).toEqual([]);
    expect(shown(`${SITE}/notes.egg-info`, 'notes')).toEqual(['library-unreadable']);
  });
});

describe('a zipped egg', () => {
  const ZIP = Buffer.from('PK\u0003\u0004rest');
  it.each([
    ['Jinja2-2.11.3-py3.8.egg', ['jinja2 2.11.3']],
    ['my_test_package-1.0-py3.7-linux-x86_64.egg', ['my-test-package 1.0']],
    ['x-1.0_1.egg', ['x 1.0-1']],
    ['unknown.egg', ['library-unreadable']],
  ])('%s is listed by its file name', (name, expected) => {
    expect(shown(`${SITE}/${name}`, ZIP)).toEqual(expected);
  });

  it('is a zip archive', () => {
    expect(shown('srv/models/teapot-1.egg', '<Group> teapot {')).toEqual([]);
  });

  it('in the tests of a package or of Python is not listed', () => {
    expect(shown(`${DEBIAN}/pkg_resources/tests/data/my-test-package_zipped-egg/x-1.0-py3.7.egg`, ZIP)).toEqual([]);
    expect(shown('usr/lib/python3.13/test/test_importlib/metadata/data/example-21.12-py3.6.egg', ZIP)).toEqual([]);
  });
});

describe('an INSTALLER file', () => {
  const at = `${DEBIAN}/x.dist-info`;
  it.each([
    ['debian', 'deb'],
    ['rpm\n', 'rpm'],
    [' APK\r\n', 'apk'],
  ])('%j marks the metadata as installed by %s', (text, installer) => {
    expect(read(`${at}/INSTALLER`, text)).toEqual({ marks: [{ path: `${at}/METADATA`, installer }], diagnostics: [] });
  });

  it.each(['pip', 'uv', 'conda', 'poetry 1.8', '', 'debian\npip', 'x'.repeat(1_000_000)])(
    '%.10j marks nothing',
    (text) => {
      expect(read(`${at}/INSTALLER`, text)).toEqual({ diagnostics: [] });
    },
  );
});

describe('a RECORD file', () => {
  const marks = [{ path: `${SITE}/ruff-0.1.dist-info/METADATA`, files: ['../../../bin/ruff'] }];

  it('marks the files that may be programs', () => {
    const text = '../../../bin/ruff,sha256=x,1\nruff/__init__.py,,\n';
    expect(read(`${SITE}/ruff-0.1.dist-info/RECORD`, text)).toEqual({ marks, diagnostics: [] });
    expect(detectorsOfName(`${SITE}/ruff-0.1.dist-info/RECORD`, indexPatterns([pypi]))).toEqual([pypi]);
  });

  it.each([
    ['of test data', `${SITE}/wheel/test/testdata/x.dist-info/RECORD`, 'bin/x,,\n'],
    ['without entries', `${SITE}/x.dist-info/RECORD`, ''],
  ])('%s marks nothing', (_, path, text) => {
    expect(read(path, text)).toEqual({ diagnostics: [] });
  });
});

describe('a direct_url.json file', () => {
  const path = `${SITE}/app-0.0.0.dist-info/direct_url.json`;
  it.each([
    [
      { url: 'https://user:secret@git.test/app.git?token=secret', vcs_info: { vcs: 'git', commit_id: 'abc' } },
      'the repository https://git.test/app.git',
    ],
    [{ url: 'file:///srv/app', dir_info: { editable: true } }, 'the directory file:///srv/app in editable mode'],
    [{ url: 'git@git.test:app', vcs_info: {} }, 'a repository of unknown location'],
    [{ dir_info: { editable: true } }, 'a directory of unknown location in editable mode'],
  ])('%j makes the version uncertain', (origin, text) => {
    const message = `app-0.0.0 was installed from ${text}, so its version may be a placeholder`;
    expect(read(path, JSON.stringify(origin))).toEqual({
      diagnostics: [{ code: 'library-version-uncertain', message, where: path }],
    });
  });

  it.each([
    '{"url":"file:///srv/app","dir_info":{}}',
    '{"url":"https://pypi.test/app-1.0.tar.gz","archive_info":{"hash":"sha256=00"}}',
    '{"url":',
    'null',
    '[]',
    '[['.repeat(500_000),
    '\0',
  ])('%.60j causes no diagnostic', (text) => {
    expect(read(path, text)).toEqual({ diagnostics: [] });
  });
});

describe('any input', () => {
  const names = ['METADATA', 'INSTALLER', 'direct_url.json', 'RECORD'].map((name) => `${SITE}/x.dist-info/${name}`);
  const paths = [...names, `${SITE}/x.egg-info`, `${SITE}/x-1.egg`, `${SITE}/x.egg/EGG-INFO/PKG-INFO`];
  const texts = [NAMED, '{"url":"https://a.test","vcs_info":{}}', 'debian\n', 'PK\u0003\u0004'];

  it('yields one distribution, one diagnostic, or nothing', () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.nat(60), fc.nat(8), noise)
      .map(([text, at, length, other]) => {
        const valid = Buffer.from(text);
        return Buffer.concat([valid.subarray(0, at), other, valid.subarray(at + length)]);
      });
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.oneof(mutated, noise), (path, bytes) => {
        const { features = [], diagnostics } = pypi.read(path, bytes);
        const arePrintable = features.every(({ feature }) => /^\P{Cc}+$/u.test(feature.name + feature.version));
        const found = features.length + diagnostics.length;
        expect(arePrintable && found <= 1 && (found === 1 || !path.endsWith('METADATA'))).toBe(true);
      }),
      { numRuns: runCount(2000, 160) },
    );
  });

  it('is read in bounded time', () => {
    // Measure CPU time, because other processes share the processors.
    const started = cpuUsage();
    for (const unit of [' ', '\n', 'A:\n', 'A: \n ', '\r', ':', '[', '\0']) {
      for (const path of paths) read(path, unit.repeat(60_000));
    }
    expect(cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});
