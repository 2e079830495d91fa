/** A response as a client reads it. */
export type Answer = {
  readonly status: number;
  /** Header names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

export type Question = { readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** Sends a request to a server. */
export type Transport = (method: string, path: string, question?: Question) => Promise<Answer>;

/** A change to the responses of one route, such as `POST /indexer/api/v1/index_report`. */
export type Deviation = {
  readonly name: string;
  /** The method and the path; a path that ends with a slash matches all paths below it. */
  readonly at: string;
  readonly change: (answer: Answer) => Answer;
};

/** Sends requests to the server at a URL. */
export function transportTo(url: string): Transport {
  return async (method, path, { headers = {}, body } = {}) => {
    // fetch adds a Content-Type to a body of text, but not to bytes.
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    const response = await fetch(`${url}${path}`, { method, headers, ...(bytes && { body: bytes }) });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.text(),
    };
  };
}

/** Changes the responses of a transport. */
export function deviating(transport: Transport, { at, change }: Deviation): Transport {
  return async (method, path, question) => {
    const answer = await transport(method, path, question);
    const asked = `${method} ${path}`;
    return asked === at || (at.endsWith('/') && asked.startsWith(at)) ? change(answer) : answer;
  };
}
