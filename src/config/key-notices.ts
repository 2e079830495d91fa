import type { Config } from './schema.ts';

/** The minimum size of a safe key: the size of the hash, which is 32 bytes for HS256 (RFC 7518 section 3.2). */
const SAFE_TOKEN_KEY_BYTES = 32;

/** Returns a notice for each token key of fewer than 32 bytes; Clair v4 accepts keys of any length. */
export function keyNotices({ api }: Config): readonly string[] {
  return (['psk', 'readonly'] as const).flatMap((name) => {
    const { key } = api.auth[name];
    const length = key === undefined ? SAFE_TOKEN_KEY_BYTES : Buffer.from(key, 'base64').length;
    if (length >= SAFE_TOKEN_KEY_BYTES) return [];
    return [
      `api.auth.${name}.key is only ${length} ${length === 1 ? 'byte' : 'bytes'} long, so tokens can be forged by guessing the key: use ${SAFE_TOKEN_KEY_BYTES} random bytes`,
    ];
  });
}
