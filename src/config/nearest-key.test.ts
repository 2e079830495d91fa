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

describe('the nearest key', () => {
  it.each([
    ['a missing letter', 'wrker', 'worker'],
    ['an extra letter', 'workers', 'worker'],
    ['two swapped letters', 'wroker', 'worker'],
    ['other case', 'API.PORT', 'api.port'],
    ['an underscore', 'worker.allowed_paths', 'worker.allowedPaths'],
    ['three typing errors', 'worker.alowdPath', 'worker.allowedPaths'],
    ['another section', 'server.port', 'api.port'],
    ['no section', 'allowedHosts', 'worker.allowedHosts'],
  ])('%s: %s is %s', (_, path, key) => {
    expect(nearestKey(path, KEYS)).toBe(key);
  });

  it.each([
    ['is unrelated', 'notifier'],
    ['has four typing errors', 'worker.alwdPth'],
    ['is too short', 'a'],
    ['is longer than all keys', 'k'.repeat(1_000_000)],
    ['is empty', ''],
  ])('is undefined for a text that %s', (_, path) => {
    expect(nearestKey(path, KEYS)).toBeUndefined();
  });
});
