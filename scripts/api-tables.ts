import type { ApiFamily } from '../src/api/families/api-family.ts';
import { FAMILIES } from '../src/api/families/index.ts';
import type { OpenApi, Operation } from '../src/api/openapi.ts';
import { markdownTable, type TableMarkers, withTable } from './markdown-table.ts';

const MARKERS: TableMarkers = {
  begin: '<!-- routes: written by `npx tsx scripts/write-api.ts` -->',
  end: '<!-- end of routes -->',
};

/**
 * Puts one table of routes for each API family, and the table of shapes, between two markers in the text of docs/api.md.
 *
 * @throws Error for a text without the markers, and for two shapes of one name.
 */
export function withApiTables(
  text: string,
  document: OpenApi,
  families: readonly Pick<ApiFamily, 'id' | 'title'>[] = FAMILIES,
): string {
  const shapes = new Map<string, string>();
  const tables = families.map(({ id, title }) => `### ${title}\n\n${routeTable(document, id, shapes)}`);
  const rows = [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, fields]) => [name, `\`${fields}\``]);
  return withTable(
    text,
    MARKERS,
    `${tables.join('\n')}\n### Shapes\n\n${markdownTable([['name', 'fields'], ...rows])}`,
  );
}

function routeTable({ paths }: OpenApi, family: string, shapes: Map<string, string>): string {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(family))
      .map(([method, operation]) => rowOf(method, path, operation, shapes)),
  );
  return markdownTable([['method and path', 'what it does', 'in', 'out', 'errors'], ...rows]);
}

function rowOf(method: string, path: string, operation: Operation, shapes: Map<string, string>): string[] {
  const { parameters, requestBody, responses } = operation;
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const body = requestBody?.content['application/json']?.schema;
  const all = Object.entries(responses);
  const answers = all
    .filter(([, { description }]) => description === 'success')
    .map(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return schema === undefined ? `${status}, empty` : `${status} \`${shapeText(schema as JsonSchema, shapes)}\``;
    });
  const errors = all.filter(([status, { description }]) => description === 'error' && !COMMON.has(status));
  return [
    `\`${method.toUpperCase()} ${path}${query.length === 0 ? '' : `?${query.join('&')}`}\``,
    operation.summary,
    body === undefined ? '' : `\`${shapeText(body as JsonSchema, shapes)}\``,
    answers.join('; '),
    errors.map(([status]) => status).join(', '),
  ];
}

/** What any route may answer. */
const COMMON: ReadonlySet<string> = new Set(['403', '500', '503']);

/** What is used of JSON Schema (json-schema.org/draft/2020-12). */
type JsonSchema = {
  readonly type?: string;
  readonly title?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
};

/** Writes a schema in few words; one with a title is written by its name, and kept with its fields. */
function shapeText(schema: JsonSchema, shapes: Map<string, string>): string {
  const { title, anyOf, items, properties, required = [], patternProperties } = schema;
  if (anyOf !== undefined) return anyOf.map((each) => shapeText(each, shapes)).join(' or ');
  if (items !== undefined) return `[${shapeText(items, shapes)}]`;
  if (patternProperties !== undefined) return `{name: ${shapeText(Object.values(patternProperties)[0] ?? {}, shapes)}}`;
  if (properties === undefined) return schema.type ?? 'any';
  const fields = Object.entries(properties).map(
    ([name, property]) => `${name}${required.includes(name) ? '' : '?'}: ${shapeText(property, shapes)}`,
  );
  const text = `{${fields.join(', ')}}`;
  if (title === undefined) return text;
  if ((shapes.get(title) ?? text) !== text) throw new Error(`there are two shapes with the name ${title}`);
  shapes.set(title, text);
  return title;
}
