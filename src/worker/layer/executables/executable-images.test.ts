/** Counts the programs of unknown origin in whole images, with all detectors. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Member } from '../../../bytes/testing/tar-builder.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { zipOf } from '../../../bytes/testing/zip-builder.ts';
import { DETECTORS, detectorsWith } from '../../detectors/index.ts';
import type { Detector } from '../../detectors/detector.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import {
  DT,
  elfProgram,
  ET,
  machOProgram,
  peProgram,
} from '../../detectors/libraries/executables/testing/program-file.ts';
import { inlineInformation, linesOf } from '../../detectors/libraries/golang/testing/build-information.ts';
import { file, gone, hard, layeredImage, link } from '../../testing/layered-image.ts';
import { createLocalWorker } from '../../testing/local-worker.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => await store.close());

/** Returns the diagnostics about programs at the topmost layer. */
async function toldOf(
  layers: readonly (readonly Member[])[],
  detectors: readonly Detector[] = DETECTORS,
): Promise<readonly string[]> {
  const stored = await createLocalWorker({ store, detectors }).analyzeImage(layeredImage(...layers));
  const diagnostics = stored.at(-1)?.diagnostics ?? [];
  return diagnostics.filter(({ code }) => code === 'executable-origin-unknown').map(({ message }) => message);
}

function told(count: number, layer: number, ...paths: readonly string[]): string {
  const [executables, them] = count === 1 ? ['executable', 'it'] : ['executables', 'them'];
  const action = `install ${them} with a package, or describe ${them} with a classifier`;
  return `${count} ${executables} of unknown origin in layer ${layer}: ${paths.join(', ')}; ${action}`;
}

const PROGRAM = elfProgram();
const OTHER = elfProgram({ code: 'other' });
const program = (name: string, content = PROGRAM): Member => file(name, content);
const opaque = (directory: string): Member => file(`${directory}/.wh..wh..opq`, '');

