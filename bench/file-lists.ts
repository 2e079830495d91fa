import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readApkFileLists } from '../src/worker/detectors/packages/apk/read-file-lists.ts';
import { readApkInstalled } from '../src/worker/detectors/packages/apk/parse-installed.ts';
import { readDpkgFileList } from '../src/worker/detectors/packages/dpkg/read-file-list.ts';
import { readDpkgStatus } from '../src/worker/detectors/packages/dpkg/parse-status.ts';
import { fileFilterOf } from '../src/worker/detectors/packages/file-filter.ts';
import { childrenOf } from '../src/worker/detectors/path-pattern.ts';
import { createOwnedPaths, type FileFilter, type OwnedPaths } from '../src/worker/detectors/packages/owned-paths.ts';
import { addFileList } from '../src/worker/detectors/packages/rpm/add-file-list.ts';
import { headerFields, openHeader, parseHeader } from '../src/worker/detectors/packages/rpm/parse-header.ts';
import { readSqlite } from '../src/worker/detectors/packages/rpm/read-sqlite.ts';
import { fileTags, rpmHeaderOf, textTag } from '../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';
import { type Figure, timed } from './figure.ts';
import { sized } from './size.ts';

const PACKAGES = sized(1000, 10);

const TITLE = `packages and owned files of a database of ${PACKAGES} packages`;
const AGAINST = 'reading the packages alone (aim: 50 ms and 10 MB more)';

/** 1,000 dpkg lists with 90,000 files and directories, 4 MB. */
export const dpkgFileLists: Figure = {
  title: `${TITLE} of dpkg`,
  against: AGAINST,
  async prepare(folder) {
    const packages = madePackages();
    writeFileSync(join(folder, 'status'), packages.map(({ name }) => statusOf(name)).join(''));
    const lists = packages.map(({ name, files }): readonly [string, string] => [name, dpkgList(files)]);
    writeFileSync(join(folder, 'lists'), lists.map(([, text]) => text).join(''));
    const sizes = lists.map(([name, text]) => [`var/lib/dpkg/info/${name}.list`, Buffer.byteLength(text)]);
    writeFileSync(join(folder, 'sizes'), JSON.stringify(sizes));
  },
  subject(folder) {
    const { status, lists } = dpkgFiles(folder);
    return timed(async () => {
      readDpkgStatus('var/lib/dpkg/status', status);
      return told(lists.flatMap(({ path, bytes }) => readDpkgFileList(path, bytes, isEvidence).owned));
    });
  },
  reference(folder) {
    const { status, lists } = dpkgFiles(folder);
    return timed(async () => {
      readDpkgStatus('var/lib/dpkg/status', status);
      return `${lists.length} lists that are not read`;
    });
  },
};

/** An SQLite database with 1,000 headers and their file lists. */
export const rpmFileLists: Figure = {
  title: `${TITLE} of rpm`,
  against: AGAINST,
  async prepare(folder) {
    const headers = madePackages().map(({ name, files }) => {
      const texts = [name, '1.2.3', '4.el9'].map((text, index) => textTag(1000 + index, text));
      return rpmHeaderOf([...texts, textTag(1022, 'x86_64'), ...fileTags(files)]);
    });
    writeFileSync(join(folder, 'rpmdb.sqlite'), sqliteDatabase(headers));
  },
  subject(folder) {
    const bytes = readFileSync(join(folder, 'rpmdb.sqlite'));
    return timed(async () => {
      const files = createOwnedPaths('var/lib/rpm/rpmdb.sqlite', isEvidence);
      for (const { number, header: blob } of readSqlite(bytes)) {
        const header = openHeader(blob());
        const { name, arch } = headerFields(header);
        addFileList(header, { owner: { type: 'rpm', name, arch }, number }, files);
      }
      return told(files.collected().owned);
    });
  },
  reference(folder) {
    const bytes = readFileSync(join(folder, 'rpmdb.sqlite'));
    return timed(async () => {
      let count = 0;
      for (const { header } of readSqlite(bytes)) count += parseHeader(header()).name === '' ? 0 : 1;
      return `${count} headers with unread file lists`;
    });
  },
};

/** A database with the files and checksums of 1,000 packages. */
export const apkFileLists: Figure = {
  title: `${TITLE} of apk`,
  against: AGAINST,
  async prepare(folder) {
    writeFileSync(join(folder, 'installed'), madePackages().map(apkRecord).join(''));
  },
  subject(folder) {
    const bytes = readFileSync(join(folder, 'installed'));
    return timed(async () => {
      readApkInstalled('lib/apk/db/installed', bytes);
      return told(readApkFileLists('lib/apk/db/installed', bytes, isEvidence).owned);
    });
  },
  reference(folder) {
    const bytes = readFileSync(join(folder, 'installed'));
    return timed(async () => {
      readApkInstalled('lib/apk/db/installed', bytes);
      return 'no files';
    });
  },
};

type MadePackage = { readonly name: string; readonly files: readonly string[] };

/**
 * Package sizes follow a Debian system with servers, compilers and libraries of five languages. Its 1,005 packages list
 * 87,000 files and directories: most packages are small, a tenth of the packages have more than 80 files, and one
 * package has thousands.
 */
