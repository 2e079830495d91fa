import { printable } from '../../model/printable.ts';

/**
 * Returns the Dockerfile instruction of a layer on a single line, without the additions of builders (`/bin/sh -c
 * #(nop)`, `/bin/sh -c`, build arguments, BuildKit's suffix).
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

const WITHOUT_INSTRUCTION = '(no instruction recorded)';

/** The maximum length of an instruction in UTF-16 code units. An instruction can contain a whole script. */
const MAX_LENGTH = 4000;

const BUILDKIT_MARK = / # buildkit$/;

/** Matches an instruction of the classic builder that runs no command, such as `/bin/sh -c #(nop) ADD file:1 in /`. */
const NO_OPERATION = /^\/bin\/sh -c #\(nop\) (.+)$/;

/**
 * Matches a shell command of the classic builder or BuildKit, with or without build arguments, such as `RUN |1 A=b
 * /bin/sh -c apt-get update`; captures the command without the shell.
 */
const SHELL = /^(?:RUN )?(?:\|\d+ .*?)?\/bin\/(?:ba|da|a)?sh (?:-[a-z]+ (?:pipefail )?)*-[a-z]*c (.+)$/;
