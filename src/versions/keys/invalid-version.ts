import { ClairError } from '../../errors.ts';

/** The maximum number of characters that messages quote from a version, because a version may come from an attacker. */
const QUOTED_LENGTH = 80;

/**
 * Returns the error `version/invalid`, whose message contains the version and the violated rule, such as "is empty".
 */
export function invalidVersion(version: string, rule: string): ClairError {
  return new ClairError('version/invalid', `The version ${quotedVersion(version)} ${rule}.`);
}

/** Returns the start of a version for a message, quoted and with control characters escaped. */
export function quotedVersion(version: string): string {
  return JSON.stringify(version.length > QUOTED_LENGTH ? `${version.slice(0, QUOTED_LENGTH)}…` : version);
}
