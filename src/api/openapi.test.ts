import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withApiTables } from '../../scripts/api-tables.ts';
import { openApiDocument } from '../../scripts/openapi-document.ts';

describe('the OpenAPI document', () => {
  it('is what docs/api.md was written from', async () => {
    const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    expect(text).toBe(withApiTables(text, await openApiDocument()));
  });

  it('declares every parameter of every path, and a body where one is taken', async () => {
    const { openapi, paths } = await openApiDocument();
    expect(openapi).toBe('3.1.1');
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
        const named = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        // The path of a retry says all there is to say.
        const takesBody = (method === 'post' || method === 'put') && !path.endsWith('/retry');
        expect([path, method, requestBody !== undefined]).toEqual([path, method, takesBody]);
      }
    }
  });
});
