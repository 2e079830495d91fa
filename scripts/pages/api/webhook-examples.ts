import type { ExampleRecorder } from './example-recorder.ts';
import { type ExampleServer, WEBHOOK_SECRET } from './example-server.ts';
import { finishedSubmission } from './finished-submission.ts';

/** Records an example of registry webhooks. */
export async function recordWebhookExamples(server: ExampleServer, { record }: ExampleRecorder): Promise<void> {
  server.push(server.layers.slice(0, 3), '1.0');
  const digest = `sha256:${'0'.repeat(64)}`;
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const target = { mediaType, digest, repository: 'app', tag: '1.0' };
  const { submitted } = await record<{ submitted: readonly { submission: string }[] }>('POST /webhooks/{kind}', {
    path: { kind: 'distribution' },
    headers: { authorization: `Bearer ${WEBHOOK_SECRET}` },
    body: { events: [{ action: 'push', target, request: { host: 'registry.example.com' } }] },
  });
  for (const { submission } of submitted) await finishedSubmission(server, submission);
}
