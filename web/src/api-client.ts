import type { ApiFault, Submission } from './api-shapes.ts';
import { readEvents } from './event-stream.ts';

/** Asks the API of the server that the page is from. Whatever fails is an {@link ApiError}, except what was aborted. */
export type ApiClient = {
  readonly get: <Answer>(path: string, signal?: AbortSignal) => Promise<Answer>;
  /** Sends a request that changes something and needs no body. */
  readonly post: <Answer>(path: string) => Promise<Answer>;
  /** Submits an image by its reference, for a platform (`linux/arm64`) or, with null, that of the server. */
  readonly submit: (reference: string, platform: string | null) => Promise<Submission>;
  /** Submits an archive; its `progress` is told the part that is sent, from 0 to 1. */
  readonly upload: (upload: Upload) => Promise<Submission>;
  /** Tells of a submission as it goes on, until it is done or failed. */
  readonly follow: (id: string, tell: (submission: Submission) => void, signal: AbortSignal) => Promise<void>;
};

/** An archive on its way. */
export type Upload = {
  readonly file: File;
  readonly platform: string | null;
  /** Told the part that is sent. */
  readonly progress: (part: number) => void;
  readonly signal: AbortSignal;
};

/** What a request failed of, in the words of the server, or of the page where it did not answer. */
export class ApiError extends Error {
  readonly fault: ApiFault;

  constructor(fault: ApiFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }
}

/** After so many streams that told nothing it is given up to follow a submission. */
const MAX_SILENT_STREAMS = 5;

/** Between two streams, in milliseconds. */
const PAUSE_MS = 2000;

/** How the client asks for what is locked. */
export type ApiClientOptions = {
  readonly token: () => string | null;
  /** Called when the server wants another token, or one at all. */
  readonly whenLocked: () => void;
};

/** Makes the client. Addresses are relative to the page: it may be behind a path of another server. */
export function createApiClient({ token, whenLocked }: ApiClientOptions): ApiClient {
  async function request(path: string, init: AskedWith = {}): Promise<Response> {
    const response = await answerTo(fetch(`v2/${path}`, { ...init, headers: { ...authorization(), ...init.headers } }));
    if (response.ok) return response;
    if (response.status === 401) whenLocked();
    throw new ApiError(faultOf(await response.text(), response.status));
  }

  function authorization(): Readonly<Record<string, string>> {
    const present = token();
    return present === null ? {} : { authorization: `Bearer ${present}` };
  }

  /** Whether it came to its end; a stream is cut off by whatever bounds it, or by a server that is replaced. */
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
      // A connection that breaks: fetch has no other word for it.
      if (!(error instanceof TypeError)) throw error;
    }
    return false;
  }

  return {
    get: async (path, signal) => await bodyOf(await request(path, signal && { signal })),
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
      throw new ApiError({ ...SILENT, message: 'The server does not tell how far the image is.' });
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
    throw new ApiError({ ...SILENT, message: 'The answer of the server is not what was asked for.' }, { cause: error });
  }
}

const SILENT: ApiFault = {
  code: 'page/no-answer',
  message: 'The server does not answer.',
  remedy: 'Look whether it runs and can be reached, then try again.',
};

/** Something between the page and the server may answer, too, in a form of its own. */
function faultOf(text: string, status: number): ApiFault {
  try {
    const { error }: { readonly error?: ApiFault } = JSON.parse(text);
    if (typeof error?.message === 'string') return error;
  } catch {
    // It is said below.
  }
  return { code: `http/${status}`, message: `The server answers with ${status}.`, remedy: 'Try again later.' };
}

/** By the older way to send: fetch tells nothing of how much has gone. */
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
