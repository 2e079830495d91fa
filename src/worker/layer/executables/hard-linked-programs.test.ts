/**
 * Tests that any name of a program can identify the program, although an archive contains the content only at the first
 * name.
 */
import { describe, expect, it } from 'vitest';
import type { Member } from '../../../bytes/testing/tar-builder.ts';
import { file, hard } from '../../testing/layered-image.ts';
import { found, programWith } from './testing/found-programs.ts';

const BUSYBOX = programWith('BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)');
const PERL = programWith('/usr/local/lib/perl5/5.36.0/x86_64');
const PYTHON = programWith('3.11.9');

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
        file('usr/libexec/git-core/git-add', programWith('git/2.47.3')),
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
        file('bin/a', programWith('git/2.47.3')),
        file('bin/b', BUSYBOX),
        hard('bin/git', 'bin/a'),
        hard('bin/busybox', 'bin/b'),
      ],
      ['busybox 1.36.1 bin/busybox', 'git 2.47.3 bin/git'],
    ],
    [
      'the content that the link leads to, if a later member replaced the content at the first name',
      [
        file('bin/a', programWith('git/2.47.3')),
        hard('bin/b', 'bin/a'),
        file('bin/a', programWith('git/2.48.0')),
        hard('bin/git', 'bin/a'),
      ],
      [
        'git 2.48.0 bin/git',
        '1 executable of unknown origin in layer 0: bin/b; install it with a package, or describe it with a classifier',
      ],
    ],
  ])('%s', async (_, members, expected) => {
    expect(await found(...members)).toEqual(expected);
  });
});
