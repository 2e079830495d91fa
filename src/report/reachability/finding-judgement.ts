import type { ModuleImports } from '../../database/contracts/matches.ts';
import { createTurns } from '../../threads/turns.ts';
import type { ProgramFunctions } from '../../model/reachability.ts';
import { type FindingReachability, NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import type { MergedMatch } from '../merging/merged-matches.ts';
import {
  judgeProgram,
  type ModuleAdvisory,
  type ProgramJudgement,
  unknownState,
  worseOf,
} from './program-judgement.ts';

/** The data that determines the reachability of Go findings. */
export type ReachabilityEvidence = {
  /** The packages and functions that the advisories of {@link goAdvisories} name. */
  readonly imports: readonly ModuleImports[];
  /** The functions of the Go programs of an image, by path. */
  readonly programs: ReadonlyMap<string, ProgramFunctions>;
  /** Returns the paths at which the package of a match was matched. */
  readonly pathsOf: (match: MergedMatch) => readonly string[];
};

/**
 * Returns the names of Go matches that are identifiers of the Go vulnerability database. Only the advisories of this
 * database name functions.
 */
export function goAdvisories(matches: readonly MergedMatch[]): readonly string[] {
  return [...new Set(matches.filter(isGo).flatMap(advisoriesOf))];
}

/**
 * Determines the reachability of the Go matches of an image from the functions in the programs of the image. If a match
 * has several advisories or programs, the worst result applies. Matches of other ecosystems, and matches that are not
 * in `matches`, have no reachability.
 */
export async function judgedMatches(
  matches: readonly MergedMatch[],
  { imports, programs, pathsOf }: ReachabilityEvidence,
): Promise<(match: MergedMatch) => FindingReachability> {
  const advisories = advisoriesByName(imports);
  const judged = new Map<MergedMatch, FindingReachability>();
  const turns = createTurns();
  for (const match of matches) {
    if (!isGo(match)) continue;
    const about = advisoriesOf(match).flatMap((name) => advisories.get(name)?.get(match.feature.name) ?? []);
    judged.set(match, judgedFiles(about, pathsOf(match), programs));
    if (turns.areDue()) await turns.take();
  }
  return (match) => judged.get(match) ?? NO_REACHABILITY;
}

function isGo({ feature }: MergedMatch): boolean {
  return feature.type === 'golang';
}

function advisoriesOf({
  vulnerability: { name, aliases, otherNames = [] },
  members = [],
}: MergedMatch): readonly string[] {
  const names = [name, ...aliases, ...otherNames, ...members.map((member) => member.vulnerability.name)];
  return [...new Set(names)].filter((each) => /^GO-\d/.test(each));
}

type AdvisoriesByName = ReadonlyMap<string, ReadonlyMap<string, ModuleAdvisory>>;

/**
 * Groups advisories by identifier and module. An advisory that names no packages in one of its ranges is about the
 * whole module.
 */
function advisoriesByName(imports: readonly ModuleImports[]): AdvisoriesByName {
  const found = new Map<string, Map<string, ModuleAdvisory>>();
  for (const { vulnerability, ...advisory } of imports) {
    const ofName = found.get(vulnerability) ?? new Map<string, ModuleAdvisory>();
    found.set(vulnerability, ofName);
    const { module } = advisory;
    const known = ofName.get(module);
    ofName.set(module, known === undefined ? advisory : joined(known, advisory));
  }
  return found;
}

function joined({ module, imports: one }: ModuleAdvisory, { imports: other }: ModuleAdvisory): ModuleAdvisory {
  return one === undefined || other === undefined ? { module } : { module, imports: [...one, ...other] };
}

function judgedFiles(
  advisories: readonly ModuleAdvisory[],
  paths: readonly string[],
  programs: ReadonlyMap<string, ProgramFunctions>,
): FindingReachability {
  if (advisories.length === 0) return WITHOUT_ADVISORY;
  let worst: { readonly judgement: ProgramJudgement; readonly path: string } | undefined;
  for (const path of paths) {
    const judgement = advisories.map((each) => judgeProgram(each, programs.get(path))).reduce(worseOf);
    if (worst === undefined || worseOf(worst.judgement, judgement) !== worst.judgement) worst = { judgement, path };
  }
  const { state, basis, reason } = worst?.judgement ?? unknownState('the files of the package are unknown');
  const where =
    worst !== undefined && paths.length > 1 ? ` File: ${worst.path} (the worst result of ${paths.length} files).` : '';
  return { reachability: state, reachabilityBasis: basis, reachabilityReason: `${reason}${where}` };
}

const WITHOUT_ADVISORY: FindingReachability = {
  reachability: 'unknown',
  reachabilityBasis: null,
  reachabilityReason: 'No stored advisory of the Go vulnerability database is about this vulnerability in this module.',
};
