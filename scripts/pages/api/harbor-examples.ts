import type { ExampleRecorder } from './example-recorder.ts';
import type { ExampleServer } from './example-server.ts';
import { finishedSubmission } from './finished-submission.ts';

/** Records an example of each operation of the scanner adapter for Harbor. */
export async function recordHarborExamples(server: ExampleServer, recorder: ExampleRecorder): Promise<void> {
  const { record, send } = recorder;
  await server.update();
  server.push(server.layers.slice(0, 3), '1.0');
  const body = { reference: 'registry.example.com/app:1.0', platform: 'linux/amd64' };
  const { submission } = await send<{ submission: { id: string } }>('POST /v2/images', { body });
  const digest = await finishedSubmission(server, submission.id);
  await record('GET /harbor/api/v1/metadata');
  const { id } = await record<{ id: string }>('POST /harbor/api/v1/scan', {
    body: {
      registry: { url: 'http://registry.example.com', authorization: '' },
      artifact: { repository: 'app', digest, tag: '1.0' },
    },
  });
  await finishedSubmission(server, id);
  await record('GET /harbor/api/v1/scan/{id}/report', { path: { id } });
}
