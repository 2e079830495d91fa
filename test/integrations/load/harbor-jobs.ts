import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { scan, type SendHarborRequest } from '../harbor/harbor-client.ts';
import type { SlowRegistry } from './slow-registry.ts';

/** The outcome of a Harbor job. */
export type JobEnd =
  | { readonly vulnerabilities: number }
  /** The message that Harbor shows. */
  | { readonly failure: string };

export type HarborJob = {
  readonly registry: SlowRegistry;
  readonly digest: string;
  /** Whether a response that takes longer than 5 s is an error, as in Harbor. */
  readonly isTimed: boolean;
  /** Called when Clair has accepted the scan. */
  readonly accepted: () => void;
};

/**
 * Scans an image as a Harbor job does: sends credentials that are valid until the job ends, and polls after the pauses
 * that Clair requires.
 */
export async function harborJob(
  send: SendHarborRequest,
  { registry, digest, isTimed, accepted }: HarborJob,
): Promise<JobEnd> {
  const authorization = `Basic ${btoa(`robot$library+Clair-${randomUUID()}:secret`)}`;
  const login = registry.login(authorization);
  const patient: SendHarborRequest = async (request) => {
    const response = await send(request);
    if (request.method === 'POST') accepted();
    if (response.status === 302) await setTimeout(Number(response.headers['refresh-after']) * 1000);
    return isTimed ? response : { ...response, milliseconds: 0 };
  };
  try {
    const lent = { url: registry.url, authorization };
    const artifact = { repository: 'library/demo', digest, tag: '' };
    const report = await scan(patient, { artifact, registry: lent, kind: 'vulnerability' });
    return { vulnerabilities: (report['vulnerabilities'] as readonly unknown[]).length };
  } catch (error) {
    if (error instanceof TypeError) return { failure: 'the connection broke' };
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    login.revoke();
  }
}
