import { configOf } from '../../../src/worker/testing/image-builder.ts';
import { type Member, tarOf } from '../../../src/bytes/testing/tar-builder.ts';
import { dpkgStatus, RELEASE_FILES } from './corpus-databases.ts';
import type { Sample } from './corpus.ts';

const STATUS = 'var/lib/dpkg/status';
const STATUS_D = 'var/lib/dpkg/status.d';
const OS_RELEASE: Member = { name: 'etc/os-release', content: RELEASE_FILES['etc/os-release'] };

/** The number of layers is small, because each case reads all layers several times. */
const CHAIN = 20;

/** More packages than Clair reads from an image. */
const MANY = 20_500;

const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
const hard = (name: string, target: string): Member => ({ name, type: '1', link: target });

/** Returns samples for code that follows links, counts packages and stacks layers. */
export function linkSamples(): readonly Sample[] {
  const links = tarOf(
    link('var/lib/dpkg', '/data/dpkg'),
    link('data', 'mnt/../srv'),
    { name: 'mnt', type: '5' },
    link('srv/dpkg/status.d', '../packages'),
    { name: 'srv/dpkg/status', content: dpkgStatus(3) },
    { name: 'srv/packages/one', content: dpkgStatus(1) },
    link('srv/packages/two', '/opt/a'),
    link('opt/a', 'b'),
    { name: 'opt/b', content: dpkgStatus(2) },
    link('etc/os-release', '../../../opt/release'),
    { name: 'opt/release', content: RELEASE_FILES['etc/os-release'] },
  );
  const hardLinks = tarOf(
    { name: 'data/status', content: dpkgStatus(3) },
    hard(STATUS, 'data/status'),
    { name: 'data/status', content: dpkgStatus(1) },
    hard(`${STATUS_D}/a`, 'data/missing'),
    hard(`${STATUS_D}/b`, STATUS),
    link('data/l', '/data/status'),
    hard(`${STATUS_D}/c`, 'data/l'),
    { name: 'opt/release', content: RELEASE_FILES['etc/os-release'] },
    hard('etc/os-release', 'opt/release'),
  );
  const circles = tarOf(
    OS_RELEASE,
    ...Array.from({ length: 20 }, (_, at) => link(`${STATUS_D}/c${at}`, `${'../status.d/'.repeat(7)}c${at + 1}`)),
    ...Array.from({ length: 20 }, (_, at) => link(`${STATUS_D}/n${at}`, 'c0')),
    link(`${STATUS_D}/c20`, 'c0'),
    link('a', 'b'),
    link('b', '/a/x/../..'),
    link(STATUS, '/a'),
  );
  const many = Array.from({ length: MANY }, (_, at) => `P:p${at}\nV:1\n\n`);
  return [
    sample('links to what no detector reads', links),
    sample('hard links', hardLinks),
    sample('links in circles', circles),
    sample('more packages than are read', Buffer.from(many.join('')), (content) =>
      tarOf({ name: 'lib/apk/db/installed', content }),
    ),
    { ...sample('one layer many times', links, chainOf), form: 'image' },
    { ...sample('hard links in many layers', hardLinks, chainOf), form: 'image' },
  ];
}

function sample(name: string, bytes: Buffer, wrap: (mutated: Buffer) => Buffer = (mutated) => mutated): Sample {
  return { name, bytes, form: 'layer', wrap, sealed: false };
}

/** Returns an image that repeats a layer between layers that change and remove files. */
function chainOf(tar: Buffer): Buffer {
  const between = [
    tarOf({ name: 'srv/dpkg/status', content: dpkgStatus(2) }),
    tarOf({ name: 'srv/packages/.wh.one' }, { name: 'data/.wh.status' }),
    tarOf(link(STATUS, '/srv/other'), { name: 'srv/other', content: dpkgStatus(4) }),
  ];
  const base = tarOf(OS_RELEASE, { name: STATUS, content: dpkgStatus(3) });
  const tars = Array.from({ length: CHAIN }, (_, at) => (at % 2 === 0 ? tar : (between[(at >> 1) % 3] ?? base)));
  const layers = [base, ...tars].map((each) => ({ tar: each, createdBy: '' }));
  const names = layers.map((_, at) => `${at}.tar`);
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [], Layers: names }]);
  return tarOf(
    ...layers.map((each, at): Member => ({ name: names[at] ?? '', content: each.tar })),
    { name: 'config.json', content: JSON.stringify(configOf(layers)) },
    { name: 'manifest.json', content: manifest },
  );
}