function madePackages(): readonly MadePackage[] {
  return Array.from({ length: PACKAGES }, (_, index) => {
    const rank = ((index * 7919) % PACKAGES) / PACKAGES;
    const count = Math.round(1 + 9 / (1.002 - rank));
    const name = `${NAMES[index % NAMES.length]}-${index}`;
    const treeOf = TREES[index % TREES.length] ?? libraryTree;
    const documents = [`/usr/share/doc/${name}/copyright`, `/usr/share/doc/${name}/changelog.Debian.gz`];
    return { name, files: [...documents, ...Array.from({ length: count }, (__, file) => treeOf(name, file))] };
  });
}

const NAMES = [
  'libexample',
  'python3-example',
  'node-example',
  'ruby-example',
  'libexample-java',
  'example-tools',
] as const;

function libraryTree(name: string, file: number): string {
  return file === 0
    ? `/usr/lib/x86_64-linux-gnu/${name}.so.1`
    : `/usr/include/${name}/part-${file >> 5}/header_${file}.h`;
}

const TREES: readonly ((name: string, file: number) => string)[] = [
  libraryTree,
  (name, file) => {
    const packages = '/usr/lib/python3/dist-packages';
    return file === 0
      ? `${packages}/${name}-1.2.dist-info/METADATA`
      : `${packages}/${name}/sub${file >> 5}/module_${file}.py`;
  },
  (name, file) =>
    file % 40 === 0
      ? `/usr/share/nodejs/${name}/node_modules/dep-${file}/package.json`
      : `/usr/share/nodejs/${name}/dist/esm/file-${file}.js`,
  (name, file) =>
    file === 0
      ? `/usr/share/rubygems-integration/all/specifications/${name}-1.2.gemspec`
      : `/usr/lib/ruby/vendor_ruby/${name}/part_${file}.rb`,
  (name, file) => (file < 3 ? `/usr/share/java/${name}-${file}.jar` : `/usr/share/maven-repo/${name}/${file}/a.pom`),
  (name, file) => (file < 4 ? `/usr/bin/${name}-${file}` : `/usr/share/locale/l${file}/LC_MESSAGES/${name}.mo`),
];

const isEvidence: FileFilter = fileFilterOf([
  { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' },
  ...['PKG-INFO', 'package.json', 'installed.json', 'composer.lock'].map(
    (name) => ({ kind: 'basename', name }) as const,
  ),
  ...['.jar', '.war', '.ear', '.gemspec', '.nupkg', '.egg-info'].map((suffix) => ({ kind: 'suffix', suffix }) as const),
  ...childrenOf('usr/bin', 'usr/sbin', 'usr/local/bin'),
]);

function told(owned: readonly OwnedPaths[]): string {
  return `${owned.reduce((sum, { paths }) => sum + paths.length, 0)} owned files`;
}

function statusOf(name: string): string {
  const fields = `Package: ${name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 100\n`;
  const more = 'Maintainer: Debian <x@debian.org>\nArchitecture: amd64\nVersion: 1.2.3-4\nDepends: libc6 (>= 2.38)\n';
  return `${fields}${more}Description: an example\n with some lines\n of text\nHomepage: https://example.org\n\n`;
}

/** Lists the files with all their parent directories, as dpkg does. */
function dpkgList(files: readonly string[]): string {
  const listed = new Set(['/.']);
  for (const file of files) {
    for (let slash = file.indexOf('/', 1); slash !== -1; slash = file.indexOf('/', slash + 1))
      listed.add(file.slice(0, slash));
    listed.add(file);
  }
  return `${[...listed].join('\n')}\n`;
}

function dpkgFiles(folder: string): {
  readonly status: Buffer;
  readonly lists: readonly { readonly path: string; readonly bytes: Buffer }[];
} {
  const sizes = JSON.parse(readFileSync(join(folder, 'sizes'), 'utf8')) as readonly (readonly [string, number])[];
  const all = readFileSync(join(folder, 'lists'));
  let at = 0;
  const lists = sizes.map(([path, size]) => {
    at += size;
    return { path, bytes: all.subarray(at - size, at) };
  });
  return { status: readFileSync(join(folder, 'status')), lists };
}

function apkRecord({ name, files }: MadePackage): string {
  let directory = '';
  const lines = files.map((file) => {
    const slash = file.lastIndexOf('/');
    const parent = file.slice(1, slash);
    const head = parent === directory ? '' : `F:${parent}\n`;
    directory = parent;
    return `${head}R:${file.slice(slash + 1)}\na:0:0:755\nZ:Q1fpzZXZ4Cl2CKnzQmxqrOCe0N8hw=\n`;
  });
  const fields = `C:Q1fpzZXZ4Cl2CKnzQmxqrOCe0N8hw=\nP:${name}\nV:1.2.3-r4\nA:x86_64\nS:1000\nI:2000\nT:an example\n`;
  return `${fields}U:https://example.org\nL:MIT\no:${name}\nm:Example <x@example.org>\nt:1700000000\n${lines.join('')}\n`;
}
