import type { HttpAnswer, HttpClient, HttpGetOptions } from './client.ts';
import { askWithRetries, isPassing, MAX_ATTEMPTS, type Pause } from './retries.ts';

/**
 * Wraps `http` in a client that retries as `askWithRetries()` does. The client also resumes an interrupted body, up to
 * three times. Resuming requires that the server supports ranges (`accept-ranges: bytes` and a strong
 * entity tag; RFC 9110 section 14), and that the entity tag is unchanged. The caller must close `http`.
 *
 * @throws ClairError as `http` does; the original error of a body that cannot be resumed.
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
  // A weak tag does not guarantee identical bytes.
  return ranges.toLowerCase() === 'bytes' && etag.startsWith('"') ? etag : undefined;
}

/**
 * Returns whether a response starts at `at`; a server can also return another range, or a newer body from the start.
 */
function isRest(answer: HttpAnswer, at: number): answer is Content {
  return answer.status === 206 && (answer.headers['content-range'] ?? '').startsWith(`bytes ${at}-`);
}
