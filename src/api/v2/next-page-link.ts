import type { FastifyInstance } from 'fastify';

/**
 * Adds a `Link` header (RFC 8288) for the next page to every response that has a next page. The URL reference in the
 * header contains only the query, so that the link works behind a reverse proxy that serves the API below a path.
 */
export function linkNextPages(server: FastifyInstance): void {
  server.addHook('preSerialization', async (request, reply, payload) => {
    const token = nextPageOf(payload);
    if (request.method !== 'GET' || token === undefined) return payload;
    const asked = new URLSearchParams(request.url.split('?').slice(1).join('?'));
    // Parameter names can have any case.
    const query = new URLSearchParams([...asked].filter(([name]) => name.toLowerCase() !== 'page'));
    query.set('page', token);
    reply.header('link', `<?${query.toString()}>; rel="next"`);
    return payload;
  });
}

function nextPageOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('nextPage' in payload)) return undefined;
  return typeof payload.nextPage === 'string' ? payload.nextPage : undefined;
}
