import { type TArray, type TString, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';
import { type Duration, durationKey, fileKey, secretFileKey, secretKey } from '../key-forms.ts';

/** The listen addresses, limits, TLS and access control of the server. */
export type ApiConfig = {
  readonly host: string;
  readonly port: number;
  readonly hosts: string[];
  /** The health port; null turns the port off. */
  readonly healthport: number | null;
  readonly timeout: Duration;
  readonly shutdowntimeout: Duration;
  readonly maxconnections: number;
  /**
   * The key of page tokens: 32 bytes in URL-safe base64. Without this key, Clair generates a random key at each start.
   */
  readonly paginationkey?: string;
  readonly certfile?: string;
  readonly keyfile?: string;
  /** The file with the CA certificates (PEM) for clients; if present, the server requires client certificates. */
  readonly cafile?: string;
  readonly auth: {
    /** Tokens with full access. */
    readonly psk: TokenConfig;
    /** Tokens with read access. */
    readonly readonly: TokenConfig;
  };
};

/** The accepted tokens: tokens that are signed with the key (base64) and have a claim `iss` from the list. */
export type TokenConfig = { readonly key?: string; readonly iss: string[] };

/** A Fernet key is 32 bytes long; the page tokens of Clair v2 were Fernet tokens. */
const PAGINATION_KEY_BYTES = 32;

const PORT = { minimum: 0, maximum: 65_535 };

const KEYS = mapOf({
  host: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    title: 'a host name or an IP address',
    description: 'Address that the API port and the health port listen on',
  }),
  port: Type.Integer({
    ...PORT,
    default: 6060,
    title: 'an integer from 0 to 65535',
    description: 'Port of the API and the web UI; 0 selects a free port',
  }),
  hosts: Type.Array(Type.Refine(Type.String({ title: 'a host name, an IP address or a CIDR range' }), isHostNotation), {
    default: [],
    title: 'a list of host names, IP addresses and CIDR ranges',
    description:
      'Values of the `Host` header that the server accepts, in addition to `localhost` and the IP addresses of the machine',
  }),
  healthport: Type.Union([Type.Integer(PORT), Type.Null()], {
    default: 6061,
    title: 'an integer from 0 to 65535, or null',
    description: 'Port for health checks and metrics (HTTP without TLS); null for no such port',
  }),
  timeout: durationKey(
    '900s',
    '900s or 15m',
    'Time limit of a request, after which the server responds with 503; 0 for no limit',
  ),
  shutdowntimeout: durationKey('30s', '30s', 'Time for running requests to finish when the server stops'),
  maxconnections: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    title: 'an integer from 1 to 1000000',
    description: 'Maximum number of open connections; the server closes further connections immediately',
  }),
  paginationkey: secretKey(
    '32 bytes in URL-safe base64',
    'Key that encrypts and signs page tokens; instances that share a database need the same key',
    { accepts: (text) => bytesOf(text) === PAGINATION_KEY_BYTES, without: 'a random key at each start' },
  ),
  paginationkeyfile: secretFileKey('paginationkey'),
  certfile: fileKey('Certificate chain of the server (PEM); turns on HTTPS and requires `keyfile`'),
  keyfile: fileKey('Private key of the certificate (PEM)'),
  cafile: fileKey(
    'CA certificates (PEM) that verify client certificates; if this key is set, clients need a certificate; requires `certfile`',
  ),
  auth: mapOf({
    psk: mapOf(tokenKeys('Key that signs tokens with full access (HMAC)', 'no tokens are required')),
    readonly: mapOf(tokenKeys('Key that signs tokens with read access (HMAC)', 'no read-only tokens')),
  }),
});

/** The section `api`. */
export const API: ConfigSection<ApiConfig> = {
  name: 'api',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};

function tokenKeys(
  description: string,
  without: string,
): {
  key: ReturnType<typeof secretKey>;
  keyfile: ReturnType<typeof secretFileKey>;
  iss: TArray<TString>;
} {
  return {
    key: secretKey('a key in base64 (32 bytes or more are recommended)', description, {
      // The check accepts shorter keys, because the keys in the Clair v4 documentation are shorter; `keyNotices`
      // returns a warning.
      accepts: (text) => (bytesOf(text) ?? 0) > 0,
      without,
    }),
    keyfile: secretFileKey('key'),
    iss: issuers(),
  };
}

function issuers(): TArray<TString> {
  return Type.Array(Type.String({ minLength: 1, title: 'an issuer' }), {
    default: [],
    title: 'a list of issuers',
    description: 'Accepted values of the claim `iss`; required with the key',
  });
}

/** Returns the number of bytes in a base64 or base64url text, or undefined for any other text. */
function bytesOf(text: string): number | undefined {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').length : undefined;
}
