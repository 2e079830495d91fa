import { type TArray, type TString, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';
import { type Duration, durationKey, fileKey, secretFileKey, secretKey } from '../key-forms.ts';

/** Where the server listens, and who may come in. */
export type ApiConfig = {
  readonly host: string;
  readonly port: number;
  readonly hosts: string[];
  /** Null: there is none. */
  readonly healthport: number | null;
  readonly timeout: Duration;
  readonly shutdowntimeout: Duration;
  readonly maxconnections: number;
  /** 32 bytes in URL-safe base64; absent: one is made at each start. */
  readonly paginationkey?: string;
  readonly certfile?: string;
  readonly keyfile?: string;
  /** The authorities of client certificates, which are asked for then. */
  readonly cafile?: string;
  readonly auth: {
    /** Who may do everything. */
    readonly psk: TokenConfig;
    /** Who may only read. */
    readonly readonly: TokenConfig;
  };
};

/** Whose tokens are accepted: those that are signed with the key (base64) and name one of the issuers. */
export type TokenConfig = { readonly key?: string; readonly iss: string[] };

/** RFC 7518 section 3.2: a key of HS256 has as many bits as the hash at least. */
const MIN_TOKEN_KEY_BYTES = 32;

/** Fernet's, as the original had it. */
const PAGINATION_KEY_BYTES = 32;

const PORT = { minimum: 0, maximum: 65_535 };

const KEYS = mapOf({
  host: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    title: 'a name or an address',
    description: 'address to listen on, of both ports',
  }),
  port: Type.Integer({
    ...PORT,
    default: 6060,
    title: 'an integer from 0 to 65535',
    description: 'port to listen on; 0 takes a free one',
  }),
  hosts: Type.Array(Type.Refine(Type.String({ title: 'a host name, an address or a CIDR range' }), isHostNotation), {
    default: [],
    title: 'a list of host names, addresses and CIDR ranges',
    description: 'names that clients reach the server by, beside `localhost` and the addresses of its machine',
  }),
  healthport: Type.Union([Type.Integer(PORT), Type.Null()], {
    default: 6061,
    title: 'an integer from 0 to 65535, or null',
    description: 'port of health and metrics, always plain HTTP; null for none',
  }),
  timeout: durationKey('900s', '900s or 15m', 'time after which a request is answered by 503; 0 for no limit'),
  shutdowntimeout: durationKey('30s', '30s', 'time that running requests have when the server is told to stop'),
  maxconnections: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    title: 'an integer from 1 to 1000000',
    description: 'connections that are held at a time; more are closed at once',
  }),
  paginationkey: secretKey(
    '32 bytes in URL-safe base64',
    'key of page tokens, the same for all instances on one database',
    { accepts: (text) => bytesOf(text) === PAGINATION_KEY_BYTES, without: 'made at each start' },
  ),
  paginationkeyfile: secretFileKey('paginationkey'),
  certfile: fileKey(
    'certificate of the server and those up to its authority (PEM); makes it HTTPS, and needs `keyfile`',
  ),
  keyfile: fileKey('private key of the certificate (PEM)'),
  cafile: fileKey('authorities of clients (PEM): no client comes in without a certificate of theirs; needs `certfile`'),
  auth: mapOf({
    psk: mapOf(tokenKeys('requests need a token signed with it (HS256)', 'no token is asked for')),
    readonly: mapOf(
      tokenKeys('a token signed with this one may read, and nothing else', 'there are none of that kind'),
    ),
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
    key: secretKey(`at least ${MIN_TOKEN_KEY_BYTES} bytes in base64`, description, {
      accepts: (text) => (bytesOf(text) ?? 0) >= MIN_TOKEN_KEY_BYTES,
      without,
    }),
    keyfile: secretFileKey('key'),
    iss: issuers(),
  };
}

function issuers(): TArray<TString> {
  return Type.Array(Type.String({ minLength: 1, title: 'the name of an issuer' }), {
    default: [],
    title: 'a list of issuers',
    description: 'what the claim `iss` of a token may be; needed with the key',
  });
}

/** How many bytes a text in base64 holds, of either alphabet; undefined for any other text. */
function bytesOf(text: string): number | undefined {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').length : undefined;
}
