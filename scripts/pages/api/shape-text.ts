import { markdownTable } from '../markdown-table.ts';

/** The parts of JSON Schema (json-schema.org/draft/2020-12) in the OpenAPI document. */
export type JsonSchema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
};

/** The named shapes of a page. */
export type Shapes = Map<string, JsonSchema>;

/**
 * Writes the type of a schema. For a schema with a title, writes the title and adds the schema to `shapes`.
 *
 * @throws Error for two different shapes with the same title
 */
export function shapeText(schema: JsonSchema, shapes: Shapes): string {
  const { title, anyOf, items, properties, patternProperties } = schema;
  if (anyOf !== undefined) return anyOf.map((each) => shapeText(each, shapes)).join(' or ');
  if (items !== undefined) return `[${shapeText(items, shapes)}]`;
  if (patternProperties !== undefined) return `{NAME: ${shapeText(Object.values(patternProperties)[0] ?? {}, shapes)}}`;
  if (typeof schema.const === 'string') return JSON.stringify(schema.const);
  if (properties === undefined) return schema.type ?? 'any';
  const fields = fieldsOf(schema, shapes);
  if (title === undefined) return `{${fields.map(({ name, type }) => `${name}: ${type}`).join(', ')}}`;
  const known = shapes.get(title);
  if (known !== undefined && typesOf(known) !== typesOf(schema)) {
    throw new Error(`there are two shapes with the title ${title}`);
  }
  shapes.set(title, known ?? schema);
  return title;
}

/**
 * Writes a section for each shape, sorted by title. A section is a table of the fields, or the fields on one line if no
 * field has a description.
 */
export function shapeSections(shapes: Shapes): string {
  return [...shapes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, schema]) => `### ${title}\n\n${fieldTable(fieldsOf(schema, shapes))}`)
    .join('\n');
}

type Field = { readonly name: string; readonly type: string; readonly description: string };

function fieldsOf({ properties = {}, required = [] }: JsonSchema, shapes: Shapes): readonly Field[] {
  return Object.entries(properties).map(([name, property]) => ({
    name: required.includes(name) ? name : `${name}?`,
    type: shapeText(property, shapes),
    description: property.description ?? '',
  }));
}

function fieldTable(fields: readonly Field[]): string {
  if (fields.every(({ description }) => description === '')) {
    return `\`{${fields.map(({ name, type }) => `${name}: ${type}`).join(', ')}}\`\n`;
  }
  const rows = fields.map(({ name, type, description }) => [`\`${name}\``, `\`${type}\``, description]);
  return markdownTable([['field', 'type', 'description'], ...rows]);
}

/** Two shapes with the same title must have the same fields; their descriptions may differ. */
function typesOf(schema: JsonSchema): string {
  return JSON.stringify(schema, (key, value: unknown) => (key === 'description' ? undefined : value));
}
