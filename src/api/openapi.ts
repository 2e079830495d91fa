import type { FastifyInstance, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { Generation } from './error-response.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the OpenAPI document says of a route, beside the schemas that check its requests. */
    readonly described?: RouteDescription;
  }
  interface FastifyInstance {
    /** All routes that are described, by path and method. */
    readonly describedPaths: OpenApi['paths'];
  }
}

export type RouteDescription = {
  readonly generation: Generation;
  /** What it does, in one line. */
  readonly summary: string;
  /** What it answers when it succeeds; null stands for no body. */
  readonly answers: Readonly<Record<number, Type.TSchema | null>>;
  /** Of its answers when it succeeds; JSON when absent. */
  readonly mediaType?: string;
  /** In which it can answer as well, with the same in another form. */
  readonly otherMediaTypes?: readonly string[];
  /** The status codes of its errors, without those that every route may have. */
  readonly errors: readonly number[];
};

/** The parts of an OpenAPI document (spec.openapis.org/oas/v3.1.1) that are made here. */
export type OpenApi = {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

export type Operation = {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
};

type Content = Readonly<Record<string, { readonly schema: unknown }>>;

/**
 * Serves `/openapi.json`: all routes that are registered afterwards and are described, with the very schemas that check
 * their requests.
 */
export function describeApi(server: FastifyInstance): void {
  const paths: Record<string, Record<string, Operation>> = {};
  server.addHook('onRoute', (route) => {
    const described = route.config?.described;
    if (described === undefined || route.method === 'HEAD') return;
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [String(route.method).toLowerCase()]: operationOf(route, described) };
  });
  server.decorate('describedPaths', paths);
  server.get('/openapi.json', async (): Promise<OpenApi> => {
    const description = 'The v1 API of Clair in its first generation and its stable one, side by side, and the v2 API.';
    return { openapi: '3.1.1', info: { title: 'Clair', version: '1', description }, paths };
  });
}

/** Serves `/openapi.json` below the prefix of a generation, with its own routes alone. */
export function openApiRoute(server: FastifyInstance, generation: Generation): void {
  server.get('/openapi.json', async (): Promise<OpenApi> => {
    const own = Object.entries(server.describedPaths).filter(([, methods]) =>
      Object.values(methods).some(({ tags }) => tags.includes(generation)),
    );
    const info = { title: 'Clair', version: '2', description: 'The API of Clair for people and pages.' };
    return { openapi: '3.1.1', info, paths: Object.fromEntries(own) };
  });
}

function operationOf(route: RouteOptions, description: RouteDescription): Operation {
  const { generation, summary, answers, mediaType = JSON_TYPE, otherMediaTypes = [], errors } = description;
  const { body, params, querystring } = route.schema ?? {};
  const others = otherMediaTypes.map((each) => [each, { schema: Type.String() }]);
  const success = Object.entries(answers).map(([status, schema]) => [
    status,
    {
      description: 'success',
      ...(schema !== null && { content: { ...Object.fromEntries(others), [mediaType]: { schema } } }),
    },
  ]);
  // Of v2 also every route without parameters refuses those that it does not have.
  const refusals = [...(generation === 'v2' ? [400] : []), ...(body === undefined ? [] : [415]), 403];
  const failure = [...new Set([...errors, ...refusals, 500, 503])].map((status) => [
    String(status),
    { description: 'error', content: json(ERRORS[generation]) },
  ]);
  return {
    summary,
    tags: [generation],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(querystring, 'query')],
    ...(body !== undefined && { requestBody: { required: true, content: json(body) } }),
    responses: Object.fromEntries([...failure, ...success]),
  };
}

const JSON_TYPE = 'application/json';

function json(schema: unknown): Content {
  return { [JSON_TYPE]: { schema } };
}

function parametersOf(schema: unknown, place: Parameter['in']): Parameter[] {
  if (!Type.IsObject(schema)) return [];
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: place,
    required: schema.required?.includes(name) ?? false,
    ...('description' in property && { description: String(property.description) }),
    schema: property,
  }));
}

const FIRST = Type.Object({ Message: Type.String() });

const STABLE = Type.Object({
  Error: Type.Object({ Message: Type.String(), Type: Type.Optional(Type.String()) }),
});

/** The shapes of errors, which `error-response.ts` makes. */
const ERRORS: Readonly<Record<Generation, Type.TSchema>> = {
  first: FIRST,
  stable: STABLE,
  v2: Type.Object({
    error: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }, { title: 'Error' }),
  }),
  // Where even the body does not tell, both at once.
  either: Type.Union([FIRST, STABLE]),
};
