import type { ApiFault, Submission } from './api-shapes.ts';
import { takeEarlyResponse } from './early-response.ts';
import { readEvents } from './event-stream.ts';

/**
 * A client for the `/v2` API of the server that serves the web UI. A failed request rejects with an {@link ApiError},
 * unless the request was aborted.
 */
export type ApiClient = {
  readonly get: <Answer>(path: string, signal?: AbortSignal) => Promise<Answer>;
  /** Returns a page of a list, and the number of entries on all pages. */
  readonly page: <Answer>(path: string, signal?: AbortSignal) => Promise<CountedPage<Answer>>;
  readonly file: (path: string) => Promise<Blob>;
  /** Sends a DELETE. */
  readonly remove: (path: string) => Promise<void>;
  /** Sends a POST with a body. */
  readonly create: <Answer>(path: string, body: object) => Promise<Answer>;
  /** Sends a POST without a body. */
  readonly post: <Answer>(path: string) => Promise<Answer>;
  /**
   * Submits an image by its reference, for a platform such as `linux/arm64`. Null selects Linux on the architecture of
   * the server.
   */
  readonly submit: (reference: string, platform: string | null) => Promise<Submission>;
  /** Submits an archive. */
  readonly upload: (upload: Upload) => Promise<Submission>;
  /** Reports the progress of a submission until it is done or has failed. */
  readonly follow: (id: string, tell: (submission: Submission) => void, signal: AbortSignal) => Promise<void>;
};

/** A page of an API list with the number of all entries; null if the server does not count the entries. */
export type CountedPage<Page> = { readonly page: Page; readonly total: number | null };

export type Upload = {
  readonly file: File;
  readonly platform: string | null;
  /** The client calls this function with the fraction of the file that is sent, from 0 to 1. */
  readonly progress: (part: number) => void;
  readonly signal: AbortSignal;
};

/** The error of a failed request: the error that the server returned or, without a response, an error of the web UI. */
export class ApiError extends Error {
  readonly fault: ApiFault;

  constructor(fault: ApiFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }
}

/** The number of consecutive event streams without an event after which the client stops following a submission. */
const MAX_SILENT_STREAMS = 5;

/** The pause between two event streams, in milliseconds. */
const PAUSE_MS = 2000;

export type ApiClientOptions = {
  readonly token: () => string | null;
  /** The client calls this function when the server rejects the token or requires a token. */
  readonly whenLocked: () => void;
};

/** Creates a client. URLs are relative, because a reverse proxy can serve the web UI below a path. */
export function createApiClient({ token, whenLocked }: ApiClientOptions): ApiClient {
  async function request(path: string, init: AskedWith = {}): Promise<Response> {
    const early = init.method === undefined ? takeEarlyResponse(window, { path, token: token() }) : undefined;
    const response = await answerTo(
      early ?? fetch(`v2/${path}`, { ...init, headers: { ...authorization(), ...init.headers } }),
    );
    if (response.ok) return response;
    if (response.status === 401) whenLocked();
    throw new ApiError(faultOf(await response.text(), response.status));
  }

  function authorization(): Readonly<Record<string, string>> {
    const present = token();
    return present === null ? {} : { authorization: `Bearer ${present}` };
  }

  /** Returns whether the submission has finished. A time limit, a proxy or a restart can end the stream earlier. */
  async function followOnce(id: string, signal: AbortSignal, tell: (submission: Submission) => void): Promise<boolean> {
    const headers = { accept: 'text/event-stream' };
    const { body } = await request(`submissions/${encodeURIComponent(id)}/events`, { headers, signal });
    if (body === null) return false;
    try {
      for await (const { data } of readEvents(body)) {
        const submission: Submission = JSON.parse(data);
        tell(submission);
        if (submission.state === 'done' || submission.state === 'failed') return true;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      // fetch reports a broken connection as a TypeError.
      if (!(error instanceof TypeError)) throw new ApiError(UNREADABLE_EVENT, { cause: error });
    }
    return false;
  }

  return {
    get: async (path, signal) => await bodyOf(await request(path, signal && { signal })),
    page: async <Answer>(path: string, signal?: AbortSignal) => {
      const response = await request(path, signal && { signal });
      const total = response.headers.get('x-total-count');
      return { page: await bodyOf<Answer>(response), total: total === null ? null : Number(total) };
    },
    file: async (path) => await (await request(path)).blob(),
    remove: async (path) => void (await request(path, { method: 'DELETE' })),
    create: async (path, body) =>
      await bodyOf(
        await request(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
    post: async (path) => await bodyOf(await request(path, { method: 'POST' })),
    submit: async (reference, platform) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ reference, ...(platform !== null && { platform }) });
      const response = await request('images', { method: 'POST', headers, body });
      return (await bodyOf<Submitted>(response)).submission;
    },
    upload: async (upload) => {
      const { status, text } = await sendFile(upload, authorization());
      if (status === 401) whenLocked();
      if (status !== 202) throw new ApiError(faultOf(text, status));
      const { submission }: Submitted = JSON.parse(text);
      return submission;
    },
    follow: async (id, tell, signal) => {
      let silent = 0;
      while (silent < MAX_SILENT_STREAMS) {
        silent += 1;
        const isOver = await followOnce(id, signal, (submission) => {
          silent = 0;
          tell(submission);
        });
        if (isOver) return;
        await pause(signal);
      }
      throw new ApiError({ ...SILENT, message: 'The server stopped reporting the progress of the submission.' });
    },
  };
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  signal.throwIfAborted();
}

type Submitted = { readonly submission: Submission };

type AskedWith = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

async function answerTo(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(SILENT, { cause: error });
  }
}

async function bodyOf<Answer>(response: Response): Promise<Answer> {
  try {
    const body: Answer = await response.json();
    return body;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(NOT_JSON, { cause: error });
  }
}

const SILENT: ApiFault = {
  code: 'page/no-answer',
  message: 'The server did not respond.',
  remedy: 'Check that the server is running and reachable, then try again.',
};

/** A proxy in front of the server might respond in another format. */
const NOT_JSON: ApiFault = {
  code: 'page/no-answer',
  message: 'The server returned a response that is not JSON.',
  remedy: 'Check any proxy in front of the server, then try again.',
};

const UNREADABLE_EVENT: ApiFault = {
  code: 'page/no-answer',
  message: 'The server sent an event that the web UI cannot read.',
  remedy: 'Reload the page to see the state of the submission, and check any proxy in front of the server.',
};

/** Returns the error in a response, or an error with the status if the response contains no error of the server. */
function faultOf(text: string, status: number): ApiFault {
  try {
    const { error }: { readonly error?: ApiFault } = JSON.parse(text);
    if (typeof error?.message === 'string') return error;
  } catch {
    // The body is not JSON; the error below names the status.
  }
  return { code: `http/${status}`, message: `The server returned status ${status}.`, remedy: 'Try again later.' };
}

/** Sends a file by XMLHttpRequest, because fetch does not report the progress of uploads. */
async function sendFile(
  { file, platform, progress, signal }: Upload,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const query = new URLSearchParams({ name: file.name, ...(platform !== null && { platform }) });
  return await new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', `v2/images?${query.toString()}`);
    for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
    sending.setRequestHeader('content-type', 'application/x-tar');
    sending.upload.addEventListener('progress', ({ loaded, total }) => progress(total === 0 ? 1 : loaded / total));
    sending.addEventListener('load', () => resolve({ status: sending.status, text: sending.responseText }));
    sending.addEventListener('error', () => reject(new ApiError(SILENT)));
    sending.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    signal.addEventListener('abort', () => sending.abort());
    sending.send(file);
  });
}
