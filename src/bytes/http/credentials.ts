import { unescape } from 'node:querystring';

/** The credentials in a URL as the value of a basic authentication header (RFC 7617); undefined where it holds none. */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${unescape(username)}:${unescape(password)}`, 'utf8').toString('base64')}`;
}
