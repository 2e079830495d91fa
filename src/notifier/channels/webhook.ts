import { createHmac } from 'node:crypto';
import { readCertificates } from '../../bytes/certificate-files.ts';
import { createHttpPoster } from '../../bytes/http/poster.ts';
import { ClairError } from '../../errors.ts';
import type { WebhookSettings } from '../notifier-settings.ts';
import type { Channel } from './channel.ts';

/**
 * Opens a channel that sends POST requests to a URL. Any 2xx status confirms the delivery; redirects are not followed
 * and count as rejections. With a secret, the header `x-clair-signature` is `sha256=` plus the HMAC-SHA256 (RFC 2104)
 * of the body in hexadecimal. The header `x-clair-notification` is the name of the notification.
 *
 * @param version the version of Clair, for the `user-agent` header
 * @throws ClairError `config/invalid` for an invalid URL or unusable certificate files
 */
export async function openWebhook(settings: WebhookSettings, version: string): Promise<Channel> {
  const { endpoint, servername, proxy, payload, secret, timeout } = settings;
  const certificates = await readCertificates(settings, 'notifier.http');
  const poster = createHttpPoster({
    url: endpoint,
    version,
    timeout,
    ...(proxy !== undefined && { proxy }),
    tls: { ...certificates, ...(servername !== undefined && { servername }) },
  });
  return {
    id: 'webhook',
    maxDelivery: timeout,
    payload,
    async deliver({ id, body }, signal) {
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'x-clair-notification': id,
        ...(secret !== undefined && { 'x-clair-signature': signatureOf(body, secret) }),
      };
      const status = await poster.post(body, headers, signal).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new ClairError('notification/undeliverable', reason, { cause: error });
      });
      if (status >= 200 && status < 300) return;
      const code = OVERLOADED.has(status) ? 'notification/undeliverable' : 'notification/refused';
      throw new ClairError(code, `the receiver responded with status ${status}`);
    },
    close: poster.close,
  };
}

/** The statuses of overloaded receivers, and of proxies whose receiver is unreachable. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function signatureOf(body: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
