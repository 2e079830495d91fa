import type { LentAccess } from '../../../model/submission.ts';
import type { RegistryCredentials } from './docker-credentials.ts';
import type { CredentialStore } from './registry-auth.ts';

/** Returns the credentials that a client sent for one image; other images of the registry must not use them. */
export function lentCredentials({ authorization }: Pick<LentAccess, 'authorization'>): CredentialStore {
  const credentials = parseLentAuthorization(authorization);
  return { name: 'the client', find: async () => credentials };
}

/**
 * Parses the value of an `Authorization` header: basic (RFC 7617; the password may contain colons) or bearer (RFC
 * 6750). Returns undefined for an empty value and for any other value.
 */
export function parseLentAuthorization(value: string): RegistryCredentials | undefined {
  const [, scheme = '', text = ''] = /^(basic|bearer) +([A-Za-z0-9._~+/=-]+)$/i.exec(value.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { accessToken: text };
  if (scheme === '') return undefined;
  const login = Buffer.from(text, 'base64').toString('utf8');
  const colon = login.indexOf(':');
  return colon < 0 ? undefined : { username: login.slice(0, colon), secret: login.slice(colon + 1) };
}
