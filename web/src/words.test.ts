import { describe, expect, it } from 'vitest';
import { ageInWords, bytesInWords, countOf, instructionOf, shortDigest } from './words.ts';

describe('formatting', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [3_565_158, '3.4 MiB'],
    [157_286_400, '150 MiB'],
    [1024 ** 5, '1024 TiB'],
  ])('writes %d bytes as %s', (bytes, words) => expect(bytesInWords(bytes)).toBe(words));

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [119, '1 minute'],
    [7200, '2 hours'],
    [100 * 86_400, '100 days'],
  ])('writes an age of %d seconds as %s', (seconds, words) => expect(ageInWords(seconds)).toBe(words));

  it('shortens a digest to 12 digits', () =>
    expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('sha256:0123456789ab'));

  it.each([
    [0, '0 findings'],
    [999, '999 findings'],
    [1000, '1,000 findings'],
    [10_000, '10,000 findings'],
  ])('groups the digits of the count %d by thousands', (count, words) => expect(countOf(count, 'finding')).toBe(words));

  it.each([
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c apt-get update # buildkit', 'RUN apt-get update'],
    ['RUN |1 VERSION=2 /bin/sh -c make # buildkit', 'RUN make'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ['', 'Unknown instruction'],
  ])('writes the instruction %s as %s', (createdBy, words) => expect(instructionOf(createdBy)).toBe(words));
});
