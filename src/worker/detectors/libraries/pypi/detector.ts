import { shownName } from '../../../../bytes/tar/name.ts';
import { normalizedPypiName } from '../../../../ecosystems/languages/pypi-name.ts';
import type { LibraryPackage, SystemPackageType } from '../../../../model/feature.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import type { PathPattern } from '../../path-pattern.ts';
import { textFault } from '../library-fields.ts';
import { type CoreMetadata, readCoreMetadata } from './core-metadata.ts';
import { uncertainOrigin } from './direct-url.ts';
import { type DistributionPlace, isImported, placeOfDistribution } from './distribution-place.ts';
import { readRecord } from './record.ts';
import { isZip, readEggName } from './zipped-egg.ts';

const WANTS: readonly PathPattern[] = [
  { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' },
  { kind: 'basename', name: 'INSTALLER', parentSuffix: '.dist-info' },
  { kind: 'basename', name: 'direct_url.json', parentSuffix: '.dist-info' },
  { kind: 'basename', name: 'RECORD', parentSuffix: '.dist-info' },
  { kind: 'basename', name: 'PKG-INFO', parentSuffix: '.egg-info' },
  { kind: 'basename', name: 'METADATA', parentSuffix: '.egg-info' },
  { kind: 'basename', name: 'PKG-INFO', parentSuffix: 'EGG-INFO' },
  { kind: 'suffix', suffix: '.egg-info' },
  { kind: 'suffix', suffix: '.egg' },
];

/**
 * Reads installed Python distributions: wheels (`.dist-info`), and eggs and distutils packages (`.egg-info`, `.egg`).
 * Wheel files, requirements and caches are not installed distributions.
 *
 * Source: https://packaging.python.org/specifications/recording-installed-packages/.
 */
export const pypi: Detector = {
  id: 'pypi',
  kind: 'features',
  version: 2,
  wants: WANTS,
  read: readDistribution,
  coverage: {
    use: 'installed Python distributions (`.dist-info`, `.egg-info`, `.egg`), matched by their normalised names',
    notes: [
      'Distributions inside the directory of another distribution, such as `setuptools/_vendor`, have the flag `vendored`. Distributions in the test data of Python and of packages, and the metadata of the interpreter itself, are not listed.',
      'The name and version of a zipped egg come from its file name, as in setuptools.',
      'Programs that a `RECORD` lists belong to its distribution. If all distributions in a directory have a `RECORD`, Clair counts the other programs in the directory as programs of unknown origin.',
      'If a distribution is an editable install or was installed from a repository, the version may be a placeholder: `library-version-uncertain`.',
    ],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readDistribution(path: string, bytes: Uint8Array): FileFacts {
  const nameAt = path.lastIndexOf('/') + 1;
  const file = path.slice(nameAt);
  const directory = path.slice(0, Math.max(0, nameAt - 1));
  if (file === 'METADATA' || file === 'PKG-INFO') {
    const isEgg = directory === 'EGG-INFO' || directory.endsWith('/EGG-INFO');
    const distribution = isEgg ? directory.slice(0, -'/EGG-INFO'.length) : directory;
    if (!/\.(?:dist-info|egg-info|egg)$/.test(distribution)) return NOTHING;
    return distributionFacts({ path, distribution, metadata: readCoreMetadata(bytes), isFile: false });
  }
  if (file === 'INSTALLER') return installerFacts(directory, bytes);
  if (file === 'direct_url.json') return originFacts(path, directory, bytes);
  if (file === 'RECORD') return recordFacts(directory, bytes);
  if (file.endsWith('.egg-info')) {
    return distributionFacts({ path, distribution: path, metadata: readCoreMetadata(bytes), isFile: true });
  }
  if (!isZip(bytes)) return NOTHING;
  return distributionFacts({ path, distribution: path, metadata: readEggName(file), isFile: false });
}

type Evidence = {
  readonly path: string;
  /** The `.dist-info`, `.egg-info` or `.egg` file or directory. */
  readonly distribution: string;
  readonly metadata: CoreMetadata;
  /** Whether the metadata is an `.egg-info` file, which distutils writes. */
  readonly isFile: boolean;
};

function distributionFacts({ path, distribution, metadata, isFile }: Evidence): FileFacts {
  const place = placeOfDistribution(distribution);
  if (!isListed(place)) return NOTHING;
  const { name, version } = metadata;
  const fault = textFault('Name', name) ?? textFault('Version', version);
  if (name === undefined || version === undefined || fault !== undefined) {
    // Outside the directories that Python imports from, another program may use the suffix.
    if (isFile && !isImported(path)) return NOTHING;
    const message = `${shownName(path)} was skipped: it has ${fault}`;
    return { diagnostics: [{ code: 'library-unreadable', message, where: path }] };
  }
  const normalized = normalizedPypiName(name);
  if (isOfInterpreter(normalized, isFile)) return NOTHING;
  const feature: LibraryPackage = {
    type: 'pypi',
    name: normalized,
    version,
    ...(place === 'vendored' && { flags: ['vendored'] }),
  };
  return { features: [{ feature, path }], diagnostics: [] };
}

function isListed(place: DistributionPlace): boolean {
  return place === 'installed' || place === 'vendored';
}

/** Modules of the standard library that have an egg-info file; their namesakes on PyPI are other distributions. */
const STANDARD_MODULES: ReadonlySet<string> = new Set(['argparse', 'wsgiref', 'lib2to3']);

function isOfInterpreter(name: string, isFile: boolean): boolean {
  return name === 'python' || (isFile && STANDARD_MODULES.has(name));
}

/** The package managers that an INSTALLER file can name; dh-python writes `debian`. */
const INSTALLERS: ReadonlyMap<string, SystemPackageType> = new Map([
  ['debian', 'deb'],
  ['dpkg', 'deb'],
  ['rpm', 'rpm'],
  ['apk', 'apk'],
]);

const MAX_INSTALLER_BYTES = 256;

function installerFacts(directory: string, bytes: Uint8Array): FileFacts {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_INSTALLER_BYTES));
  const installer = INSTALLERS.get(text.trim().toLowerCase());
  if (installer === undefined) return NOTHING;
  return { marks: [{ path: `${directory}/METADATA`, installer }], diagnostics: [] };
}

function recordFacts(directory: string, bytes: Uint8Array): FileFacts {
  const files = isListed(placeOfDistribution(directory)) ? readRecord(bytes) : undefined;
  if (files === undefined) return NOTHING;
  return { marks: [{ path: `${directory}/METADATA`, files }], diagnostics: [] };
}

function originFacts(path: string, directory: string, bytes: Uint8Array): FileFacts {
  if (!isListed(placeOfDistribution(directory))) return NOTHING;
  const origin = uncertainOrigin(bytes);
  if (origin === undefined) return NOTHING;
  const distribution = directory.slice(directory.lastIndexOf('/') + 1, -'.dist-info'.length);
  const message = `${distribution} was installed from ${origin}, so its version may be a placeholder`;
  return { diagnostics: [{ code: 'library-version-uncertain', message, where: path }] };
}
