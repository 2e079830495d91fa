import type { FastifyInstance } from 'fastify';

/**
 * Adds the header `Link` with the next page (RFC 8288) to pages of lists. The reference contains only the query, so that
 * the link works behind a reverse proxy that serves the API below a path.
 */
export function linkNextPages(server: FastifyInstance): void {
  server.addHook('preSerialization', async (request, reply, payload) => {
    const token = nextPageOf(payload);
    if (request.method !== 'GET' || token === undefined) return payload;
    const query = new URLSearchParams(request.url.split('?').slice(1).join('?'));
    for (const name of [...query.keys()]) if (name.toLowerCase() === 'page') query.delete(name);
    query.set('page', token);
    reply.header('link', `<?${query.toString()}>; rel="next"`);
    return payload;
  });
}

function nextPageOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('nextPage' in payload)) return undefined;
  return typeof payload.nextPage === 'string' ? payload.nextPage : undefined;
}
