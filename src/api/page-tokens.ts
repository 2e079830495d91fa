import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ClairError } from '../errors.ts';

/** How long a token is good for, as in the original. */
const LIFETIME_MS = 60 * 60 * 1000;

/** By how much the clock of the instance that made a token may be ahead of the one that reads it. */
const MAX_CLOCK_SKEW_MS = 60 * 1000;

/** The parts of a Fernet token, in bytes: version, time, initialization vector and, behind the ciphertext, HMAC. */
const VERSION = 0x80;
const TIME_AT = 1;
const IV_AT = 9;
const CIPHERTEXT_AT = 25;
const BLOCK_BYTES = 16;
const HMAC_BYTES = 32;

/** Tokens come back in a URL: none that was made here is longer. */
const MAX_TOKEN_LENGTH = 8192;

export type PageTokenOptions = {
  /** 32 bytes in URL-safe base64, the same for all instances; a random one, of this process alone, when absent. */
  readonly key?: string;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** Where a next page starts, in a form that clients can neither read nor make. */
export type PageTokens = {
  /** Encrypts and signs any JSON value. */
  readonly seal: (value: unknown) => string;
  /**
   * Gives back what was sealed. Its shape is for the caller to check: a token of another list is a good token, too.
   *
   * @throws ClairError `request/page-invalid` for a token that was not made with this key, or more than an hour ago.
   */
  readonly open: (token: string) => unknown;
};

/** Makes a key for the page tokens of one process. */
export function randomPageTokenKey(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Makes page tokens in the format of Fernet (github.com/fernet/spec), as the original did: AES-128-CBC, HMAC-SHA256 and
 * the time. The first half of the key signs, the second one encrypts.
 *
 * @throws ClairError `config/invalid` for a key that is none.
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
      if (!timingSafeEqual(sealed.subarray(-HMAC_BYTES), signatureOf(signed))) throw invalidPage('is not one');
      const age = now() - Number(signed.readBigUInt64BE(TIME_AT)) * 1000;
      if (age > LIFETIME_MS || age < -MAX_CLOCK_SKEW_MS) throw invalidPage('has expired');
      const decipher = createDecipheriv('aes-128-cbc', encryptionKey, signed.subarray(IV_AT, CIPHERTEXT_AT));
      const text = Buffer.concat([decipher.update(signed.subarray(CIPHERTEXT_AT)), decipher.final()]);
      return JSON.parse(text.toString('utf8'));
    },
  };
}

function keyBytes(key: string): Buffer {
  if (/^[\w-]{43}=?$/.test(key)) return Buffer.from(key, 'base64url');
  throw new ClairError('config/invalid', 'api.paginationkey is not 32 bytes in URL-safe base64');
}

/** The bytes of a token that has the form of one; whether it is one says its signature. */
function bytesOf(token: string): Buffer {
  const isText = token.length <= MAX_TOKEN_LENGTH && /^[\w-]+={0,2}$/.test(token);
  const bytes = Buffer.from(isText ? token : '', 'base64url');
  const ciphertext = bytes.length - CIPHERTEXT_AT - HMAC_BYTES;
  const isWhole = bytes[0] === VERSION && ciphertext >= BLOCK_BYTES && ciphertext % BLOCK_BYTES === 0;
  if (isWhole) return bytes;
  throw invalidPage('is not one');
}

function invalidPage(fault: string): ClairError {
  return new ClairError('request/page-invalid', `the page token ${fault}`);
}

/** The specification of Fernet has base64 with its padding; `base64url` of Node has none. */
function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
