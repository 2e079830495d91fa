import { describe, expect, it } from 'vitest';
import { nearestKey } from './nearest-key.ts';

const KEYS = [
  'api',
  'log',
  'worker',
  'api.host',
  'api.port',
  'log.level',
  'worker.allowedHosts',
  'worker.allowedPaths',
];

describe('the key that was meant', () => {
  it.each([
    ['a letter missing', 'wrker', 'worker'],
    ['a letter too many', 'workers', 'worker'],
    ['two letters changed for each other', 'wroker', 'worker'],
    ['other case', 'API.PORT', 'api.port'],
    ['another word between', 'worker.allowed_paths', 'worker.allowedPaths'],
    ['three slips', 'worker.alowdPath', 'worker.allowedPaths'],
    ['another section', 'server.port', 'api.port'],
    ['no section', 'allowedHosts', 'worker.allowedHosts'],
  ])('%s: %s is %s', (_, path, key) => {
    expect(nearestKey(path, KEYS)).toBe(key);
  });

  it.each([
    ['is none', 'notifier'],
    ['is four slips away', 'worker.alwdPth'],
    ['is too short to have slips', 'a'],
    ['is longer than any', 'k'.repeat(1_000_000)],
    ['is empty', ''],
  ])('is not guessed where it %s', (_, path) => {
    expect(nearestKey(path, KEYS)).toBeUndefined();
  });
});
