import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Clair, type ComposeOptions, composeClair } from '../../compose/clair.ts';
import type { ServerOptions } from '../../compose/server.ts';

/** A complete Clair server on a free port, with a directory from which clients may submit layers. */
export type ClairServer = {
  readonly clair: Clair;
  readonly url: string;
  readonly folder: string;
  readonly get: <Body>(path: string) => Promise<Answer<Body>>;
  readonly post: <Body>(path: string, body: unknown) => Promise<Answer<Body>>;
  /** Sends any request; the response is JSON or empty. */
  readonly send: <Body>(method: string, path: string, request?: SentRequest) => Promise<SentAnswer<Body>>;
  readonly close: () => Promise<void>;
};

/** A request. A text body is sent unchanged; any other body is sent as JSON. */
export type SentRequest = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

export type SentAnswer<Body> = Answer<Body> & { readonly headers: Headers; readonly text: string };

/** A response, with the body type that the test expects. */
export type Answer<Body> = { readonly status: number; readonly type: string | null; readonly body: Body };

/** Starts a server on a new SQLite file; by default, layers may come from servers on this machine. */
export async function startClairServer(
  allowedHosts: readonly string[] = ['127.0.0.1'],
  options: Partial<ServerOptions> = {},
  composed: ComposeOptions = {},
): Promise<ClairServer> {
  const folder = await mkdtemp(join(tmpdir(), 'clair-server-'));
  const clair = await composeClair({ type: 'sqlite', path: join(folder, 'db', 'clair.db') }, composed);
  const log = pino({ level: 'silent' });
  const api = await clair.api({ allowedPaths: [folder], allowedHosts, log, ...options });
  const url = await api.listen({ host: '127.0.0.1', port: 0 });
  const answerOf = async <Body>(response: Response): Promise<Answer<Body>> => ({
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Body,
  });
  return {
    clair,
    url,
    folder,
    get: async (path) => await answerOf(await fetch(`${url}${path}`)),
    post: async (path, body) =>
      await answerOf(
        await fetch(`${url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    send: async <Body>(
      method: string,
      path: string,
      { body, headers = {} }: SentRequest = {},
    ): Promise<SentAnswer<Body>> => {
      const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(sent !== undefined && { body: sent }),
      });
      const text = await response.text();
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        headers: response.headers,
        text,
        body: (text === '' ? undefined : JSON.parse(text)) as Body,
      };
    },
    async close() {
      await api.close();
      await clair.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
