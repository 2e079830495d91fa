import { setTimeout } from 'node:timers/promises';
import type { ExampleServer } from './example-server.ts';

/** The interval between two reads of a submission, in milliseconds. */
const POLL_MS = 20;

/** Waits until a submission finishes, and returns the digest of its image. @throws Error if the submission failed */
export async function finishedSubmission({ clair }: Pick<ExampleServer, 'clair'>, id: string): Promise<string> {
  for (;;) {
    const found = await clair.store.submissions.find(id);
    const [digest] = found?.images ?? [];
    if (found?.state === 'done' && digest !== undefined) return digest;
    if (found === undefined || found.state === 'failed') throw new Error(`submission failed: ${found?.error?.message}`);
    await setTimeout(POLL_MS);
  }
}
