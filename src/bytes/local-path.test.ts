import { describe, expect, it } from 'vitest';
import { isFileUrl, localPath } from './local-path.ts';

describe('localPath', () => {
  it.each([
    ['/tmp/feed.json', '/tmp/feed.json'],
    ['feed.json', 'feed.json'],
    ['file:///tmp/a%20feed.json', '/tmp/a feed.json'],
    ['file://localhost/tmp/feed.json', '/tmp/feed.json'],
  ])('maps %s to the path %s', (from, path) => {
    expect(localPath(from)).toBe(path);
  });

  it.each(['file://elsewhere/feed.json', 'file:///tmp/a%2Ffeed.json', 'file://:7'])('rejects %s', (from) => {
    expect(() => localPath(from)).toThrow(expect.objectContaining({ code: 'bytes/not-found' }));
  });

  it.each([
    ['file:///tmp/feed.json', true],
    ['https://feeds.example.org/', false],
    ['/tmp/file:/feed.json', false],
  ])('detects whether %s is a file URL: %s', (address, expected) => {
    expect(isFileUrl(address)).toBe(expected);
  });
});
