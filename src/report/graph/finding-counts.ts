import { countOf, numberWords } from '../../model/counted-noun.ts';
import type { GraphFinding, GraphLayer } from './image-graph.ts';

/** Returns the numbers of findings that a layer adds and fixes. As in a report, suppressed findings do not count. */
export function findingCounts({ brings, repairs }: Pick<GraphLayer, 'brings' | 'repairs'>): string {
  return `adds ${countOf(shownOf(brings), 'finding')}, fixes ${numberWords(shownOf(repairs))}`;
}

function shownOf(findings: readonly GraphFinding[]): number {
  return findings.filter(({ isSuppressed }) => !isSuppressed).length;
}
