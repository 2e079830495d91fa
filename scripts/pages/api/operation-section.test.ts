import { expect, it } from 'vitest';
import type { OpenApi } from '../../../src/api/openapi.ts';
import { familySection } from './operation-section.ts';
import { type JsonSchema, type Shapes, shapeSections, shapeText } from './shape-text.ts';

const THING: JsonSchema = {
  title: 'Thing',
  properties: { id: { type: 'string', description: 'ID of the thing' }, size: { type: 'integer' } },
  required: ['id'],
};

const DOCUMENT: OpenApi = {
  openapi: '3.1.1',
  info: { title: 'Test', version: '1', description: '' },
  paths: {
    '/things/{id}': {
      get: {
        summary: 'Return a thing.',
        description: 'Things are for tests.',
        tags: ['test'],
        parameters: [
          { name: 'id', in: 'path', required: true, description: 'ID of the thing', schema: {} },
          { name: 'limit', in: 'query', required: true, description: 'a number', schema: {} },
        ],
        responses: {
          200: { description: 'success', content: { 'application/json': { schema: THING } } },
          404: { description: 'error' },
          500: { description: 'error' },
        },
      },
      delete: {
        summary: 'Delete a thing.',
        tags: ['another'],
        parameters: [],
        responses: { 204: { description: 'success' } },
      },
    },
  },
};

it('the section of a family has its operations with parameters, responses, errors and examples', () => {
  const shapes: Shapes = new Map();
  const examples = [{ operation: 'GET /things/{id}', text: 'EXAMPLE' }];
  expect(familySection(DOCUMENT, { id: 'test', title: 'Test API' }, { examples, shapes })).toBe(
    [
      '## Test API',
      '### GET /things/{id}',
      'Return a thing.',
      'Things are for tests.',
      '| parameter | in              | description     |\n' +
        '| --------- | --------------- | --------------- |\n' +
        '| `id`      | path            | ID of the thing |\n' +
        '| `limit`   | query, required | a number        |',
      'Response: 200 `Thing`. Errors: 404.',
      'EXAMPLE',
    ].join('\n\n'),
  );
  expect([...shapes]).toEqual([['Thing', THING]]);
});

it('a shape without descriptions is one line, and a shape with descriptions is a table', () => {
  const plain = { title: 'Plain', properties: { a: { type: 'string' } }, required: ['a'] };
  const shapes: Shapes = new Map([
    ['Thing', THING],
    ['Plain', plain],
  ]);
  expect(shapeSections(shapes)).toBe(
    '### Plain\n\n`{a: string}`\n\n### Thing\n\n' +
      '| field   | type      | description     |\n' +
      '| ------- | --------- | --------------- |\n' +
      '| `id`    | `string`  | ID of the thing |\n' +
      '| `size?` | `integer` |                 |\n',
  );
});

it('two different shapes with one title are an error', () => {
  const shapes: Shapes = new Map();
  shapeText(THING, shapes);
  const described = { ...THING, properties: { ...THING.properties, id: { type: 'string' } } };
  expect(shapeText({ items: described }, shapes)).toBe('[Thing]');
  expect(() => shapeText({ ...THING, required: [] }, shapes)).toThrow('two shapes with the title Thing');
});
