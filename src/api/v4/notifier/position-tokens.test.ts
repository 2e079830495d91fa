import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryPosition } from '../../../database/contracts/update-notifications.ts';
import { NIL_UUID, positionOfToken, tokenOfPosition } from './position-tokens.ts';

const id = fc.integer({ min: 0, max: 2 ** 40 - 2 });

const position = fc.record<EntryPosition>({
  layer: id,
  image: fc.oneof(id, fc.constant(Number.MAX_SAFE_INTEGER)),
  entry: fc.option(
    fc.record({ change: fc.integer({ min: 0, max: 2 ** 41 - 2 }), reason: fc.constantFrom('added', 'removed') }),
    { nil: undefined },
  ),
});

describe('a page token', () => {
  it('is a UUID that encodes its position', () => {
    fc.assert(
      fc.property(position, (of) => {
        const token = tokenOfPosition(of);
        expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(positionOfToken(token)).toEqual(of);
        expect(positionOfToken(token.toUpperCase())).toEqual(of);
      }),
    );
  });

  it.each([NIL_UUID, '3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11', '', 'x'])('is not %j', (token) => {
    expect(positionOfToken(token)).toBeUndefined();
  });
});
