import { describe, expect, it } from 'vitest';
import { fitsPlatform, parsePlatform, platformText, platformWish } from './platform.ts';

describe('a platform', () => {
  it.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['windows/amd64', { os: 'windows', architecture: 'amd64' }],
  ])('%s is parsed and formatted', (text, platform) => {
    expect(parsePlatform(text)).toEqual(platform);
    expect(platformText(platform)).toBe(text);
  });

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/arm/v7/8', 'linux /amd64', 'linux/arm/'])('is not %j', (text) => {
    expect(parsePlatform(text)).toBeUndefined();
  });

  it.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/arm64', false],
    ['linux/amd64', 'windows/amd64', false],
    ['linux/amd64', 'linux/amd64/v3', true],
    ['linux/amd64/v3', 'linux/amd64', false],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm/v6', false],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v8', 'linux/arm64', true],
  ])('wanted %s, offered %s: %s', (wanted, offered, fits) => {
    expect(fitsPlatform(parsePlatform(wanted)!, parsePlatform(offered)!)).toBe(fits);
  });

  it("is required if named; otherwise this machine's platform is preferred", () => {
    const named = { os: 'linux', architecture: 's390x' };
    expect(platformWish(named)).toEqual({ platform: named, required: true });
    expect(platformWish(undefined)).toMatchObject({ platform: { os: 'linux' }, required: false });
  });
});
