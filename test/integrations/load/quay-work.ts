import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { quayScan } from '../clair-v4/quay-client.ts';
import type { Transport } from '../clair-v4/transport.ts';
import type { SlowRegistry } from './slow-registry.ts';

/** The time for which a Quay token is valid, from the request on, in milliseconds. */
const TOKEN_MS = 60_000;

/** The pause before Quay retries a manifest; in production, Quay waits for minutes. */
const PAUSE_MS = 1000;

const MAX_TRIES = 60;

/** Indexes a manifest as Quay's workers do, until it succeeds, and reads its report. @returns the number of attempts */
export async function quayWork(
  send: Transport,
  {
    registry,
    hash,
    layers,
  }: { readonly registry: SlowRegistry; readonly hash: string; readonly layers: readonly string[] },
): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const token = `Bearer ${randomUUID()}`;
    const login = registry.login(token);
    const end = globalThis.setTimeout(login.revoke, TOKEN_MS);
    try {
      await quayScan(send, {
        hash,
        layers: layers.map((digest) => ({
          hash: digest,
          uri: `${registry.url}/v2/org/app/blobs/${digest}`,
          headers: { Accept: ['application/gzip'], Authorization: [token] },
        })),
      });
      return tries;
    } catch (error) {
      // A client can retry after temporary failures: a broken connection, too many requests, an unavailable server.
      const isPassing = error instanceof TypeError || /failed: (?:429|5\d\d)/.test(String(error));
      if (!isPassing || tries >= MAX_TRIES) throw error;
    } finally {
      clearTimeout(end);
      login.revoke();
    }
    await setTimeout(PAUSE_MS);
  }
}
