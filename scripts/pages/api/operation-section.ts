import type { ApiFamily } from '../../../src/api/families/api-family.ts';
import type { OpenApi, Operation, Parameter } from '../../../src/api/openapi.ts';
import { markdownTable } from '../markdown-table.ts';
import type { ApiExample } from './example-recorder.ts';
import { type JsonSchema, shapeText, type Shapes } from './shape-text.ts';

/** Status codes of errors that every operation can return. */
const COMMON_ERRORS: ReadonlySet<string> = new Set(['403', '500', '503']);

/**
 * Writes the section of an API family, which contains each operation with its parameters, body, responses and examples.
 */
export function familySection(
  { paths }: OpenApi,
  { id, title }: Pick<ApiFamily, 'id' | 'title'>,
  { examples, shapes }: { readonly examples: readonly ApiExample[]; readonly shapes: Shapes },
): string {
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(id))
      .map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path}`;
        return operationSection(
          name,
          operation,
          shapes,
          examples.filter((example) => example.operation === name),
        );
      }),
  );
  return [`## ${title}`, ...sections].join('\n\n');
}

function operationSection(
  name: string,
  { summary, description, parameters, requestBody, responses }: Operation,
  shapes: Shapes,
  examples: readonly ApiExample[],
): string {
  const body = requestBody?.content['application/json']?.schema;
  const errors = Object.entries(responses).filter(
    ([status, response]) => response.description === 'error' && !COMMON_ERRORS.has(status),
  );
  const facts = [
    ...(body === undefined ? [] : [`Request body: ${bodyText(body as JsonSchema, requestBody?.content, shapes)}.`]),
    `Response: ${successText(responses, shapes)}.`,
    ...(errors.length === 0 ? [] : [`Errors: ${errors.map(([status]) => status).join(', ')}.`]),
  ];
  return [
    `### ${name}`,
    summary,
    ...(description === undefined ? [] : [description]),
    ...(parameters.length === 0 ? [] : [parameterTable(parameters)]),
    facts.join(' '),
    ...examples.map(({ text }) => text),
  ].join('\n\n');
}

/** Lists the media types of a body without a schema, because the server does not parse such a body. */
function bodyText(body: JsonSchema, content: object = {}, shapes: Shapes): string {
  const types = Object.keys(content).map((type) => `\`${type}\``);
  return Object.keys(body).length === 0 ? types.join(', ') : `\`${shapeText(body, shapes)}\``;
}

function successText(responses: Operation['responses'], shapes: Shapes): string {
  return Object.entries(responses)
    .filter(([, { description }]) => description === 'success')
    .map(([status, { content }]) => {
      if (content === undefined) return `${status} without a body`;
      const schema = content['application/json']?.schema;
      if (schema === undefined) return `${status}, \`${Object.keys(content).join('`, `')}\``;
      return `${status} \`${shapeText(schema as JsonSchema, shapes)}\``;
    })
    .join(' or ');
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, in: place, required, description = '' }) => [
    `\`${name}\``,
    place === 'query' && required ? 'query, required' : place,
    description,
  ]);
  return markdownTable([['parameter', 'in', 'description'], ...rows]).trimEnd();
}
