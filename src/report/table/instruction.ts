import { printable } from '../../model/printable.ts';

/**
 * The instruction of a layer as somebody wrote it: without what builders put around it (`/bin/sh -c #(nop)`, `/bin/sh -c`, the
 * arguments of the build, BuildKit's mark at the end), on one line.
 */
export function instructionText(createdBy: string): string {
  const text = printable(createdBy.slice(0, MAX_LENGTH).replace(/\s+/g, ' ').trim());
  const plain = text.replace(BUILDKIT_MARK, '');
  const [, instruction] = NO_OPERATION.exec(plain) ?? [];
  if (instruction !== undefined) return instruction;
  const [, command] = SHELL.exec(plain) ?? [];
  if (command !== undefined) return `RUN ${command}`;
  return plain === '' ? WITHOUT_INSTRUCTION : plain;
}

const WITHOUT_INSTRUCTION = '(the image does not tell by what)';

/** Instructions may be scripts; nobody reads that much of one in a table. */
const MAX_LENGTH = 4000;

const BUILDKIT_MARK = / # buildkit$/;

/** Of the older builder, for what runs nothing: `/bin/sh -c #(nop) ADD file:1 in /`. */
const NO_OPERATION = /^\/bin\/sh -c #\(nop\) (.+)$/;

/** A command, of either builder, with the arguments of the build before it: `RUN |1 A=b /bin/sh -c apt-get update`. */
const SHELL = /^(?:RUN )?(?:\|\d+ .*?)?\/bin\/(?:ba|da|a)?sh (?:-[a-z]+ (?:pipefail )?)*-[a-z]*c (.+)$/;
