import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { buildDockerArchive } from '../../src/worker/testing/image-builder.ts';
import { type Member, tarOf, withoutEnd } from '../../src/bytes/testing/tar-builder.ts';
import { corpusOf } from '../../test/faults/fuzz/corpus.ts';
import { sized } from '../size.ts';

/** A hostile archive of an image. */
export type HostileArchive = { readonly name: string; readonly bytes: () => Promise<Buffer> };

const OS_RELEASE: Member = {
  name: 'etc/os-release',
  content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
};
const STATUS_FOLDER = 'var/lib/dpkg/status.d';

/** The source package with the vulnerabilities that this bench creates. */
export const SOURCE = 'linux';

/** Archives that once blocked Clair for seconds to hours, or crashed it. */
export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [
  { name: '400 links through 38 links of 63 KiB', bytes: () => imageOf(linkBomb(sized(400, 10))) },
  { name: '19,900 links through 38 links of 63 KiB', bytes: () => imageOf(linkBomb(sized(19_900, 20))) },
  {
    name: 'four layers of 19,900 such links',
    bytes: () => imageOf(...[0, 1, 2, 3].map((at) => linkBomb(sized(19_900, 30) - at))),
  },
  { name: '19,000 links of 25 KB', bytes: () => imageOf(longLinks()) },
  { name: '235,000 packages', bytes: () => imageOf(packages(sized(235_000, 100))) },
  { name: '2,300,000 packages', bytes: () => imageOf(packages(sized(2_300_000, 200))) },
  {
    name: '19,000 packages of one source, 20 findings each',
    bytes: () => imageOf(packages(sized(19_000, 10), SOURCE)),
  },
  { name: '1,000 layers, over 19,000 files', bytes: () => imageOf(manyFiles(), ...smallLayers(sized(999, 3))) },
  {
    name: '1 GiB of zeros',
    bytes: () => imageOf(tarOf({ name: 'zeros', content: Buffer.alloc(sized(2 ** 30, 2 ** 20)) })),
  },
];

/** Returns the seeds of the fuzzer (`test/faults/fuzz`), each as an image. */
export async function fuzzCorpus(): Promise<readonly HostileArchive[]> {
  const samples = await corpusOf();
  return samples.map(({ name, form, bytes, wrap }) => ({
    name,
    bytes: async () => (form === 'image' ? wrap(bytes) : await imageOf(wrap(bytes))),
  }));
}

async function imageOf(...tars: readonly Buffer[]): Promise<Buffer> {
  return gzipSync(
    await buildDockerArchive(
      tars.map((tar) => ({ tar, createdBy: 'RUN x' })),
      'hostile:1',
    ),
  );
}

/**
 * Returns links whose targets are long paths to the next link: a lookup takes one step for each segment of all targets.
 */
function linkBomb(count: number): Buffer {
  const way = '/etc/..'.repeat(9200);
  const long = Array.from({ length: 38 }, (_, index) => link(`c${index}`, `${way}/${STATUS_FOLDER}/c${index + 1}`));
  return tarOf(OS_RELEASE, ...long, ...Array.from({ length: count }, (_, index) => link(`n${index}`, 'c0')));
}

function longLinks(): Buffer {
  const target = 'x/'.repeat(12_500);
  return tarOf(
    OS_RELEASE,
    ...Array.from({ length: sized(19_000, 10) }, (_, index) => link(`n${index}`, `${target}${index}`)),
  );
}

/** Returns a symbolic link with its target in a PAX record, because the header has space for only 100 bytes. */
function link(name: string, target: string): Buffer {
  const record = `linkpath=${target}\n`;
  let length = record.length + 3;
  while (`${length} ${record}`.length !== length) length = `${length} ${record}`.length;
  return withoutEnd(
    { name: 'PaxHeaders/0', type: 'x', content: `${length} ${record}` },
    { name: `${STATUS_FOLDER}/${name}`, type: '2', link: 'x' },
  );
}

function packages(count: number, source?: string): Buffer {
  const rest = 'Status: install ok installed\nVersion: 1\nArchitecture: amd64\n';
  const stanza = (index: number): string =>
    `Package: p${index}\n${rest}${source === undefined ? '' : `Source: ${source}\n`}\n`;
  const parts = Array.from({ length: Math.ceil(count / 1000) }, (_, part) =>
    Buffer.from(Array.from({ length: 1000 }, (_none, at) => stanza(part * 1000 + at)).join('')),
  );
  return tarOf(OS_RELEASE, { name: 'var/lib/dpkg/status', content: Buffer.concat(parts) });
}

function manyFiles(): Buffer {
  const one = (index: number): Member => ({
    name: `${STATUS_FOLDER}/f${index}`,
    content: `Package: f${index}\nVersion: 1\nArchitecture: amd64\n`,
  });
  return tarOf(OS_RELEASE, ...Array.from({ length: sized(19_000, 10) }, (_, index) => one(index)));
}

function smallLayers(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const name = createHash('sha256').update(String(index)).digest('hex').slice(0, 8);
    return tarOf({ name: `${STATUS_FOLDER}/${name}`, content: `Package: ${name}\nVersion: 1\nArchitecture: amd64\n` });
  });
}
