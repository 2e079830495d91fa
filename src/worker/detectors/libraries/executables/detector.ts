import { createHash } from 'node:crypto';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { isGoTestData } from '../golang/goroot.ts';
import { isProgram } from './program-test.ts';

/** Marks the programs of a layer, so that programs of unknown origin can be counted. */
export const executables: Detector = {
  id: 'executables',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'executable' }],
  read: (path, bytes) => readExecutable(path, new ChunkedBytes([bytes])),
  readChunks: readExecutable,
  coverage: {
    use: 'no packages: ELF, PE and Mach-O programs of unknown origin are counted by layer (`executable-origin-unknown`)',
    notes: [
      'The origin of a program is known if packages were found in it, a package of the distribution owns it, or it is in the directory of an installed language package. Hard links to one program count once.',
      'Libraries, object files, kernel modules, firmware, scripts and the test data of a Go installation are not counted.',
    ],
  },
};

/** The start of a program contains the program headers and, with most linkers, the build ID. */
const START_BYTES = 4096;

/**
 * No file list contains the scripts of packages, so their origin would seem unknown. Some of these scripts are
 * programs, such as `bash.preinst` in Debian 11.
 */
const SCRIPT_OF_DPKG = /^var\/lib\/dpkg\/info\/[^/]+\.(?:pre|post)(?:inst|rm)$/;

/**
 * The length of `start`; the probability that two files of an image have equal digests by chance is below 1 in 10 **
 * 20.
 */
const TEXT_CHARACTERS = 16;

function readExecutable(path: string, bytes: ChunkedBytes): FileFacts {
  if (!isProgram(bytes) || isGoTestData(path) || SCRIPT_OF_DPKG.test(path)) return { diagnostics: [] };
  const hash = createHash('sha256').update(`${bytes.length}\n`).update(bytes.range(0, START_BYTES));
  return { executable: { start: hash.digest('base64url').slice(0, TEXT_CHARACTERS) }, diagnostics: [] };
}