const SITE = 'usr/local/lib/python3.12/site-packages';
const DEBIAN = file('etc/os-release', 'ID=debian\nVERSION_ID=13\n');
const status = (...names: readonly string[]): Member =>
  file(
    'var/lib/dpkg/status',
    names.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n`).join('\n'),
  );
const list = (name: string, ...paths: readonly string[]): Member =>
  file(`var/lib/dpkg/info/${name}.list`, ['/.', ...paths].map((path) => `${path}\n`).join(''));
const coreutils = [DEBIAN, status('coreutils'), list('coreutils', '/usr/bin/ls'), program('usr/bin/ls')];

describe('programs of unknown origin', () => {
  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['do not exist in an image without programs', [[DEBIAN, file('usr/bin/x', '#!/bin/sh\n')]], []],
    [
      'are counted by layer, with at most three names',
      [
        [...coreutils, program('opt/b'), program('opt/a', OTHER)],
        [file('etc/x', '')],
        ['e', 'd', 'c', 'b'].map((name) => program(`srv/${name}`, elfProgram({ code: name }))),
      ],
      [told(2, 0, 'opt/a', 'opt/b'), told(4, 2, 'srv/b', 'srv/c', 'srv/d', '…')],
    ],
    [
      'have all formats',
      [
        [
          program('a/elf'),
          program('a/elf32', elfProgram({ is64: false, isLittleEndian: false })),
          program('a/mach-o', machOProgram()),
          program('a/pe.exe', peProgram()),
        ],
      ],
      [told(4, 0, 'a/elf', 'a/elf32', 'a/mach-o', '…')],
    ],
    [
      'are neither libraries nor object files, kernel modules, scripts nor links',
      [
        [
          program('usr/lib/libx.so', elfProgram({ type: ET.shared, dynamic: [[DT.soname, 1]] })),
          program('usr/lib/x.o', elfProgram({ type: ET.relocatable })),
          program('usr/lib/modules/6.1/x.ko', elfProgram({ type: ET.relocatable })),
          program('usr/lib/x.dll', peProgram({ characteristics: 0x2022 })),
          file('usr/bin/y', '#!/bin/sh\n'),
          link('usr/bin/z', '../lib/x.o'),
        ],
      ],
      [],
    ],
    ['do not include programs that a package owns', [coreutils], []],
    [
      'do not include programs that a package owns under an unusual name, or through a link',
      [
        [
          DEBIAN,
          status('x'),
          link('lib', 'usr/lib'),
          list('x', '/usr/lib/xorg/Xorg.wrap', '/lib/x/y.bin'),
          program('usr/lib/xorg/Xorg.wrap'),
          program('usr/lib/x/y.bin'),
        ],
      ],
      [],
    ],
    [
      'do not include a program that apk owns',
      [
        [
          file('etc/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n'),
          file('lib/apk/db/installed', 'P:tool\nV:1.0-r0\nA:x86_64\nF:usr/bin\nR:tool\n\n'),
          program('usr/bin/tool'),
          program('usr/bin/other'),
        ],
      ],
      [told(1, 0, 'usr/bin/other')],
    ],
    ['include programs beside a package', [[...coreutils, program('usr/bin/lsx')]], [told(1, 0, 'usr/bin/lsx')]],
    [
      'include a program whose package was removed without it',
      [coreutils, [status(), gone('var/lib/dpkg/info/coreutils.list')]],
      [told(1, 0, 'usr/bin/ls')],
    ],
    [
      'include a program that replaces the file of a package in an upper layer',
      [coreutils, [program('usr/bin/ls', OTHER)]],
      [told(1, 1, 'usr/bin/ls')],
    ],
    [
      'do not include a program whose mode or owner changes in an upper layer',
      [coreutils, [program('usr/bin/ls')]],
      [],
    ],
    [
      'do not include a program that a package installs again, or that a later package owns',
      [
        [...coreutils, program('usr/bin/x')],
        [status('coreutils', 'x'), list('x', '/usr/bin/x'), program('usr/bin/x', OTHER)],
      ],
      [],
    ],
    ['are removed with their files', [[program('opt/a'), program('opt/b')], [gone('opt/a')]], [told(1, 0, 'opt/b')]],
    ['are removed with their directories', [[program('opt/x/a')], [gone('opt')]], []],
    ['go with the content of opaque directories', [[program('opt/x/a')], [opaque('opt'), file('opt/y', '')]], []],
    ['go when another file replaces them', [[program('opt/a')], [file('opt/a', 'text')]], []],
    ['go when a link replaces their directory', [[program('opt/x/a')], [link('opt/x', '/srv')]], []],
    [
      'belong to the layer that replaced them',
      [[program('opt/a'), program('opt/b')], [program('opt/a', OTHER)]],
      [told(1, 0, 'opt/b'), told(1, 1, 'opt/a')],
    ],
    [
      'are in the real directory behind a link of a lower layer',
      [[...coreutils, link('bin', 'usr/bin')], [program('bin/x')]],
      [told(1, 1, 'usr/bin/x')],
    ],
    [
      'count hard links once',
      [[program('opt/multi'), ...Array.from({ length: 300 }, (_, index) => hard(`opt/${index}`, 'opt/multi'))]],
      [told(1, 0, 'opt/multi')],
    ],
    [
      'count the remaining hard links once when the first path is deleted',
      [[program('opt/a'), hard('opt/b', 'opt/a'), hard('opt/c', 'opt/b')], [gone('opt/a')]],
      [told(1, 0, 'opt/b')],
    ],
    ['count copies separately', [[program('opt/a'), program('opt/b')]], [told(2, 0, 'opt/a', 'opt/b')]],
    [
      'count hard links to a program of a lower layer once, also when the first path is deleted or replaced',
      [
        [program('opt/a'), program('opt/b', OTHER)],
        [hard('srv/a', 'opt/a'), hard('srv/b', 'opt/b')],
        [gone('opt/a'), hard('srv/c', 'srv/b'), program('opt/b', elfProgram({ code: 'new' }))],
      ],
      [told(2, 0, 'srv/a', 'srv/b'), told(1, 2, 'opt/b')],
    ],
    [
      'do not include hard links to a program of a package in a lower layer, also through links to directories',
      [
        [...coreutils, link('bin', 'usr/bin'), link('srv', 'opt')],
        [hard('opt/dir', 'usr/bin/ls'), hard('srv/vdir', 'bin/ls')],
      ],
      [],
    ],
    [
      'include hard links in a lower layer to a package that is no longer installed',
      [[...coreutils], [hard('opt/dir', 'usr/bin/ls')], [status(), gone('var/lib/dpkg/info')]],
      [told(1, 0, 'usr/bin/ls')],
    ],
    ['do not include hard links to a program of a package', [[...coreutils, hard('usr/bin/dir', 'usr/bin/ls')]], []],
    [
      'do not include programs of npm packages, also by a hard link to a store',
      [
        [
          file('srv/node_modules/esbuild/package.json', '{"name":"esbuild","version":"1.0.0"}'),
          program('srv/node_modules/esbuild/bin/esbuild'),
          hard('root/.store/ab', 'srv/node_modules/esbuild/bin/esbuild'),
          program('srv/tool'),
        ],
      ],
      [told(1, 0, 'srv/tool')],
    ],
    [
      'include programs of an npm package that an upper layer removes without them',
      [
        [
          file('srv/node_modules/esbuild/package.json', '{"name":"esbuild","version":"1.0.0"}'),
          program('srv/node_modules/esbuild/bin/esbuild'),
        ],
        [gone('srv/node_modules/esbuild/package.json')],
      ],
      [told(1, 0, 'srv/node_modules/esbuild/bin/esbuild')],
    ],
    [
      'do not include programs of wheels and eggs',
      [
        [
          file('usr/lib/python3/site-packages/a-1.dist-info/METADATA', 'Name: a\nVersion: 1\n'),
          program('usr/lib/python3/site-packages/a/bin/tool'),
          file(
            'opt/site-packages/e-1.0-py3.egg',
            zipOf({ name: 'EGG-INFO/PKG-INFO', content: 'Name: e\nVersion: 1.0\n' }),
          ),
          program('opt/site-packages/e/tool'),
        ],
      ],
      [],
    ],
    [
      'do not include the programs in RECORD of a wheel, but other programs beside them',
      [
        [
          file(`${SITE}/ruff-1.dist-info/METADATA`, 'Name: ruff\nVersion: 1\n'),
          file(
            `${SITE}/ruff-1.dist-info/RECORD`,
            '../../../bin/ruff,sha256=x,1\nruff/driver/node,,\n/opt/share/ruffd,,\n',
          ),
          program('usr/local/bin/ruff'),
          program('usr/local/bin/rufflike'),
          program('opt/share/ruffd'),
          program(`${SITE}/ruff/driver/node`),
          program(`${SITE}/ruff/driver/other`),
        ],
      ],
      [told(2, 0, 'usr/local/bin/rufflike', `${SITE}/ruff/driver/other`)],
    ],
    [
      'include a program in RECORD that an upper layer replaces, unless it replaces RECORD too',
      [
        [
          file(`${SITE}/ruff-1.dist-info/METADATA`, 'Name: ruff\nVersion: 1\n'),
          file(`${SITE}/ruff-1.dist-info/RECORD`, '../../../bin/ruff,sha256=x,1\n../../../bin/r,,\n'),
          program('usr/local/bin/ruff'),
          program('usr/local/bin/r'),
        ],
        [program('usr/local/bin/ruff', OTHER)],
      ],
      [told(1, 1, 'usr/local/bin/ruff')],
    ],
    [
      'include a program in RECORD that a layer replaces below a layer that only repeats RECORD',
      [
        [
          file(`${SITE}/ruff-1.dist-info/METADATA`, 'Name: ruff\nVersion: 1\n'),
          file(`${SITE}/ruff-1.dist-info/RECORD`, '../../../bin/ruff,sha256=x,1\n'),
          program('usr/local/bin/ruff'),
        ],
        [program('usr/local/bin/ruff', OTHER)],
        [file(`${SITE}/ruff-1.dist-info/RECORD`, '../../../bin/ruff,sha256=x,1\n')],
      ],
      [told(1, 1, 'usr/local/bin/ruff')],
    ],
    [
      'include a program in RECORD of a distribution that is not installed',
      [[file(`${SITE}/ruff-1.dist-info/RECORD`, '../../../bin/ruff,sha256=x,1\n'), program('usr/local/bin/ruff')]],
      [told(1, 0, 'usr/local/bin/ruff')],
    ],
    [
      'do not include the programs of a distribution without RECORD beside one with RECORD',
      [
        [
          file(`${SITE}/ruff-1.dist-info/METADATA`, 'Name: ruff\nVersion: 1\n'),
          file(`${SITE}/ruff-1.dist-info/RECORD`, 'ruff/__init__.py,,\n'),
          file(`${SITE}/old-1.egg-info`, 'Name: old\nVersion: 1\n'),
          program(`${SITE}/old/tool`),
        ],
      ],
      [],
    ],
    [
      'are reported with a reason when the installed packages have no file lists',
      [[DEBIAN, status('coreutils'), program('usr/bin/ls')]],
      [
        '1 executable of unknown origin in layer 0, because the installed packages have no file lists: usr/bin/ls; ' +
          'keep the file lists in the image, such as var/lib/dpkg/info',
      ],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await toldOf(layers)).toEqual(expected);
  });
});

describe('a program in which packages are found', () => {
  const section = (name: string, content: string | Uint8Array): Buffer => {
    const bytes = elfFile([{ name, content: Buffer.from(content) }]);
    bytes.writeUInt16LE(ET.executable, 16);
    return bytes;
  };
  const lines = linesOf('path example.com/app', 'mod example.com/app v1.0.0 h1:x=');

  it('has a known origin: build information of Go', async () => {
    expect(
      await toldOf([[program('opt/app', section('.go.buildinfo', inlineInformation('go1.24.4', lines)))]]),
    ).toEqual([]);
  });

  it('has an unknown origin without build information of Go', async () => {
    expect(await toldOf([[program('opt/app', section('.gopclntab', 'functions'))]])).toEqual([told(1, 0, 'opt/app')]);
  });

  it('has a known origin: a Clair classifier, also through hard links', async () => {
    const nginx = section('.rodata', '\0nginx version: nginx/1.27.2\0');
    expect(await toldOf([[program('opt/nginx', nginx), hard('opt/other', 'opt/nginx')]])).toEqual([]);
  });

  it('has a known origin: a classifier of the user', async () => {
    const image = [[program('opt/tool', section('.rodata', '\0tool/1.2.3\0'))]];
    expect(await toldOf(image)).toEqual([told(1, 0, 'opt/tool')]);
    const own = { name: 'tool', files: ['tool'], expressions: ['tool/{version}'] };
    expect(await toldOf(image, detectorsWith([own]))).toEqual([]);
  });
});
