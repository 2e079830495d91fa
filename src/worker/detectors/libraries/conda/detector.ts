import { shownName } from '../../../../bytes/tar/name.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { objectOf, readJson } from '../json-value.ts';
import { valueFault } from '../library-fields.ts';

/** The file lists of the largest packages have some 10 MiB. */
export const MAX_RECORD_BYTES: number = 32 * 1024 * 1024;

/** Reads the packages that Conda installed, other than Python distributions. */
export const condaPackages: Detector = {
  id: 'conda-packages',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.json', parentSuffix: 'conda-meta' }],
  read: readRecord,
  coverage: {
    use: 'packages that Conda installed, by `conda-meta/*.json`',
    notes: [
      'A Python distribution that Conda installed is listed once, as the PyPI package that its files describe. No feed covers other packages.',
    ],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readRecord(path: string, bytes: Uint8Array): FileFacts {
  const [directory] = path.split('/').slice(-2);
  if (directory !== 'conda-meta') return NOTHING;
  const reading = readJson(bytes, MAX_RECORD_BYTES);
  if ('problem' in reading) return skipped(path, `it is ${reading.problem}`);
  const { name, version, files } = objectOf(reading.value) ?? {};
  const fault = valueFault('name', name) ?? valueFault('version', version);
  if (fault !== undefined) return skipped(path, `it has ${fault}`);
  if (Array.isArray(files) && files.some(describesDistribution)) return NOTHING;
  return {
    features: [{ feature: { type: 'conda', name: String(name), version: String(version) }, path }],
    diagnostics: [],
  };
}

/** A file that the detector of Python distributions reads. */
const METADATA = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/;

function describesDistribution(file: unknown): boolean {
  return typeof file === 'string' && METADATA.test(file);
}

function skipped(path: string, why: string): FileFacts {
  return {
    diagnostics: [{ code: 'library-unreadable', message: `${shownName(path)} was skipped: ${why}`, where: path }],
  };
}
