import { describe, expect, it } from 'vitest';
import { normalizedPypiName } from './pypi-name.ts';

describe('the normalised name of a Python distribution (PEP 503)', () => {
  it.each([
    ['requests', 'requests'],
    ['Django', 'django'],
    ['jaraco.context', 'jaraco-context'],
    ['ruamel.yaml', 'ruamel-yaml'],
    ['typing_extensions', 'typing-extensions'],
    ['Friendly-._.-Bard', 'friendly-bard'],
  ])('of %s is %s', (name, normalized) => {
    expect(normalizedPypiName(name)).toBe(normalized);
    expect(normalizedPypiName(normalized)).toBe(normalized);
  });
});
