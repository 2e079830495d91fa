import { readFileSync } from 'node:fs';
import { FAMILIES } from '../../../src/api/families/index.ts';
import type { OpenApi } from '../../../src/api/openapi.ts';
import { generatedHead } from '../generated-head.ts';
import { createExampleRecorder, type ExampleRecorder } from './example-recorder.ts';
import { type ExampleServer, startExampleServer } from './example-server.ts';
import { familySection } from './operation-section.ts';
import { shapeSections, type Shapes } from './shape-text.ts';
import { recordHarborExamples } from './harbor-examples.ts';
import { recordV1Examples } from './v1-examples.ts';
import { recordV2Examples } from './v2-examples.ts';
import { recordV4Examples } from './v4-examples.ts';
import { recordWebhookExamples } from './webhook-examples.ts';

/** A page of docs/reference/. */
export type ApiPage = { readonly file: string; readonly text: string };

type PageSource = {
  /** The file name of the page and of its template. */
  readonly file: string;
  /** The page describes the families with this prefix. */
  readonly prefix: string;
  readonly recordExamples: (server: ExampleServer, recorder: ExampleRecorder) => Promise<void>;
};

const PAGES: readonly PageSource[] = [
  { file: 'api-v1.md', prefix: '/v1', recordExamples: recordV1Examples },
  { file: 'api-v2.md', prefix: '/v2', recordExamples: recordV2Examples },
  { file: 'api-v4.md', prefix: '/indexer', recordExamples: recordV4Examples },
  { file: 'api-harbor.md', prefix: '/harbor/api/v1', recordExamples: recordHarborExamples },
  { file: 'api-webhooks.md', prefix: '/webhooks', recordExamples: recordWebhookExamples },
];

const HEAD = `${generatedHead('src/api and scripts/pages/api')}\n\n`;

/** The line of a template that the operations replace. */
const OPERATIONS = '<!-- operations -->';

/** The line of a template that the shapes replace. */
const SHAPES = '<!-- shapes -->';

/**
 * Returns the pages of the API reference. The examples are real exchanges with servers in memory.
 *
 * @throws Error for an operation without an example, a family without a page, and an example that does not match the
 * OpenAPI document
 */
export async function apiPages(): Promise<readonly ApiPage[]> {
  const pages: ApiPage[] = [];
  for (const source of PAGES) pages.push({ file: source.file, text: await pageText(source) });
  const lost = FAMILIES.find(({ mounts }) => !PAGES.some(({ prefix }) => mounts[0]?.prefix === prefix));
  if (lost !== undefined) throw new Error(`no page has the API family ${lost.id}`);
  return pages;
}

async function pageText({ file, prefix, recordExamples }: PageSource): Promise<string> {
  const families = FAMILIES.filter(({ mounts }) => mounts[0]?.prefix === prefix);
  const server = await startExampleServer();
  try {
    const document: OpenApi = (await server.api.inject({ url: '/openapi.json' })).json();
    const recorder = createExampleRecorder(server, document);
    await recordExamples(server, recorder);
    const { examples } = recorder;
    const missing = operationsOf(document, new Set(families.map(({ id }) => id))).find(
      (operation) => !examples.some((example) => example.operation === operation),
    );
    if (missing !== undefined) throw new Error(`${missing} has no example`);
    const shapes: Shapes = new Map();
    const sections = families.map((family) => familySection(document, family, { examples, shapes }));
    const template = readFileSync(new URL(`templates/${file}`, import.meta.url), 'utf8');
    return `${HEAD}${template
      .replace(OPERATIONS, () => sections.join('\n\n'))
      .replace(SHAPES, () => shapeSections(shapes).trimEnd())}`;
  } finally {
    await server.close();
  }
}

function operationsOf({ paths }: OpenApi, tags: ReadonlySet<string>): readonly string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.some((tag) => tags.has(tag)))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
}
