import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Layer } from '../model/layer.ts';
import type { Detector } from './detectors/detector.ts';
import { DETECTORS } from './detectors/index.ts';
import { elfFile } from './detectors/libraries/executables/testing/elf-file.ts';
import { file, gone, layeredImage, link } from './testing/layered-image.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

/** A sample detector of libraries; a file is named after the library and contains its version. */
const MADE: Detector = {
  id: 'made',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.made' }],
  read(path, bytes) {
    const name = path.slice(path.lastIndexOf('/') + 1, -'.made'.length);
    // The list of ecosystems is closed, so the library uses a listed type.
    const source = { name, version: '1' };
    return {
      features: [{ feature: { type: 'deb', name, version: Buffer.from(bytes).toString(), arch: '', source }, path }],
      diagnostics: [],
    };
  },
};

let store: Store;
let worker: Worker;

beforeEach(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: [...DETECTORS, MADE] });
});
afterEach(async () => await store.close());

const RELEASE = file('etc/os-release', 'ID=debian\nVERSION_ID=12\n');

/** Writes the status file of packages given as `name version` or `name version arch`. */
function status(...packages: readonly string[]): Member {
  const stanzas = packages.map((written) => {
    const [name = '', version = '', arch = 'amd64'] = written.split(' ');
    return `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: ${arch}\n`;
  });
  return file('var/lib/dpkg/status', stanzas.join('\n'));
}

const list = (name: string, ...paths: readonly string[]): Member =>
  file(`var/lib/dpkg/info/${name}.list`, ['/.', ...paths].map((path) => `${path}\n`).join(''));

async function ownedAt({ id }: Layer): Promise<readonly string[]> {
  const installed = await store.layers.features(id);
  const located = installed.filter(({ path }) => path !== '');
  return located
    .map(({ path, owner }) => {
      const by = owner && `${owner.feature.name} ${owner.feature.version} ${owner.feature.arch} of ${owner.namespace}`;
      return `${path}: ${by ?? 'nobody'}`;
    })
    .toSorted();
}

async function shown(...layers: readonly (readonly Member[])[]): Promise<readonly (readonly string[])[]> {
  return await Promise.all((await worker.analyzeImage(layeredImage(...layers))).map(ownedAt));
}

