import { Value } from 'typebox/value';
import type { OpenApi } from '../openapi.ts';
import type { ClairServer, SentAnswer, SentRequest } from './clair-server.ts';

/** Sends requests and checks each response against the OpenAPI document of the server. */
export type DocumentedApi = {
  readonly send: <Body>(method: string, path: string, request?: SentRequest) => Promise<SentAnswer<Body>>;
  /** Returns the status and the body of a response; the body is JSON or empty. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<readonly [status: number, body: unknown]>;
  /** The operations that succeeded, such as `GET /v1/layers/{name}`. */
  readonly succeeded: ReadonlySet<string>;
  readonly operations: readonly string[];
};

/** Reads the OpenAPI document of a server. */
export async function documentedApi(server: ClairServer): Promise<DocumentedApi> {
  const { body: document } = await server.get<OpenApi>('/openapi.json');
  const succeeded = new Set<string>();
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const send: DocumentedApi['send'] = async <Body>(
    method: string,
    path: string,
    request?: SentRequest,
  ): Promise<SentAnswer<Body>> => {
    const answer = await server.send<Body>(method, path, request);
    const template = operations.find((each) => patternOf(each).test(`${method} ${path.split('?', 1)[0]}`));
    if (template === undefined) return answer;
    const [, place = ''] = template.split(' ');
    const documented = document.paths[place]?.[method.toLowerCase()]?.responses[answer.status];
    if (documented === undefined) throw new Error(`${template} returned ${answer.status}, which is not documented`);
    const schema = documented.content?.['application/json']?.schema;
    if (schema === undefined ? answer.text !== '' : !Value.Check(schema as object, answer.body)) {
      throw new Error(`${template} returned ${answer.status} with an undocumented body: ${answer.text.slice(0, 500)}`);
    }
    if (answer.status < 300) succeeded.add(template);
    return answer;
  };
  return {
    succeeded,
    operations,
    send,
    async ask(method, path, body) {
      const { status, type, body: answer } = await send(method, path, body === undefined ? {} : { body });
      const expected = answer === undefined ? null : 'application/json; charset=utf-8';
      return [status, type === expected ? answer : `of type ${type}`];
    },
  };
}

/** Matches the paths of an operation. A parameter matches any text without a slash. */
function patternOf(operation: string): RegExp {
  return new RegExp(`^${operation.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
