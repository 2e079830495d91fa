import { ClairError } from '../../../errors.ts';

/** Far more than what the original kept, a few scores. */
const MAX_DEPTH = 32;
const MAX_CHARACTERS = 64 * 1024;

/**
 * Writes what a client wants to be kept with a vulnerability as JSON.
 *
 * @throws ClairError `request/invalid` for what is nested more than 32 deep, or longer than 64 Ki characters.
 */
export function metadataText(metadata: object): string {
  // Level by level: a body of 1 MiB can be nested deeper than what calls itself can follow.
  let level: readonly unknown[] = [metadata];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw invalid(`is nested more than ${MAX_DEPTH} deep`);
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  const text = JSON.stringify(metadata);
  if (text.length > MAX_CHARACTERS) throw invalid(`is longer than ${MAX_CHARACTERS} characters`);
  return text;
}

function invalid(fault: string): ClairError {
  return new ClairError('request/invalid', `body.Vulnerability.Metadata ${fault}`);
}
