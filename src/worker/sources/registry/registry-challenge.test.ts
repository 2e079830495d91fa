import { describe, expect, it } from 'vitest';
import { type Challenge, parseChallenges } from './registry-challenge.ts';

const REALM = 'https://auth.example.org/token';

describe('parseChallenges', () => {
  it.each<[string, readonly Challenge[]]>([
    ['', []],
    ['Basic', [{ scheme: 'basic', parameters: {} }]],
    ['Basic realm="a registry"', [{ scheme: 'basic', parameters: { realm: 'a registry' } }]],
    ['BASIC Realm=simple', [{ scheme: 'basic', parameters: { realm: 'simple' } }]],
    [
      `Bearer realm="${REALM}",service="registry.example.org",scope="repository:a/b:pull,push"`,
      [
        {
          scheme: 'bearer',
          parameters: { realm: REALM, service: 'registry.example.org', scope: 'repository:a/b:pull,push' },
        },
      ],
    ],
    [
      `Bearer realm = "${REALM}" , error="invalid_token"`,
      [{ scheme: 'bearer', parameters: { realm: REALM, error: 'invalid_token' } }],
    ],
    ['Basic realm="say \\"a\\", b"', [{ scheme: 'basic', parameters: { realm: 'say "a", b' } }]],
    [
      'Negotiate, Basic realm="x", Bearer realm="y",service="z"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'bearer', parameters: { realm: 'y', service: 'z' } },
      ],
    ],
    ['Negotiate YWJj==', [{ scheme: 'negotiate', parameters: {} }]],
    ['Bearer realm="first",realm="second"', [{ scheme: 'bearer', parameters: { realm: 'first' } }]],
    ['realm="nobody asked"', []],
    ['Bearer realm="never closed, x="y"', []],
  ])('%s', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  it.each(['"', '\\', 'a', 'a ', ',', '=', '"\\', 'a="'])(
    'takes linear time with many %j',
    { timeout: 2000 },
    (part) => {
      expect(parseChallenges(`Basic ,${part.repeat(16_000)}`)).toContainEqual({ scheme: 'basic', parameters: {} });
    },
  );
});
