import { createHash } from 'node:crypto';
import type { Store } from '../../src/database/contracts/store.ts';
import { ClairError } from '../../src/errors.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { Report } from '../../src/model/report/report.ts';
import { affectedBy } from '../../src/report/affected/affected-by.ts';
import { explanationOf } from '../../src/report/explanation/stored-explanation.ts';

/**
 * The maximum number of vulnerabilities to query for each image, from each of three lists: the findings, the suppressed
 * findings and the undetermined packages.
 */
const VULNERABILITIES = 20;

const AFFECTED = 100;

/** All compared output for an image. */
export type ImageAnswers = {
  readonly report: Report;
  readonly explanations: readonly Answer[];
  readonly affected: readonly Answer[];
};

type Answer = { readonly id: string; readonly answer: unknown };

/** The identifiers of the queries. */
export type AskedVulnerabilities = { readonly explanations: readonly string[]; readonly affected: readonly string[] };

/**
 * Explains findings of an image, and queries the layers and images that they affect.
 *
 * @param asked the vulnerabilities; selected from the report when absent
 */
export async function answersOf(
  store: Store,
  image: { readonly report: Report; readonly layers: readonly Layer[] },
  asked: AskedVulnerabilities = vulnerabilitiesOf(image.report),
): Promise<ImageAnswers> {
  const explanations: Answer[] = [];
  for (const id of asked.explanations) explanations.push({ id, answer: await explanationOf(store, id, image) });
  const affected: Answer[] = [];
  for (const id of asked.affected) affected.push({ id, answer: await answerOrError(affectedBy(store, id, AFFECTED)) });
  return { report: image.report, explanations, affected };
}

function vulnerabilitiesOf({ findings, suppressed, undecided }: Report): AskedVulnerabilities {
  const groups = [findings, suppressed, undecided.listed].map((group) => someOf(group.map(({ id }) => id)));
  return { explanations: [...new Set(groups.flat())], affected: groups[0] ?? [] };
}

/** Selects identifiers by their hashes, so that most identifiers remain the same when a few are added or removed. */
function someOf(ids: readonly string[]): readonly string[] {
  const hashed = [...new Set(ids)].map((id) => [createHash('sha256').update(id).digest('hex'), id] as const);
  return hashed
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, VULNERABILITIES)
    .map(([, id]) => id);
}

async function answerOrError(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClairError) return { error: error.code };
    throw error;
  }
}
