import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../scripts/pages/openapi-document.ts';
import type { OpenApi } from '../src/api/openapi.ts';

describe('the OpenAPI document', () => {
  let document: OpenApi;
  beforeAll(async () => {
    document = await openApiDocument();
  });

  it('declares every path parameter, and the bodies of POST and PUT', () => {
    const { openapi, paths } = document;
    expect(openapi).toBe('3.1.1');
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
        const named = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        // A retry has no body; Clair v4 deletes a list of digests.
        const isList = method === 'delete' && path === '/indexer/api/v1/index_report';
        const takesBody = isList || ((method === 'post' || method === 'put') && !path.endsWith('/retry'));
        expect([path, method, requestBody !== undefined]).toEqual([path, method, takesBody]);
      }
    }
  });

  it('describes every operation and parameter', () => {
    const { paths } = document;
    for (const [path, methods] of Object.entries(paths)) {
      for (const { summary, parameters } of Object.values(methods)) {
        expect(`${path}: ${summary}`).toMatch(/: [A-Z][a-z]+ .*\.$/);
        for (const { name, description = '' } of parameters) expect([path, name, description]).not.toContain('');
      }
    }
  });
});
