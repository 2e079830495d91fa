import { ClairError } from '../../errors.ts';
import { areEqualSecrets } from '../access/equal-secrets.ts';
import type { Authentication } from '../access/authentication.ts';

/** The header in which Harbor sends the key of a scanner that is registered with "API Key". */
const KEY_HEADER = 'x-scanneradapter-api-key';

/**
 * The authentication methods of the scanner adapter: the methods that Harbor offers when a scanner is registered. A
 * request may contain a bearer token of the server, the configured basic credentials or the configured API key. If no
 * method is configured, every client has access.
 */
export const HARBOR_ACCESS: Authentication = {
  challenge: 'Bearer, Basic realm="clair"',
  createCheck({ checkAccess, harbor: { basic, apikey } }) {
    if (checkAccess === undefined && basic === undefined && apikey === undefined) return undefined;
    return async ({ authorization, [KEY_HEADER]: key }) => {
      if (apikey !== undefined && typeof key === 'string' && areEqualSecrets(key, apikey)) return 'full';
      const [, login] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
      if (login !== undefined) {
        if (basic !== undefined && areEqualSecrets(Buffer.from(login, 'base64').toString('utf8'), basic)) return 'full';
        throw refused('the user name or the password is wrong, or harbor.basic is not set');
      }
      if (authorization === undefined && key !== undefined) {
        throw refused('the API key is wrong, or harbor.apikey is not set');
      }
      if (checkAccess !== undefined) return await checkAccess(authorization);
      throw refused('the request has no credentials that this server accepts');
    };
  },
};

function refused(message: string): ClairError {
  return new ClairError('harbor/unauthenticated', message);
}
