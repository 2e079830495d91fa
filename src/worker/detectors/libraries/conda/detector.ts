import { shownName } from '../../../../bytes/tar/name.ts';
import { normalizedPypiName } from '../../../../ecosystems/languages/pypi-name.ts';
import type { Detector, DistributionName, FileFacts } from '../../detector.ts';
import { objectOf, readJson } from '../json-value.ts';
import { valueFault } from '../library-fields.ts';
import { placeOfDistribution } from '../pypi/distribution-place.ts';

/** The maximum size of a record in bytes; the file lists of the largest packages are about 10 MiB. */
export const MAX_RECORD_BYTES: number = 32 * 1024 * 1024;

/**
 * Reads the packages that Conda installed. A package that consists of Python distributions is left out of an image if
 * the Python detector lists these distributions. One layer is not sufficient for this decision, because an upper layer
 * may delete or upgrade a distribution.
 */
export const condaPackages: Detector = {
  id: 'conda-packages',
  kind: 'features',
  version: 2,
  wants: [{ kind: 'suffix', suffix: '.json', parentSuffix: 'conda-meta' }],
  read: readRecord,
  coverage: {
    use: 'packages that Conda installed, from `conda-meta/*.json`',
    notes: [
      'A Python distribution that Conda installed is listed once, as the PyPI package that its files describe; without these files, the distribution is listed as a Conda package. No feed covers Conda packages.',
    ],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readRecord(path: string, bytes: Uint8Array): FileFacts {
  const [directory, file] = path.split('/').slice(-2);
  if (directory !== 'conda-meta') return NOTHING;
  const reading = readJson(bytes, MAX_RECORD_BYTES);
  if ('problem' in reading) return skipped(path, `it ${reading.problem}`);
  const { name, version, files } = objectOf(reading.value) ?? {};
  const fault = valueFault('name', name) ?? valueFault('version', version);
  if (fault !== undefined) return skipped(path, `it has ${fault}`);
  const distributions = distributionsOf(files, path.slice(0, -`${directory}/${file}`.length));
  return {
    features: [{ feature: { type: 'conda', name: String(name), version: String(version) }, path }],
    ...(distributions.length > 0 && { marks: [{ path, distributions }] }),
    diagnostics: [],
  };
}

/** Matches a path up to the `.dist-info` or `.egg-info` directory or file of a distribution. */
const DISTRIBUTION = /^.*\.(?:dist|egg)-info(?=\/|$)/;

/** Matches a file that the detector of Python distributions reads. */
const METADATA = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/;

/**
 * Returns the installed Python distributions among the files of a package.
 *
 * @param prefix the environment with a final slash; empty for the root
 */
function distributionsOf(files: unknown, prefix: string): readonly DistributionName[] {
  const found = new Map<string, DistributionName>();
  for (const file of Array.isArray(files) ? files : []) {
    if (typeof file !== 'string' || !METADATA.test(file)) continue;
    const [at = ''] = DISTRIBUTION.exec(file) ?? [];
    if (placeOfDistribution(at) !== 'installed') continue;
    const slash = at.lastIndexOf('/');
    const [name = ''] = at.slice(slash + 1).split(/-|\.(?:dist|egg)-info$/, 1);
    const directory = `${prefix}${at.slice(0, Math.max(slash, 0))}`;
    found.set(`${name}\n${directory}`, { directory, name: normalizedPypiName(name) });
  }
  return [...found.values()];
}

function skipped(path: string, why: string): FileFacts {
  return {
    diagnostics: [{ code: 'library-unreadable', message: `${shownName(path)} was skipped: ${why}`, where: path }],
  };
}
