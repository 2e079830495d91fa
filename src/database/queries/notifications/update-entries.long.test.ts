import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Effect, effectsOnImage } from './update-entries.ts';

const effect = (feature: number, change: number): Effect => ({
  feature,
  reason: 'added',
  cpe: '',
  unless: '["cpe:/o:redhat:enterprise_linux:8"]',
  slot: change,
  change,
  severity: 1,
  namespace: 'redhat',
  package: 'a',
  fixed: '',
});

describe('the effects of an update on an image', () => {
  it('are computed in turns with other work if they are many', async () => {
    const features = Array.from({ length: 200 }, (_, at) => at + 1);
    const effects = new Map(
      features.map((id) => [id, Array.from({ length: 400 }, (_, at) => effect(id, at + 1))] as const),
    );
    const order: string[] = [];
    const found = effectsOnImage(effects, new Map(features.map((id) => [id, 1]))).finally(() => order.push('effects'));
    const other = setImmediate().then(() => order.push('other work'));
    expect((await found).map(({ change }) => change)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
    await other;
    expect(order).toEqual(['other work', 'effects']);
  });
});
