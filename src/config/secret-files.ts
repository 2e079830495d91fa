import { firstBytes } from './bounded-file.ts';
import type { ConfigKey } from './config-key.ts';

/** A secret of any sort has some hundred bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Gives the values with those secrets that files hold, without the line break behind them.
 *
 * @param values by the path of their key
 * @param diagnostic told of a file that cannot be read, or holds no such secret; what it holds is never told
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
      diagnostic(fileKey, `${fileKey} and ${path} say the same: leave one out`);
      continue;
    }
    try {
      const secret = (await firstBytes(file, MAX_SECRET_BYTES)).toString('utf8').replace(/\r?\n$/, '');
      if (value.accepts(secret)) all.set(path, secret);
      else diagnostic(fileKey, `${fileKey}: ${file} must hold ${value.title}`);
    } catch (error) {
      diagnostic(fileKey, `${fileKey}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return all;
}
