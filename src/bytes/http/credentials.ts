import { unescape } from 'node:querystring';

/**
 * Returns the basic authentication header (RFC 7617) for the credentials in a URL, or undefined if the URL has no
 * credentials.
 */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${unescape(username)}:${unescape(password)}`, 'utf8').toString('base64')}`;
}
