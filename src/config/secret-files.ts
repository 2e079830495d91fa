import { firstBytes } from './bounded-file.ts';
import type { ConfigKey } from './config-key.ts';

/** The maximum number of bytes to read from a file; secrets are a few hundred bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Adds the secrets in files to the values. Removes the line break at the end of a file.
 *
 * @param values the values by key path
 * @param diagnostic receives the keys whose files cannot be read or contain an invalid secret, and the keys of secrets
 * that are also set directly; the message never contains the secret
 */
export async function withSecretFiles(
  values: ReadonlyMap<string, unknown>,
  keys: readonly ConfigKey[],
  diagnostic: (path: string, what: string) => void,
): Promise<ReadonlyMap<string, unknown>> {
  const all = new Map(values);
  for (const { path, value } of keys.filter(({ isSecret }) => isSecret)) {
    const fileKey = `${path}file`;
    const file = values.get(fileKey);
    if (typeof file !== 'string') continue;
    if (values.has(path)) {
      diagnostic(fileKey, `${fileKey} and ${path} cannot both be set: remove one`);
      continue;
    }
    try {
      const secret = (await firstBytes(file, MAX_SECRET_BYTES)).toString('utf8').replace(/\r?\n$/, '');
      if (value.accepts(secret)) all.set(path, secret);
      else diagnostic(fileKey, `${fileKey}: ${file} must contain ${value.title}`);
    } catch (error) {
      diagnostic(fileKey, `${fileKey}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return all;
}
