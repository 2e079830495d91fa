import { open } from 'node:fs/promises';
import type { ConfigKey } from './config-key.ts';

/** A secret of any sort has some hundred bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Gives the values with those secrets that files hold, without the line break behind them.
 *
 * @param values by the path of their key
 * @param problem told of a file that cannot be read, or holds no such secret; what it holds is never told
 */
export async function withSecretFiles(
  values: ReadonlyMap<string, unknown>,
  keys: readonly ConfigKey[],
  problem: (path: string, what: string) => void,
): Promise<ReadonlyMap<string, unknown>> {
  const all = new Map(values);
  for (const { path, value } of keys.filter(({ isSecret }) => isSecret)) {
    const fileKey = `${path}file`;
    const file = values.get(fileKey);
    if (typeof file !== 'string') continue;
    if (values.has(path)) {
      problem(fileKey, `${fileKey} and ${path} say the same: leave one out`);
      continue;
    }
    try {
      const secret = (await firstBytes(file)).toString('utf8').replace(/\r?\n$/, '');
      if (value.accepts(secret)) all.set(path, secret);
      else problem(fileKey, `${fileKey}: ${file} must hold ${value.title}`);
    } catch (error) {
      problem(fileKey, `${fileKey}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return all;
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ end: MAX_SECRET_BYTES - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