describe('the owner of a library', () => {
  it('is the package that lists its file', async () => {
    const [layer] = await shown([
      RELEASE,
      status('app 1', 'other 2'),
      list('app', '/usr', '/usr/share', '/usr/share/x.made'),
      list('other', '/usr/share/else.made'),
      file('usr/share/x.made', '1'),
      file('srv/x.made', '1'),
    ]);
    expect(layer).toEqual(['srv/x.made: nobody', 'usr/share/x.made: app 1 amd64 of debian:12']);
  });

  it('is found by real paths with a merged /usr, regardless of the listed path', async () => {
    const [layer] = await shown([
      RELEASE,
      status('app 1', 'other 2'),
      link('lib', 'usr/lib'),
      link('opt', '/srv/opt'),
      list('app', '/lib/app/x.made', '/opt/y.made'),
      list('other', '/usr/lib/app/z.made'),
      file('usr/lib/app/x.made', '1'),
      file('usr/lib/app/z.made', '1'),
      file('srv/opt/y.made', '1'),
    ]);
    expect(layer).toEqual([
      'srv/opt/y.made: app 1 amd64 of debian:12',
      'usr/lib/app/x.made: app 1 amd64 of debian:12',
      'usr/lib/app/z.made: other 2 amd64 of debian:12',
    ]);
  });

  it('is unknown if only a link of a layer above the package leads to the file', async () => {
    const [, layer] = await shown(
      [RELEASE, status('app 1'), list('app', '/lib/x.made'), file('usr/lib/x.made', '1')],
      [link('lib', 'usr/lib')],
    );
    expect(layer).toEqual(['usr/lib/x.made: nobody']);
  });

  it('is the diverting package, not the package whose file is diverted', async () => {
    const [layer] = await shown([
      RELEASE,
      status('app 1', 'diverting 2'),
      list('app', '/usr/lib/x.made', '/usr/lib/y.made'),
      list('diverting', '/usr/lib/x.made'),
      file(
        'var/lib/dpkg/diversions',
        '/usr/lib/x.made\n/usr/lib/x.real.made\ndiverting\n/usr/lib/y.made\n/usr/lib/y.old.made\n:\n',
      ),
      file('usr/lib/x.made', '2'),
      file('usr/lib/x.real.made', '1'),
      file('usr/lib/y.made', '2'),
      file('usr/lib/y.old.made', '1'),
    ]);
    expect(layer).toEqual([
      'usr/lib/x.made: diverting 2 amd64 of debian:12',
      'usr/lib/x.real.made: app 1 amd64 of debian:12',
      'usr/lib/y.made: nobody',
      'usr/lib/y.old.made: app 1 amd64 of debian:12',
    ]);
  });

  it('is the first package by name if several list the file', async () => {
    const [layer] = await shown([
      RELEASE,
      status('b 1', 'a 2 i386', 'a 2 amd64'),
      list('b', '/x.made'),
      list('a:i386', '/x.made'),
      list('a:amd64', '/x.made'),
      file('x.made', '1'),
    ]);
    expect(layer).toEqual(['x.made: a 2 amd64 of debian:12']);
  });

  it('is unknown if the package is not installed', async () => {
    const [layer] = await shown([
      RELEASE,
      status('other 1', 'app 1 i386'),
      list('gone', '/x.made'),
      list('app:amd64', '/y.made'),
      file('x.made', '1'),
      file('y.made', '1'),
    ]);
    expect(layer).toEqual(['x.made: nobody', 'y.made: nobody']);
  });

  it('is found in a distroless database', async () => {
    const [layer] = await shown([
      RELEASE,
      file('var/lib/dpkg/status.d/app', 'Package: app\nVersion: 1\nArchitecture: amd64\n'),
      file('var/lib/dpkg/status.d/app.md5sums', `${'0'.repeat(32)}  usr/x.made\n`),
      file('usr/x.made', '1'),
    ]);
    expect(layer).toEqual(['usr/x.made: app 1 amd64 of debian:12']);
  });

  it('is the apk package whose record lists the file', async () => {
    const [layer] = await shown([
      file('etc/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n'),
      file('etc/alpine-release', '3.20.1\n'),
      file('lib/apk/db/installed', 'P:app\nV:1-r0\nA:x86_64\nF:usr/lib\nR:x.made\n\n'),
      file('usr/lib/x.made', '1'),
    ]);
    expect(layer).toEqual(['usr/lib/x.made: app 1-r0 x86_64 of alpine:v3.20']);
  });
});

