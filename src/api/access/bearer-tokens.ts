import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { ClairError } from '../../errors.ts';

/** What a request may do. */
export type Access = 'full' | 'read-only';

/** Whose tokens are accepted: signed with this key, issued by one of these. */
export type TokenKey = { readonly key: Uint8Array; readonly issuers: readonly string[] };

export type TokenKeys = {
  /** Of those who may do everything. */
  readonly full: TokenKey;
  /** Of those who may only read; nobody when absent. */
  readonly readOnly?: TokenKey;
};

/** Says what a request may do by its `authorization` header. */
export type AccessCheck = (authorization: string | undefined) => Promise<Access>;

/** How far the clocks of two machines may be apart; later versions of Clair allow as much. */
const CLOCK_TOLERANCE_SECONDS = 15;

/**
 * Makes the check of bearer tokens (RFC 6750): JSON Web Tokens signed by HMAC with SHA-256 (RFC 7519, `alg` HS256 and no
 * other), as later versions of Clair take them. A token names its issuer and when it expires.
 *
 * The check throws ClairError `request/unauthenticated` for whatever is no such token.
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
        await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          issuer: [...issuers],
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        });
        return access;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // It may be signed with the other key.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refused(reasonOf(error), error);
      }
    }
    throw refused('the token is signed with no key of this server');
  };
}

/** In words of ours: those of the library quote what the token says. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `the claim ${error.claim} of the token is not accepted`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token must be signed by HS256';
  return 'the token is no signed JSON Web Token';
}

function refused(reason: string, cause?: unknown): ClairError {
  return new ClairError('request/unauthenticated', reason, { cause });
}
