import { ClairError } from '../errors.ts';

/** So much of a version is quoted in a message: it may come from an attacker. */
const QUOTED_LENGTH = 80;

/** Makes the error `version/invalid` that names a version and the rule it breaks, as in "is empty". */
export function invalidVersion(version: string, rule: string): ClairError {
  return new ClairError('version/invalid', `The version ${quotedVersion(version)} ${rule}.`);
}

/** Quotes the start of a version for a message, with control characters escaped. */
export function quotedVersion(version: string): string {
  return JSON.stringify(version.length > QUOTED_LENGTH ? `${version.slice(0, QUOTED_LENGTH)}…` : version);
}
