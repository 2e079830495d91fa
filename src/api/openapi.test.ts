import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiPages } from '../../scripts/api-pages/api-pages.ts';
import { openApiDocument } from '../../scripts/openapi-document.ts';

it('the API reference is up to date (run `npx tsx scripts/write-api.ts`)', async () => {
  const pages = await apiPages();
  expect(pages.map(({ file }) => file)).toEqual(['api-v1.md', 'api-v2.md']);
  for (const { file, text } of pages) {
    const page = readFileSync(new URL(`../../docs/reference/${file}`, import.meta.url), 'utf8');
    expect(page).toBe(text);
  }
});

describe('the OpenAPI document', () => {
  it('declares every path parameter, and the bodies of POST and PUT', async () => {
    const { openapi, paths } = await openApiDocument();
    expect(openapi).toBe('3.1.1');
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
        const named = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        // A retry has no body.
        const takesBody = (method === 'post' || method === 'put') && !path.endsWith('/retry');
        expect([path, method, requestBody !== undefined]).toEqual([path, method, takesBody]);
      }
    }
  });

  it('describes every operation and parameter', async () => {
    const { paths } = await openApiDocument();
    for (const [path, methods] of Object.entries(paths)) {
      for (const { summary, parameters } of Object.values(methods)) {
        expect(`${path}: ${summary}`).toMatch(/: [A-Z][a-z]+ .*\.$/);
        for (const { name, description = '' } of parameters) expect([path, name, description]).not.toContain('');
      }
    }
  });
});
