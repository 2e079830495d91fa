import { createSecretKey, type KeyObject } from 'node:crypto';
import { decodeJwt, errors, jwtVerify } from 'jose';
import { ClairError } from '../../errors.ts';

/** The access level of a request. */
export type Access = 'full' | 'read-only';

/** The key that verifies tokens, and the issuers that the tokens may name. */
export type TokenKey = { readonly key: Uint8Array; readonly issuers: readonly string[] };

export type TokenKeys = {
  /** The key for full access. */
  readonly full: TokenKey;
  /** The key for read-only access; absent if no client may have read-only access. */
  readonly readOnly?: TokenKey;
};

/** The issuer of the tokens that Clair v4 components send each other. */
const V4_ISSUER = 'clair-intraservice';

/** Adds an issuer to the issuers of the full-access key: the issuer that Clair v4 always accepts. */
export function withV4Issuer({ full, ...others }: TokenKeys): TokenKeys {
  return { ...others, full: { ...full, issuers: [...full.issuers, V4_ISSUER] } };
}

/** Returns the access level that an `authorization` header grants. */
export type AccessCheck = (authorization: string | undefined) => Promise<Access>;

/** The HMAC algorithms (RFC 7518 section 3.2); the header of a token names one of them. */
const ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;

/** The accepted difference between the clocks of two machines, as in Clair v4. */
const CLOCK_TOLERANCE_SECONDS = 15;

/**
 * Creates a check for bearer tokens (RFC 6750). Like Clair v4, the check accepts JSON Web Tokens (RFC 7519) that are
 * signed with HMAC and have an accepted issuer and an expiry time. For any other token, and without a token, the check
 * throws ClairError `request/unauthenticated`.
 *
 * @param now the current time in milliseconds since 1970
 */
export function createAccessCheck({ full, readOnly }: TokenKeys, now: () => number): AccessCheck {
  const keys: readonly { readonly access: Access; readonly secret: KeyObject; readonly issuers: readonly string[] }[] =
    [
      { access: 'full', secret: createSecretKey(full.key), issuers: full.issuers },
      ...(readOnly === undefined
        ? []
        : [{ access: 'read-only' as const, secret: createSecretKey(readOnly.key), issuers: readOnly.issuers }]),
    ];

  return async (authorization) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) throw refused('the request has no bearer token');
    for (const { access, secret, issuers } of keys) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: [...ALGORITHMS],
          issuer: [...issuers],
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        });
        if ((payload.iat ?? 0) > now() / 1000 + CLOCK_TOLERANCE_SECONDS)
          throw refused('the token was issued in the future: check the clocks of the server and of the token issuer');
        return access;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // A token that this key does not verify can be signed with the other key.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refused(reasonOf(error, access), error);
      }
    }
    throw refused('the token is not signed with a key of this server');
  };
}

/** The maximum length of a recorded subject, in characters. */
const MAX_SUBJECT_LENGTH = 256;

/**
 * Returns the subject of a verified token or, without a subject, the issuer; cut to 256 characters. Returns null
 * without a token.
 */
export function subjectOf(authorization: string | undefined): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) return null;
  const { sub, iss } = decodeJwt(token);
  // By default, the library does not check the type of the subject.
  const subject: unknown = typeof sub === 'string' && sub !== '' ? sub : iss;
  return typeof subject === 'string' ? subject.slice(0, MAX_SUBJECT_LENGTH) : null;
}

/**
 * Returns the reason for a rejected token. The messages of the library are not used, because they can quote the token.
 */
function reasonOf(error: errors.JOSEError, access: Access): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    if (claim === 'iss' && reason === 'check_failed')
      return `the claim iss of the token names none of the issuers in api.auth.${access === 'full' ? 'psk' : 'readonly'}.iss`;
    if (claim === 'nbf' && reason === 'check_failed')
      return 'the token is not valid yet: check the clocks of the server and of the token issuer';
    return reason === 'missing'
      ? `the token has no claim ${claim}`
      : `the claim ${claim} of the token is not a number of seconds since 1970`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token must be signed with HS256, HS384 or HS512';
  return 'the token is not a signed JSON Web Token';
}

function refused(reason: string, cause?: unknown): ClairError {
  return new ClairError('request/unauthenticated', reason, { cause });
}
