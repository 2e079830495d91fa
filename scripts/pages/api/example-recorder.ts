import { Value } from 'typebox/value';
import type { OpenApi, Operation } from '../../../src/api/openapi.ts';
import type { ExampleServer } from './example-server.ts';
import { shortJson, shortText } from './short-json.ts';

export type ExampleRequest = {
  /** A sentence to print before the example. */
  readonly title?: string;
  readonly path?: Readonly<Record<string, string>>;
  /** Query parameters; a parameter with an empty value is a flag. */
  readonly query?: Readonly<Record<string, string>>;
  /** Additional request headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON body. */
  readonly body?: unknown;
  /** A file to upload, with its name in the example; a file without a media type is uploaded as an archive. */
  readonly upload?: { readonly name: string; readonly bytes: Buffer; readonly type?: string };
  /** Selects the lines of a text response. */
  readonly lines?: (line: string) => boolean;
};

/** A request and its response, as Markdown. */
export type ApiExample = { readonly operation: string; readonly text: string };

/** Sends the requests of the examples, and records the requests and responses. */
export type ExampleRecorder = {
  /**
   * Sends a request to an operation such as `GET /v1/layers/{name}` and returns the body of the response.
   *
   * @throws Error for a request or a response that the OpenAPI document does not allow, and for an error response
   */
  readonly send: <Body>(operation: string, request?: ExampleRequest) => Promise<Body>;
  /** Sends a request, and records the request with its response as an example. */
  readonly record: <Body>(operation: string, request?: ExampleRequest) => Promise<Body>;
  /** The recorded examples in their order. */
  readonly examples: readonly ApiExample[];
};

/** The address of the server in the examples. */
const ADDRESS = 'http://localhost:6060';

/** The maximum number of items of a list in a response. */
const MAX_ITEMS = 1;

/** The maximum number of lines of a text response. */
const MAX_LINES = 12;

export function createExampleRecorder(server: ExampleServer, document: OpenApi): ExampleRecorder {
  const examples: ApiExample[] = [];

  async function exchange(operation: string, request: ExampleRequest): Promise<Exchange> {
    const [method = '', template = ''] = operation.split(' ');
    const described = document.paths[template]?.[method.toLowerCase()];
    if (described === undefined) throw new Error(`there is no operation ${operation}`);
    const url = `${pathOf(template, request.path)}${queryOf(request.query)}`;
    checkRequest(operation, described, request);
    const { statusCode: status, payload } = await server.api.inject({
      method: method as 'GET',
      url: server.real(url),
      headers: { host: 'localhost:6060', ...headersOf(request) },
      ...payloadOf(request, server),
    });
    const text = [
      ...(request.title === undefined ? [] : [request.title]),
      fenced('sh', server.shown(curlOf(method, url, request))),
      responseText(status, server.shown(payload), request.lines),
    ].join('\n\n');
    return { body: bodyOf(operation, described, status, payload), text };
  }

  return {
    examples,
    send: async <Body>(operation: string, request: ExampleRequest = {}) =>
      (await exchange(operation, request)).body as Body,
    async record<Body>(operation: string, request: ExampleRequest = {}) {
      const { body, text } = await exchange(operation, request);
      examples.push({ operation, text });
      return body as Body;
    },
  };
}

type Exchange = { readonly body: unknown; readonly text: string };

function checkRequest(operation: string, { requestBody }: Operation, { body, upload }: ExampleRequest): void {
  if (upload !== undefined) return;
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined ? body === undefined : Value.Check(schema as object, body)) return;
  throw new Error(`the body of the example of ${operation} does not match its schema: ${JSON.stringify(body)}`);
}

function bodyOf(operation: string, { responses }: Operation, status: number, payload: string): unknown {
  const { description, content } = responses[status] ?? {};
  if (description !== 'success') throw new Error(`${operation} returned ${status}: ${payload.slice(0, 500)}`);
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) {
    if (content === undefined && payload !== '') throw new Error(`${operation} returned an undocumented body`);
    return payload;
  }
  const body: unknown = JSON.parse(payload);
  if (Value.Check(schema as object, body)) return body;
  throw new Error(`${operation} returned an undocumented body: ${payload.slice(0, 500)}`);
}

function pathOf(template: string, parameters: ExampleRequest['path'] = {}): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`the example of ${template} has no ${name}`);
    return encodeURIComponent(value).replaceAll('%3A', ':');
  });
}

function queryOf(parameters: ExampleRequest['query'] = {}): string {
  const parts = Object.entries(parameters).map(([name, value]) =>
    value === '' ? name : `${name}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/')}`,
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function headersOf({ body, upload, headers }: ExampleRequest): Readonly<Record<string, string>> {
  if (upload !== undefined) return { 'content-type': upload.type ?? 'application/x-tar' };
  return { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers };
}

function payloadOf({ body, upload }: ExampleRequest, server: ExampleServer): { payload?: string | Buffer } {
  if (upload !== undefined) return { payload: upload.bytes };
  return body === undefined ? {} : { payload: server.real(JSON.stringify(body)) };
}

function curlOf(method: string, url: string, request: ExampleRequest): string {
  const { body, upload } = request;
  const address = /[?&]/.test(url) ? `'${ADDRESS}${url}'` : `${ADDRESS}${url}`;
  const isDefault = method === 'GET' || (method === 'POST' && (body !== undefined || upload !== undefined));
  const options = [
    ...Object.entries(headersOf(request)).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(upload === undefined ? [] : [`--data-binary @${upload.name}`]),
    ...(body === undefined ? [] : [`-d '${shortJson(body)}'`]),
  ];
  return [`curl ${isDefault ? '' : `-X ${method} `}${address}`, ...options].join(' \\\n  ');
}

function responseText(status: number, payload: string, lines: ExampleRequest['lines']): string {
  if (payload === '') return `Response: ${status}, no body.`;
  if (/^[{[]/.test(payload))
    return `Response: ${status}\n\n${fenced('jsonc', shortJson(JSON.parse(payload), MAX_ITEMS))}`;
  const text = lines === undefined ? payload : payload.split('\n').filter(lines).join('\n');
  return `Response: ${status}\n\n${fenced('text', shortText(text, MAX_LINES))}`;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
