import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ClairError } from '../../errors.ts';
import { areEqualSecrets } from '../access/equal-secrets.ts';
import type { WebhookKind } from './settings.ts';

/**
 * Checks whether a webhook request comes from the registry. GitHub signs the body, and Artifactory can be configured to
 * sign the body. Docker Hub only calls a URL, so the URL contains the secret. The other registries send the secret in a
 * header.
 *
 * @param body the bytes of the body
 * @param secretInUrl the query parameter `secret`
 * @throws ClairError `webhook/unauthenticated`
 */
export function checkSecret(
  kind: WebhookKind,
  secret: string,
  {
    headers,
    body,
    secretInUrl = '',
  }: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array; readonly secretInUrl?: string | undefined },
): void {
  const hmac = (): string => createHmac('sha256', secret).update(body).digest('hex');
  if (kind === 'github') {
    const signature = headers['x-hub-signature-256'];
    if (areEqualSecrets(String(signature ?? ''), `sha256=${hmac()}`)) return;
    throw new ClairError(
      'webhook/unauthenticated',
      signature === undefined
        ? 'the request has no header X-Hub-Signature-256'
        : 'X-Hub-Signature-256 is not the signature of the body with the secret of webhooks.github',
    );
  }
  if (kind === 'dockerhub' && areEqualSecrets(secretInUrl, secret)) return;
  if (kind === 'artifactory') {
    const given = String(headers['x-jfrog-event-auth'] ?? '');
    if (areEqualSecrets(given, hmac()) || areEqualSecrets(given, secret)) return;
  }
  const token = headers['x-gitlab-token'];
  if (kind === 'gitlab' && typeof token === 'string' && areEqualSecrets(token, secret)) return;
  if (areEqualSecrets(secretIn(headers.authorization ?? ''), secret)) return;
  throw new ClairError('webhook/unauthenticated', `the request does not contain the secret of webhooks.${kind}`);
}

/**
 * Returns the secret in an `Authorization` header: the bearer token, the password of basic authentication, or the whole
 * value of any other scheme.
 */
function secretIn(authorization: string): string {
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  const [, login] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (login === undefined) return authorization;
  const text = Buffer.from(login, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
