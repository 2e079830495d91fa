import { describe, expect, it } from 'vitest';
import type { SuppressedVulnerability } from '../../../src/model/report.ts';
import type { GraphAnswer } from '../api-shapes.ts';
import { imageGraph } from './image-graph.ts';

const FACTS = { package: 'a', version: '1', severity: 'High', status: 'open', fixedIn: null } as const;
const LAYER = { index: 0, createdBy: '', origin: 'own', size: null, added: [], removed: [], repairs: [] } as const;

function suppressed(id: string): SuppressedVulnerability {
  return { id, package: 'a', version: '1' } as unknown as SuppressedVulnerability;
}

describe('the graph of an image', () => {
  it('knows from the report which findings are suppressed, whatever their field is called', () => {
    const brings = [
      { vulnerability: 'CVE-1', ...FACTS },
      { id: 'CVE-2', ...FACTS },
    ];
    const answer: GraphAnswer = { layers: [{ ...LAYER, brings }] };
    const { layers, lines } = imageGraph(answer, { suppressed: [suppressed('CVE-2')] });
    expect(layers[0]?.brings.map(({ id, isSuppressed }) => [id, isSuppressed])).toEqual([
      ['CVE-1', false],
      ['CVE-2', true],
    ]);
    expect(lines).toEqual([]);
  });
});
