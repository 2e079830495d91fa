import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../bytes/chunks/chunked-bytes.ts';
import { createProgramBytes } from './program-bytes.ts';

const chunked = (text: string): ChunkedBytes =>
  new ChunkedBytes([Buffer.from(text.slice(0, 2)), Buffer.from(text.slice(2))]);

describe('the content of programs', () => {
  it('is a copy of all chunks', () => {
    const programs = createProgramBytes(10);
    const bytes = Buffer.from('abc');
    programs.keep('bin/a', 's', new ChunkedBytes([bytes, Buffer.from('de')]));
    bytes.fill(0);
    expect(Buffer.from(programs.at('bin/a', 's') ?? []).toString()).toBe('abcde');
  });

  it('is returned only for the program with this start', () => {
    const programs = createProgramBytes(10);
    programs.keep('bin/a', 'old', chunked('abc'));
    programs.keep('bin/a', 'new', chunked('def'));
    expect(programs.at('bin/a', 'old')).toBeUndefined();
    expect(String(programs.at('bin/a', 'new'))).toBe(String(Buffer.from('def')));
  });

  it('is not kept if it does not fit', () => {
    const programs = createProgramBytes(4);
    programs.keep('bin/a', 's', chunked('abc'));
    programs.keep('bin/b', 's', chunked('abcde'));
    expect([programs.at('bin/a', 's')?.length, programs.at('bin/b', 's')]).toEqual([3, undefined]);
  });

  it('is always the last content kept for a path, and includes the last programs that fit in half the memory', () => {
    const program = fc.record({
      path: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      text: fc.string({ unit: fc.constantFrom('x', 'y', 'z'), minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(program, { maxLength: 60 }), (all) => {
        const programs = createProgramBytes(40);
        const kept = new Map<string, { readonly text: string; readonly before: number }>();
        let written = 0;
        for (const { path, text } of all) {
          programs.keep(path, text, chunked(text));
          kept.set(path, { text, before: written });
          written += text.length;
          const wrong = [...kept].filter(([each, { text: content, before }]) => {
            const found = programs.at(each, content);
            // A program that does not fit into the rest of the memory is written at the start of the memory.
            if (found === undefined) return written - before <= 20;
            return Buffer.from(found).toString() !== content;
          });
          expect(wrong).toEqual([]);
        }
      }),
    );
  });
});