describe('layers above', () => {
  const BASE = [RELEASE, status('app 1'), list('app', '/usr/x.made'), file('usr/x.made', '1')];
  const OWNED = 'usr/x.made: app 1 amd64 of debian:12';

  it('keep the owner', async () => {
    const layers = await worker.analyzeImage(layeredImage(BASE, [file('usr/y', '')], [file('usr/y.made', '1')]));
    expect(await Promise.all(layers.map(ownedAt))).toEqual([[OWNED], [OWNED], [OWNED, 'usr/y.made: nobody']]);
  });

  it.each<[string, readonly Member[], string]>([
    ['upgrade the package', [status('app 2')], 'usr/x.made: app 2 amd64 of debian:12'],
    ['upgrade package and file', [status('app 2'), file('usr/x.made', '2')], 'usr/x.made: app 2 amd64 of debian:12'],
    ['replace the file only', [file('usr/x.made', '2')], 'usr/x.made: nobody'],
    ['touch the file only', [file('usr/x.made', '1')], OWNED],
    ['remove the package and leave its file', [status('other 1')], 'usr/x.made: nobody'],
    ['remove the list', [gone('var/lib/dpkg/info/app.list')], 'usr/x.made: nobody'],
    ['hide all lists', [file('var/lib/dpkg/info/.wh..wh..opq', '')], 'usr/x.made: nobody'],
    ['list other files', [list('app', '/usr/other.made')], 'usr/x.made: nobody'],
    [
      'pass the file on to another package',
      [status('app 1', 'new 3'), list('app', '/usr/other.made'), list('new', '/usr/x.made')],
      'usr/x.made: new 3 amd64 of debian:12',
    ],
    [
      'upgrade the release',
      [file('etc/os-release', 'ID=debian\nVERSION_ID=13\n')],
      'usr/x.made: app 1 amd64 of debian:13',
    ],
  ])('may %s', async (_, members, expected) => {
    expect(await shown(BASE, members)).toEqual([[OWNED], [expected]]);
  });

  it('may replace the file, and later upgrade the package with its file', async () => {
    const layers = await shown(
      BASE,
      [file('usr/x.made', '2')],
      [file('usr/y', '')],
      [status('app 3'), file('usr/x.made', '3')],
    );
    const replaced = ['usr/x.made: nobody'];
    expect(layers).toEqual([[OWNED], replaced, replaced, ['usr/x.made: app 3 amd64 of debian:12']]);
  });

  it('lose the owner of a file that was removed in between', async () => {
    const layers = await shown(
      BASE,
      [gone('usr/x.made'), gone('var/lib/dpkg/info/app.list')],
      [file('usr/x.made', '1')],
    );
    expect(layers).toEqual([[OWNED], [], ['usr/x.made: nobody']]);
  });

  it('are compared with stored layers by a new worker, as after a restart', async () => {
    const post = async (name: string, parent: Layer | null, members: readonly Member[]): Promise<Layer> => {
      const source = { where: name, open: async () => inChunks(tarOf(...members)) };
      return await worker.analyzeLayer({ name, parent, source });
    };
    const base = await post('base', null, BASE);
    worker = createLocalWorker({ store, detectors: [...DETECTORS, MADE] });
    const same = await post('same', base, [file('usr/y.made', '1')]);
    expect(await ownedAt(same)).toEqual([OWNED, 'usr/y.made: nobody']);
    worker = createLocalWorker({ store, detectors: [...DETECTORS, MADE] });
    expect(await ownedAt(await post('top', same, [status('app 2')]))).toEqual([
      'usr/x.made: app 2 amd64 of debian:12',
      'usr/y.made: nobody',
    ]);
  });
});

describe('without a features detector', () => {
  it('reads no lists and stores no owners', async () => {
    worker = createLocalWorker({ store, detectors: DETECTORS });
    const [layer] = await worker.analyzeImage(
      layeredImage([RELEASE, status('app 1'), list('app', '/x.made'), file('x.made', '1')]),
    );
    expect(layer).toBeDefined();
    const features = await store.layers.features(layer?.id ?? 0);
    expect(features.map(({ feature, owner }) => [feature.name, owner])).toEqual([['app', undefined]]);
  });
});

describe('a program that is recognised by its content', () => {
  const program = (version: string): Buffer =>
    elfFile([{ name: '.rodata', content: Buffer.from(`\0nginx version: nginx/${version}\0`), isCode: true }]);
  const nginx = (version: string): Member => ({ name: 'usr/sbin/nginx', content: program(version) });

  it('is not listed while a package of the distribution owns it', async () => {
    const base = [RELEASE, status('nginx 1.26.3-1'), list('nginx', '/usr/sbin/nginx'), nginx('1.26.3')];
    expect(
      await shown(
        base,
        [nginx('1.27.2')],
        [status('nginx 1.27.2-1'), nginx('1.27.2')],
        [gone('var/lib/dpkg/info/nginx.list')],
        [list('nginx', '/usr/sbin/nginx')],
      ),
    ).toEqual([[], ['usr/sbin/nginx: nobody'], [], ['usr/sbin/nginx: nobody'], []]);
  });
});
