import { pino } from 'pino';
import type { OpenApi } from '../../src/api/openapi.ts';
import { composeClair } from '../../src/compose/clair.ts';

/** Returns the OpenAPI document as a server on an empty database in memory serves it. */
export async function openApiDocument(): Promise<OpenApi> {
  const clair = await composeClair({ type: 'memory' });
  const server = await clair.api({ allowedPaths: [], allowedHosts: [], log: pino({ level: 'silent' }) });
  try {
    return (await server.inject({ method: 'GET', url: '/openapi.json' })).json();
  } finally {
    await server.close();
    await clair.close();
  }
}
