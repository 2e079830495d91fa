import type { ApiFault, Submission } from './api-shapes.ts';
import { readEvents } from './event-stream.ts';

/** Asks the API of the server that the page is from. Whatever fails is an {@link ApiError}, except what was aborted. */
export type ApiClient = {
  readonly get: <Answer>(path: string, signal?: AbortSignal) => Promise<Answer>;
  /** Submits an image by its reference. */
  readonly submit: (reference: string) => Promise<Submission>;
  /** Submits an archive; `progress` is told the part that is sent, from 0 to 1. */
  readonly upload: (file: File, progress: (part: number) => void, signal: AbortSignal) => Promise<Submission>;
  /** Tells of a submission as it goes on, until it is done or failed. */
  readonly follow: (id: string, tell: (submission: Submission) => void, signal: AbortSignal) => Promise<void>;
};

/** What a request failed of, in the words of the server, or of the page where it did not answer. */
export class ApiError extends Error {
  readonly fault: ApiFault;

  constructor(fault: ApiFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }
}

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

  return {
    get: async (path, signal) => await bodyOf(await request(path, signal && { signal })),
    submit: async (reference) => {
      const headers = { 'content-type': 'application/json' };
      const response = await request('images', { method: 'POST', headers, body: JSON.stringify({ reference }) });
      return (await bodyOf<Submitted>(response)).submission;
    },
    upload: async (file, progress, signal) => {
      const { status, text } = await sendFile(file, authorization(), progress, signal);
      if (status === 401) whenLocked();
      if (status !== 202) throw new ApiError(faultOf(text, status));
      const { submission }: Submitted = JSON.parse(text);
      return submission;
    },
    follow: async (id, tell, signal) => {
      const headers = { accept: 'text/event-stream' };
      const { body } = await request(`submissions/${encodeURIComponent(id)}/events`, { headers, signal });
      if (body === null) return;
      for await (const { data } of readEvents(body)) {
        const submission: Submission = JSON.parse(data);
        tell(submission);
      }
    },
  };
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
  file: File,
  headers: Readonly<Record<string, string>>,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  return await new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', `v2/images?name=${encodeURIComponent(file.name)}`);
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
