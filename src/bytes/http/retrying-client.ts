import type { HttpAnswer, HttpClient, HttpGetOptions } from './client.ts';
import { askWithRetries, isPassing, MAX_ATTEMPTS, type Pause } from './retries.ts';

/**
 * Makes a client that asks again as `askWithRetries()` does, and goes on with a body that breaks where it broke, if the
 * server says that it can (`accept-ranges: bytes` and a strong entity tag; RFC 9110 section 14) and still has the same:
 * at most four requests for a body. Closing it is up to whoever made `http`.
 *
 * @throws ClairError as `http` does; what a body that cannot be gone on with broke with.
 */
export function createRetryingHttp(http: Pick<HttpClient, 'get'>, pause: Pause): Pick<HttpClient, 'get'> {
  return {
    async get(url, options = {}) {
      const ask = async (asked: HttpGetOptions): Promise<HttpAnswer> =>
        await askWithRetries(async (each) => await http.get(url, each), url, asked, { pause });
      const answer = await ask(options);
      if (answer.status !== 200) return answer;
      return { ...answer, body: unbroken(answer, ask, options) };
    },
  };
}

type Content = Extract<HttpAnswer, { readonly status: 200 | 206 }>;

async function* unbroken(
  first: Content,
  ask: (options: HttpGetOptions) => Promise<HttpAnswer>,
  options: HttpGetOptions,
): AsyncGenerator<Uint8Array> {
  const etag = resumableTag(first);
  let { body } = first;
  let at = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      for await (const chunk of body) {
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (etag === undefined || attempt === MAX_ATTEMPTS || !isPassing(error)) throw error;
      const rest = await ask({ ...options, resume: { at, etag } });
      if (!isRest(rest, at)) throw error;
      ({ body } = rest);
    }
  }
}

function resumableTag({ headers }: Content): string | undefined {
  const { etag = '', 'accept-ranges': ranges = '' } = headers;
  // A weak tag does not promise the same bytes.
  return ranges.toLowerCase() === 'bytes' && etag.startsWith('"') ? etag : undefined;
}

/** A server may answer with another range, or with the whole of what it has by now. */
function isRest(answer: HttpAnswer, at: number): answer is Content {
  return answer.status === 206 && (answer.headers['content-range'] ?? '').startsWith(`bytes ${at}-`);
}
