import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { ReadingOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';

/** The credentials of the made-up family, as `Authorization` headers. */
export const LOGINS: { readonly writer: string; readonly reader: string } = {
  writer: `Basic ${btoa('writer:secret')}`,
  reader: `Basic ${btoa('reader:secret')}`,
};

/**
 * An API family for tests with two prefixes, its own errors, status codes and credentials, and a route marked `isLong`.
 */
export const MADE_UP: ApiFamily = {
  id: 'made-up',
  title: 'The made-up API',
  description: 'An API for tests.',
  mounts: [
    { prefix: '/made-up', routes, longRoutes },
    { prefix: '/also/made-up', routes: async (server) => void server.get('/', async () => ({ also: true })) },
  ],
  authentication: {
    challenge: 'Basic realm="made-up"',
    createCheck: () => async (headers) => {
      if (headers.authorization === LOGINS.writer) return 'full';
      if (headers.authorization === LOGINS.reader) return 'read-only';
      throw new ClairError('request/unauthenticated', 'the login is wrong');
    },
  },
  errors: {
    body: ({ status, message }) => ({ fault: { status, message } }),
    schema: Type.Object({ fault: Type.Object({ status: Type.Integer(), message: Type.String() }) }),
    statuses: { conflict: 422 },
  },
  commonErrors: [429],
};

const BODY = Type.Object({ name: Type.String({ maxLength: 5 }) });

async function routes(server: FastifyInstance, options: ReadingOptions): Promise<void> {
  longRoutes(server, options);
  server.post<{ Body: Type.Static<typeof BODY> }>(
    '/things',
    {
      schema: { body: BODY },
      config: { described: { summary: 'Make a thing.', answers: { 200: BODY }, errors: [400] } },
    },
    async ({ body }) => body,
  );
  server.post('/small', { bodyLimit: 2048 }, async ({ body }) => body);
  server.get('/conflict', async () => {
    throw new ClairError('notification/not-given-up', 'the thing is in use');
  });
  server.get('/broken', async () => {
    throw new Error('a secret of the server');
  });
}

function longRoutes(server: FastifyInstance, { store }: ReadingOptions): void {
  server.get('/long', { config: { isLong: true } }, async () => ({ feeds: await store.feeds.all() }));
}
