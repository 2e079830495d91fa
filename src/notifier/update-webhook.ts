import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { readCertificates } from '../bytes/certificate-files.ts';
import { createHttpPoster } from '../bytes/http/poster.ts';
import { ClairError } from '../errors.ts';
import type { UpdateWebhookSettings } from './notifier-settings.ts';

/**
 * The Clair v4 webhook, which sends the name of a notification. The receiver then reads the notification page by page.
 */
export type UpdateWebhook = {
  /** The maximum duration of `deliver`, in milliseconds. */
  readonly maxDelivery: number;
  /**
   * Delivers the name of a notification; resolves when the receiver confirms the delivery with a 2xx status.
   *
   * @throws ClairError `notification/undeliverable` without a response; `notification/refused` for any other status
   */
  readonly deliver: (name: string, signal: AbortSignal) => Promise<void>;
  /** Aborts deliveries in progress. */
  readonly close: () => Promise<void>;
};

/** The issuer that Quay expects. */
const ISSUER = 'clair-notifier';

/** How long before its creation a token is already valid, because Quay tolerates no clock difference. */
const TOKEN_AGE_SECONDS = 30;
const TOKEN_VALIDITY_SECONDS = 60;

/**
 * Opens the webhook. The body is `{"notification_id", "callback"}` with a `Content-Length`, because the nginx of Quay
 * does not forward chunked bodies correctly. Redirects are not followed.
 *
 * @param version the version of Clair, for the `user-agent` header
 * @param now returns the current time in milliseconds since 1970
 * @throws ClairError `config/invalid` for an invalid URL or unusable certificate files
 */
export async function openUpdateWebhook(
  settings: UpdateWebhookSettings,
  version: string,
  now: () => number,
): Promise<UpdateWebhook> {
  const { target, callback, headers, key, timeout } = settings;
  const tls = await readCertificates(settings, 'notifier.v4');
  const poster = createHttpPoster({ url: target, version, timeout, tls });
  const base = callback.endsWith('/') ? callback : `${callback}/`;
  return {
    maxDelivery: timeout,
    async deliver(name, signal) {
      const body = Buffer.from(JSON.stringify({ notification_id: name, callback: `${base}${name}` }));
      const own = {
        ...headers,
        'content-type': 'application/json',
        ...(key !== undefined && { authorization: `Bearer ${await tokenOf(key, now())}` }),
      };
      const status = await poster.post(body, own, signal).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new ClairError('notification/undeliverable', reason, { cause: error });
      });
      if (status >= 200 && status < 300) return;
      throw new ClairError('notification/refused', `the receiver responded with status ${status}`);
    },
    close: poster.close,
  };
}

/** Returns a token with all claims that Quay requires and, as in Clair v4, without `typ`. */
async function tokenOf(key: Uint8Array, now: number): Promise<string> {
  const start = Math.floor(now / 1000) - TOKEN_AGE_SECONDS;
  return await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setIssuedAt(start)
    .setNotBefore(start)
    .setExpirationTime(start + TOKEN_AGE_SECONDS + TOKEN_VALIDITY_SECONDS)
    .sign(createSecretKey(key));
}
