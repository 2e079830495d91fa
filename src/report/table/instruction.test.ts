import { describe, expect, it } from 'vitest';
import { instructionText } from './instruction.ts';

describe('instructionText', () => {
  it.each([
    ['/bin/sh -c #(nop) ADD file:1 in / ', 'ADD file:1 in /'],
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c apt-get update &&     apt-get install -y curl', 'RUN apt-get update && apt-get install -y curl'],
    ['RUN /bin/sh -c apt-get update # buildkit', 'RUN apt-get update'],
    ['RUN |2 A=1 B=/bin/b /bin/sh -c make # buildkit', 'RUN make'],
    ['|1 A=1 /bin/sh -c make', 'RUN make'],
    ['RUN /bin/bash -o pipefail -c make', 'RUN make'],
    ['/bin/bash -ec make', 'RUN make'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ['RUN a\n\tb', 'RUN a b'],
    ['debootstrap', 'debootstrap'],
    ['', '(no instruction recorded)'],
    ['RUN \u001B[2J\u202E', 'RUN \\u001b[2J\\u202e'],
  ])('converts %j to %j', (createdBy, expected) => {
    expect(instructionText(createdBy)).toBe(expected);
  });

  it('limits the length', () => {
    expect(instructionText('x'.repeat(1_000_000))).toHaveLength(4000);
  });
});
