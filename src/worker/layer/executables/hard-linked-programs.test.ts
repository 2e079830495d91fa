/**
 * Tests that any name of a program can identify the program, although an archive contains the content only at the first
 * name.
 */
import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { detectorsWith } from '../../detectors/index.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import { ET } from '../../detectors/libraries/executables/testing/program-file.ts';
import type { Classifier } from '../../detectors/libraries/programs/classifier.ts';
import { file, hard } from '../../testing/layered-image.ts';
import { readLayer } from '../layer-reader.ts';
import { initialState, nextState } from '../layer-state.ts';
import { executableDiagnostics } from './executable-diagnostics.ts';

const GIT: Classifier = { name: 'git', files: ['git'], expressions: ['\\0git/{version}\\0'] };
const DETECTORS = detectorsWith([GIT]);

function program(text: string, paddingBytes = 0): Buffer {
  const content = Buffer.concat([Buffer.from(`\0${text}\0`, 'latin1'), Buffer.alloc(paddingBytes)]);
  const bytes = elfFile([{ name: '.rodata', content }]);
  bytes.writeUInt16LE(ET.executable, 16);
  return bytes;
}

/** Returns the packages with their paths, and the diagnostics about programs. */
async function found(...members: readonly Member[]): Promise<readonly string[]> {
  const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
  const { contents } = await readLayer(source, DETECTORS);
  const { conclusion } = nextState(initialState(), contents, DETECTORS);
  const features = [...conclusion.features.values()].map(
    ({ feature, path }) => `${feature.name} ${feature.version} ${path}`,
  );
  const unknown = executableDiagnostics(conclusion.executables, () => undefined).map(({ message }) => message);
  const told = conclusion.diagnostics
    .filter(({ code }) => code === 'binary-unidentified')
    .map(({ message }) => message);
  return [...features.toSorted(), ...told, ...unknown];
}

const BUSYBOX = program('BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)');
const PERL = program('/usr/local/lib/perl5/5.36.0/x86_64');
const PYTHON = program('3.11.9');

describe('a program with hard links is recognised by', () => {
  it.each<[what: string, members: readonly Member[], expected: readonly string[]]>([
    [
      'a later name, as in the official images of busybox, whose content is at `bin/[`',
      [
        file('bin/[', BUSYBOX),
        hard('bin/[[', 'bin/['),
        hard('bin/acpid', 'bin/['),
        hard('bin/busybox', 'bin/['),
        hard('bin/wget', 'bin/['),
      ],
      ['busybox 1.36.1 bin/busybox'],
    ],
    [
      'a name that is a link to another link',
      [file('bin/[', BUSYBOX), hard('bin/[[', 'bin/['), hard('bin/busybox', 'bin/[[')],
      ['busybox 1.36.1 bin/busybox'],
    ],
    [
      'each of its names',
      [file('usr/local/bin/perl', PERL), hard('usr/local/bin/perl5.36.0', 'usr/local/bin/perl')],
      ['perl 5.36.0 usr/local/bin/perl', 'perl 5.36.0 usr/local/bin/perl5.36.0'],
    ],
    [
      'the name with the release',
      [file('opt/bin/python3', PYTHON), hard('opt/bin/python3.11', 'opt/bin/python3')],
      ['python 3.11.9 opt/bin/python3.11'],
    ],
    [
      'a name in a classifier of the user, among many programs',
      [
        file('usr/libexec/git-core/git-add', program('git/2.47.3')),
        ...Array.from({ length: 100 }, (_, at) =>
          hard(`usr/libexec/git-core/git-${at}`, 'usr/libexec/git-core/git-add'),
        ),
        hard('usr/bin/git', 'usr/libexec/git-core/git-add'),
      ],
      ['git 2.47.3 usr/bin/git'],
    ],
    [
      'the name of its own classifier, and not by the classifier of another program',
      [
        file('bin/a', program('git/2.47.3')),
        file('bin/b', BUSYBOX),
        hard('bin/git', 'bin/a'),
        hard('bin/busybox', 'bin/b'),
      ],
      ['busybox 1.36.1 bin/busybox', 'git 2.47.3 bin/git'],
    ],
    [
      'the content that the link leads to, if a later member replaced the content at the first name',
      [
        file('bin/a', program('git/2.47.3')),
        hard('bin/b', 'bin/a'),
        file('bin/a', program('git/2.48.0')),
        hard('bin/git', 'bin/a'),
      ],
      [
        'git 2.48.0 bin/git',
        '1 executable of unknown origin in layer 0: bin/b; install them with a package, or describe them with a classifier',
      ],
    ],
  ])('%s', async (_, members, expected) => {
    expect(await found(...members)).toEqual(expected);
  });
});

describe('the content of programs for later hard links', () => {
  const large = (at: number): Member => file(`opt/${at}`, program(`large ${at}`, 3 * 1024 * 1024));

  it('is kept while few bytes of programs follow', async () => {
    const [first] = await found(file('bin/a', BUSYBOX), large(1), large(2), hard('bin/busybox', 'bin/a'));
    expect(first).toBe('busybox 1.36.1 bin/busybox');
  });

  it('is bounded; a program that could not be recognised is reported', async () => {
    const told = await found(file('bin/a', BUSYBOX), large(1), large(2), large(3), hard('bin/busybox', 'bin/a'));
    expect(told).toEqual([
      'the version of "bin/busybox" is unknown: the file was read under another name, and its content is no longer in memory',
      '4 executables of unknown origin in layer 0: bin/a, opt/1, opt/2, …; install them with a package, or describe them with a classifier',
    ]);
  });
});
