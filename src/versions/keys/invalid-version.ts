import { ClairError } from '../../errors.ts';

/** The maximum number of characters that messages quote from a version, which may come from an attacker. */
const QUOTED_LENGTH = 80;

/** Returns the error `version/invalid` with the version and the broken rule, such as "is empty". */
export function invalidVersion(version: string, rule: string): ClairError {
  return new ClairError('version/invalid', `The version ${quotedVersion(version)} ${rule}.`);
}

/** Quotes the start of a version for a message and escapes control characters. */
export function quotedVersion(version: string): string {
  return JSON.stringify(version.length > QUOTED_LENGTH ? `${version.slice(0, QUOTED_LENGTH)}…` : version);
}
