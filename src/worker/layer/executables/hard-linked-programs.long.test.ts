import { describe, expect, it } from 'vitest';
import type { Member } from '../../../bytes/testing/tar-builder.ts';
import { file, hard } from '../../testing/layered-image.ts';
import { found, programWith } from './testing/found-programs.ts';

const BUSYBOX = programWith('BusyBox v1.36.1 (2024-06-10 07:11:47 UTC)');

describe('the content of programs for later hard links', () => {
  const large = (at: number): Member => file(`opt/${at}`, programWith(`large ${at}`, 3 * 1024 * 1024));

  it('is kept while few bytes of programs follow', async () => {
    const [first] = await found(file('bin/a', BUSYBOX), large(1), large(2), hard('bin/busybox', 'bin/a'));
    expect(first).toBe('busybox 1.36.1 bin/busybox');
  });

  it('is bounded; a program that could not be recognised is reported', async () => {
    const told = await found(file('bin/a', BUSYBOX), large(1), large(2), large(3), hard('bin/busybox', 'bin/a'));
    expect(told).toEqual([
      '"bin/busybox" is a hard link to a program that was read under another name and could not be read again, so its version is unknown',
      '4 executables of unknown origin in layer 0: bin/a, opt/1, opt/2, …; install them with a package, or describe them with a classifier',
    ]);
  });
});
