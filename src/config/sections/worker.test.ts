import { expect, it } from 'vitest';
import { parseConfig } from '../config-file.ts';

it('accepts registries with any layers that may be fetched in part', () => {
  const { config } = parseConfig('worker: {partialFetch: [a.test, "b.test:5000=any"]}', 'FILE');
  expect(config.worker.partialFetch).toEqual(['a.test', 'b.test:5000=any']);
});

it('rejects partial fetches of other layers', () => {
  expect(() => parseConfig('worker: {partialFetch: [a.test=all]}', 'FILE')).toThrow(
    'worker.partialFetch[0] must be a registry, HOST[:PORT][=any]',
  );
});
