import type { FastifyInstance, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { ApiFamily } from './families/api-family.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The documentation of a route; the schemas of the route document the parameters and bodies of its requests. */
    readonly described?: RouteDescription;
  }
  interface FastifyInstance {
    /** The documented operations, by path and method. */
    readonly describedPaths: Record<string, Readonly<Record<string, Operation>>>;
  }
}

export type RouteDescription = {
  /** The summary, which is a single sentence in the imperative. */
  readonly summary: string;
  /** Details in Markdown. */
  readonly description?: string;
  /** The schema of a JSON body that the framework does not parse (`leaveBodies`). */
  readonly body?: Type.TSchema;
  /** The schemas of successful responses by status code; null means no body. */
  readonly answers: Readonly<Record<number, Type.TSchema | null>>;
  /** The media type of successful responses; JSON when absent. */
  readonly mediaType?: string;
  /** Additional media types of successful responses. */
  readonly otherMediaTypes?: readonly string[];
  /** The status codes of errors, in addition to the common status codes. */
  readonly errors: readonly number[];
};

/** The parts of an OpenAPI document (spec.openapis.org/oas/v3.1.1) that Clair writes. */
export type OpenApi = {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  /** The API families; absent in the document of a single family. */
  readonly tags?: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

export type Operation = {
  readonly summary: string;
  readonly description?: string;
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
 * Serves `/openapi.json` with the routes that {@link describeRoutes} documents; the schemas also validate the requests.
 */
export function describeApi(server: FastifyInstance, families: readonly ApiFamily[]): void {
  server.decorate('describedPaths', {});
  const tags = families.map(({ id, description }) => ({ name: id, description }));
  server.get('/openapi.json', async (): Promise<OpenApi> => {
    const description = 'The Clair HTTP APIs. Each tag is an API family.';
    return {
      openapi: '3.1.1',
      info: { title: 'Clair', version: '1', description },
      tags,
      paths: server.describedPaths,
    };
  });
}

/** Documents, as routes of the family, the routes that are registered later on the same instance. */
export function describeRoutes(server: FastifyInstance, family: DescribedFamily): void {
  const paths = server.describedPaths;
  server.addHook('onRoute', (route) => {
    const described = route.config?.described;
    if (described === undefined || route.method === 'HEAD') return;
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [String(route.method).toLowerCase()]: operationOf(route, described, family) };
  });
}

type DescribedFamily = Pick<ApiFamily, 'id' | 'errors' | 'commonErrors'>;

/** Serves `/openapi.json` below the prefix of a family, with the routes of the family. */
export function openApiRoute(server: FastifyInstance, family: NamedFamily, version: string): void {
  server.get('/openapi.json', async (): Promise<OpenApi> => familyDocument(server, family, version));
}

type NamedFamily = Pick<ApiFamily, 'id' | 'description'>;

/** Returns the OpenAPI document of a family: the routes with the tag of the family. */
export function familyDocument(server: FastifyInstance, { id, description }: NamedFamily, version: string): OpenApi {
  const own = Object.entries(server.describedPaths).filter(([, methods]) =>
    Object.values(methods).some(({ tags }) => tags.includes(id)),
  );
  return { openapi: '3.1.1', info: { title: 'Clair', version, description }, paths: Object.fromEntries(own) };
}

function operationOf(route: RouteOptions, description: RouteDescription, family: DescribedFamily): Operation {
  const { summary, description: details, answers, mediaType = JSON_TYPE, otherMediaTypes = [], errors } = description;
  const { params, querystring } = route.schema ?? {};
  const body = description.body ?? route.schema?.body;
  const bodyTypes = body === undefined ? rawBody(route.config?.otherBodyTypes) : json(body);
  const others = otherMediaTypes.map((each) => [each, { schema: Type.String() }]);
  const success = Object.entries(answers).map(([status, schema]) => [
    status,
    {
      description: 'success',
      ...(schema !== null && { content: { ...Object.fromEntries(others), [mediaType]: { schema } } }),
    },
  ]);
  const refusals = [...(family.commonErrors ?? []), ...(body === undefined ? [] : [415]), 403];
  const failure = [...new Set([...errors, ...refusals, 500, 503])].map((status) => [
    String(status),
    { description: 'error', content: json(family.errors.schema) },
  ]);
  return {
    summary,
    ...(details !== undefined && { description: details }),
    tags: [family.id],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(querystring, 'query')],
    ...(bodyTypes !== undefined && { requestBody: { required: true, content: bodyTypes } }),
    responses: Object.fromEntries([...failure, ...success]),
  };
}

const JSON_TYPE = 'application/json';

function json(schema: unknown): Content {
  return { [JSON_TYPE]: { schema } };
}

/** Describes a body that the server does not parse as JSON. */
function rawBody(types: readonly string[] | undefined): Content | undefined {
  return types && Object.fromEntries(types.map((type) => [type, { schema: Type.Unknown() }]));
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
