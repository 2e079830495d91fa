import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import { contentOf, sectionNamed } from '../executables/executable.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { unidentified } from '../executables/unidentified.ts';
import { parseCrates } from './parse-crates.ts';

/** Reads the list of crates that `cargo auditable` writes into a section of Rust programs. */
export const rustPrograms: Detector = {
  id: 'rust-programs',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'executable' }],
  read: (path, bytes) => readRustProgram(path, new ChunkedBytes([bytes])),
  readChunks: readRustProgram,
  coverage: {
    use: 'crates that `cargo auditable` listed in Rust programs (section `.dep-v0` of ELF, PE, Mach-O)',
    notes: [
      'Crates that are only needed for the build are ignored. Crates that are not from crates.io (from a directory, git or another registry, and the crate of the program itself) are listed with the flag `vendored` and not matched.',
      'The crates of a Rust program without the section `.dep-v0` are unknown, and no diagnostic states this gap.',
    ],
  },
};

/** The name of the section in ELF, PE and Mach-O (segment `__DATA`). */
const SECTION = '.dep-v0';

function readRustProgram(path: string, bytes: ChunkedBytes): FileFacts {
  const features = new Map<string, LibraryPackage>();
  const reasons = new Set<string>();
  for (const executable of readExecutables(bytes)) {
    const section = sectionNamed(executable, SECTION);
    if (section === undefined) continue;
    const { crates, reason } = parseCrates(contentOf(executable, section).whole());
    if (reason !== undefined) reasons.add(reason);
    for (const crate of crates) {
      const { name, version, flags = [] } = crate;
      features.set([name, version, ...flags].join(' '), crate);
    }
  }
  return {
    ...(features.size > 0 && { features: [...features.values()].map((feature) => ({ feature, path })) }),
    diagnostics: [...reasons].map((reason) => unidentified(path, reason, features.size)),
  };
}
