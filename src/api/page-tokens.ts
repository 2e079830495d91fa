import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ClairError } from '../errors.ts';

/** The lifetime of a token, as in Clair v1. */
const LIFETIME_MS = 60 * 60 * 1000;

/** The maximum time by which the clock of the issuing instance can be ahead of this clock. */
const MAX_CLOCK_SKEW_MS = 60 * 1000;

/**
 * The version and the offsets of the parts of a Fernet token, in bytes. The parts are version, time, initialization
 * vector and, after the ciphertext, the HMAC.
 */
const VERSION = 0x80;
const TIME_AT = 1;
const IV_AT = 9;
const CIPHERTEXT_AT = 25;
const BLOCK_BYTES = 16;
const HMAC_BYTES = 32;

/** The maximum length of a token, longer than any token that this file creates. */
const MAX_TOKEN_LENGTH = 8192;

export type PageTokenOptions = {
  /** A key of 32 bytes in URL-safe base64, the same in all instances; when absent, this process uses a random key. */
  readonly key?: string;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** Seals and opens page positions, which clients can neither read nor forge. */
export type PageTokens = {
  /** Encrypts and signs any JSON value. */
  readonly seal: (value: unknown) => string;
  /**
   * Returns the sealed value. The caller must check the shape of the value, because the tokens of all lists have the
   * same format.
   *
   * @throws ClairError `request/page-invalid` for a malformed token, a token that was sealed with a different key or
   * more than an hour ago, and a token with a time more than a minute in the future
   */
  readonly open: (token: string) => unknown;
};

/** Returns a random key for the page tokens of this process. */
export function randomPageTokenKey(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Creates page tokens in the Fernet format (github.com/fernet/spec), as in Clair v1: AES-128-CBC, HMAC-SHA256 and a
 * timestamp. The first half of the key is for signing, and the second half is for encryption.
 *
 * @throws ClairError `config/invalid` for an invalid key
 */
export function createPageTokens({ key, now }: PageTokenOptions): PageTokens {
  const bytes = keyBytes(key ?? randomPageTokenKey());
  const [signingKey, encryptionKey] = [bytes.subarray(0, 16), bytes.subarray(16)];
  const signatureOf = (signed: Buffer): Buffer => createHmac('sha256', signingKey).update(signed).digest();

  return {
    seal(value) {
      const head = Buffer.alloc(CIPHERTEXT_AT, VERSION);
      head.writeBigUInt64BE(BigInt(Math.floor(now() / 1000)), TIME_AT);
      const iv = randomBytes(BLOCK_BYTES);
      iv.copy(head, IV_AT);
      const cipher = createCipheriv('aes-128-cbc', encryptionKey, iv);
      const signed = Buffer.concat([head, cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return padded(Buffer.concat([signed, signatureOf(signed)]).toString('base64url'));
    },
    open(token) {
      const sealed = bytesOf(token);
      const signed = sealed.subarray(0, -HMAC_BYTES);
      if (!timingSafeEqual(sealed.subarray(-HMAC_BYTES), signatureOf(signed))) throw invalidPage('is invalid');
      const age = now() - Number(signed.readBigUInt64BE(TIME_AT)) * 1000;
      if (age > LIFETIME_MS) throw invalidPage('has expired');
      if (age < -MAX_CLOCK_SKEW_MS) throw invalidPage('was issued in the future: check the clocks of the instances');
      const decipher = createDecipheriv('aes-128-cbc', encryptionKey, signed.subarray(IV_AT, CIPHERTEXT_AT));
      const text = Buffer.concat([decipher.update(signed.subarray(CIPHERTEXT_AT)), decipher.final()]);
      return JSON.parse(text.toString('utf8'));
    },
  };
}

function keyBytes(key: string): Buffer {
  if (/^[\w-]{43}=?$/.test(key)) return Buffer.from(key, 'base64url');
  throw new ClairError('config/invalid', 'api.paginationkey must be 32 bytes in URL-safe base64');
}

/** Decodes a well-formed token; the caller must verify its signature. */
function bytesOf(token: string): Buffer {
  const isText = token.length <= MAX_TOKEN_LENGTH && /^[\w-]+={0,2}$/.test(token);
  const bytes = Buffer.from(isText ? token : '', 'base64url');
  const ciphertext = bytes.length - CIPHERTEXT_AT - HMAC_BYTES;
  const isWhole = bytes[0] === VERSION && ciphertext >= BLOCK_BYTES && ciphertext % BLOCK_BYTES === 0;
  if (isWhole) return bytes;
  throw invalidPage('is invalid');
}

function invalidPage(fault: string): ClairError {
  return new ClairError('request/page-invalid', `the page token ${fault}`);
}

/** Fernet uses base64 with padding; Node's `base64url` omits the padding. */
function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
