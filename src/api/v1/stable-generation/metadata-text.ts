import { ClairError } from '../../../errors.ts';

/** The limits of the metadata, far above the size of the few scores that Clair v1 stored as metadata. */
const MAX_DEPTH = 32;
const MAX_CHARACTERS = 64 * 1024;

/**
 * Writes the metadata of a vulnerability as JSON.
 *
 * @throws ClairError `request/invalid` for more than 32 levels or 65,536 characters
 */
export function metadataText(metadata: object): string {
  // The loop checks the value level by level, because a body of 1 MiB can be nested too deeply for recursion.
  let level: readonly unknown[] = [metadata];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw invalid(`is nested more than ${MAX_DEPTH} levels deep`);
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  const text = JSON.stringify(metadata);
  if (text.length > MAX_CHARACTERS) throw invalid(`is longer than ${MAX_CHARACTERS} characters`);
  return text;
}

function invalid(fault: string): ClairError {
  return new ClairError('request/invalid', `body.Vulnerability.Metadata ${fault}`);
}
