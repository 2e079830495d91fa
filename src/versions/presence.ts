/**
 * The version scheme of files, whose versions are `absent` and `present`, in this order. The presence of a file is a
 * point on the version line of its path, so that rules about files are ranges, like all other advisories.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** Orders the two states of a file, and rejects any other string. */
export const presence: VersionScheme<'presence'> = createScheme('presence', (version) => {
  if (version === 'absent') return Uint8Array.of(1);
  if (version === 'present') return Uint8Array.of(2);
  throw invalidVersion(version, 'is neither "absent" nor "present"');
});
