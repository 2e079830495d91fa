import { expect, it } from 'vitest';
import { layersText } from './reading-progress.ts';

it('counts the layers of an image, even of an image with one layer', () => {
  expect(layersText({ total: 4, done: 2, known: 1 })).toBe('2 of 4 layers (1 cached)');
  expect(layersText({ total: 1, done: 0, known: 0 })).toBe('0 of 1 layer');
});
