import type { OvalCriterion, OvalField, OvalNode, OvalTest } from './oval.ts';

/** The most conditions that the alternatives of one definition may have together: its criteria can multiply. */
export const MAX_CONDITIONS = 1_000_000;

/** What a criterion asks of an image. */
export type OvalCondition =
  /** One of these releases, by namespace. */
  | {
      readonly kind: 'release';
      readonly namespaces: readonly string[];
      /** Set where only those who pay for it get the packages: longer support, editions for special uses. */
      readonly isForSubscribers?: true;
    }
  /** A package in certain versions; in all of them without `bounds`. */
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly bounds: readonly OvalField[];
      readonly archs?: readonly string[];
      /** What is not sure about it, and what was done. */
      readonly diagnostic?: string;
    }
  /** That a package is not there in a certain state. */
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'arch'; readonly archs: readonly string[] }
  /** A module stream of rpm, `name:stream`. */
  | { readonly kind: 'module'; readonly module: string }
  /** It is not understood; it may narrow what the others say. */
  | { readonly kind: 'diagnostics'; readonly diagnostic: string };

/** A condition, or that a criterion always or never holds for an image. */
export type OvalVerdict = OvalCondition | 'always' | 'never';

/** Reads the criteria that only a feed itself knows, most of all its releases; undefined for all others. */
export type OvalRules = (criterion: OvalCriterion) => OvalVerdict | undefined;

/** One way in which criteria can be met: all the conditions that must hold together. */
export type OvalWay = readonly OvalCondition[];

/**
 * Gives the ways in which criteria can be met. What never holds takes its way with it, and what always holds is left out,
 * so that little is left to multiply.
 *
 * ONE and XOR are read as OR: they differ only where several hold, and none of those who publish uses them.
 *
 * @returns undefined when there are more conditions than {@link MAX_CONDITIONS}
 */
export function waysToMeet(
  node: OvalNode,
  rules: OvalRules,
  maxConditions: number = MAX_CONDITIONS,
): readonly OvalWay[] | undefined {
  if (node.kind !== 'criteria') {
    const verdict = verdictOf(node, rules);
    if (verdict === 'never') return [];
    return verdict === 'always' ? [[]] : [[verdict]];
  }
  if (node.isNegated) return unclearWay('the opposite of several criteria is asked for');
  if (node.children.length === 0) return unclearWay('there are no criteria where some should be');
  const parts: (readonly OvalWay[])[] = [];
  for (const child of node.children) {
    const ways = waysToMeet(child, rules, maxConditions);
    if (ways === undefined) return undefined;
    parts.push(ways);
  }
  return node.operator === 'AND' ? allOf(parts, maxConditions) : anyOf(parts, maxConditions);
}

function unclearWay(diagnostic: string): readonly OvalWay[] {
  return [[{ kind: 'diagnostics', diagnostic }]];
}

function anyOf(parts: readonly (readonly OvalWay[])[], maxConditions: number): readonly OvalWay[] | undefined {
  const ways = parts.flat();
  // One that asks for nothing makes the others needless.
  if (ways.some((way) => way.length === 0)) return [[]];
  return conditionsIn(ways) > maxConditions ? undefined : ways;
}

function allOf(parts: readonly (readonly OvalWay[])[], maxConditions: number): readonly OvalWay[] | undefined {
  let ways: readonly OvalWay[] = [[]];
  for (const part of parts) {
    const count = conditionsIn(ways) * part.length + conditionsIn(part) * ways.length;
    if (count > maxConditions) return undefined;
    ways = ways.flatMap((way) => part.map((other) => [...way, ...other]));
  }
  return ways;
}

/** A way without conditions takes room too. */
function conditionsIn(ways: readonly OvalWay[]): number {
  return ways.reduce((count, way) => count + Math.max(way.length, 1), 0);
}

function verdictOf(criterion: OvalCriterion, rules: OvalRules): OvalVerdict {
  const verdict = rules(criterion) ?? readCriterion(criterion);
  return criterion.isNegated ? opposite(verdict, criterion) : verdict;
}

function opposite(verdict: OvalVerdict, { comment, ref }: OvalCriterion): OvalVerdict {
  if (verdict === 'always') return 'never';
  if (verdict === 'never') return 'always';
  if (verdict.kind === 'package') return { kind: 'absent', name: verdict.name };
  return { kind: 'diagnostics', diagnostic: `the opposite of a criterion is asked for: ${comment || ref}` };
}

/** Who signed a package is asked beside every package; those of others are told by their vendor. */
const SIGNED = / is signed with /;

/** Live patches of the kernel: an image has none, it is the running system that is patched. */
const LIVE_PATCH = /^(?:kgraft-patch|kernel-livepatch|kpatch-patch)-/;

function readCriterion({ comment, ref, test }: OvalCriterion): OvalVerdict {
  if (SIGNED.test(comment)) return 'always';
  const shown = comment || ref;
  if (test === undefined)
    return readComment(comment) ?? { kind: 'diagnostics', diagnostic: `a test is missing: ${shown}` };
  if (test.kind !== 'rpminfo') return { kind: 'diagnostics', diagnostic: `a test is not about a package: ${shown}` };
  const [name, ...others] = test.names;
  if (name === undefined)
    return readComment(comment) ?? { kind: 'diagnostics', diagnostic: `a test names no package: ${shown}` };
  if (others.length > 0) return { kind: 'diagnostics', diagnostic: `a test names several packages: ${shown}` };
  const isAbsent = test.check === 'none satisfy' || test.checkExistence === 'none_exist';
  if (isAbsent) return LIVE_PATCH.test(name) ? 'always' : { kind: 'absent', name };
  return readPackage(name, test, shown);
}

/**
 * How comments tell a package and its fix: `bind is earlier than 30:9.3.3-8.el5`, of SUSE `tar-1.34-2.2 is installed`, and
 * `tar is affected` of one without a fix.
 */
const COMMENTS = [/^(\S+) is earlier than (\S+)$/, /^(\S+)-(\d[^\s-]*-\d[^\s-]*) is installed$/, /^(\S+) is affected$/];

/** Reads a comment in place of a test that the document does not hold as a whole. */
function readComment(comment: string): OvalVerdict | undefined {
  for (const pattern of COMMENTS) {
    const [, name, value] = pattern.exec(comment) ?? [];
    if (name === undefined) continue;
    const bounds = value === undefined ? [] : [{ name: 'evr', operation: 'less than', value }];
    return { kind: 'package', name, bounds, diagnostic: `a test is missing, its comment was read: ${comment}` };
  }
  return undefined;
}

function readPackage(name: string, { fields }: OvalTest, shown: string): OvalVerdict {
  if (fields === undefined) return { kind: 'package', name, bounds: [], diagnostic: `a state is missing: ${shown}` };
  // How SUSE writes that a package is not affected in any version.
  if (fields.some(({ name: field, value }) => field === 'version' && value === '0')) return 'never';
  const bounds = fields.filter((field) => field.name === 'evr');
  const [arch, ...others] = fields.filter((field) => field.name === 'arch');
  const archs = arch && archsOf(arch);
  const isUnderstood = bounds.length + (arch === undefined ? 0 : 1) === fields.length && others.length === 0;
  const diagnostics = [
    ...(isUnderstood ? [] : [`a state is not understood: ${shown}`]),
    ...(arch !== undefined && archs === undefined ? [`taken for all architectures, not for ${arch.value}`] : []),
  ];
  return {
    kind: 'package',
    name,
    bounds,
    ...(archs !== undefined && { archs }),
    ...(diagnostics.length > 0 && { diagnostic: diagnostics.join('; ') }),
  };
}

/** The architectures of a field, which is one or a pattern of several: `x86_64`, `(aarch64|x86_64)`. */
function archsOf({ operation, value }: OvalField): readonly string[] | undefined {
  if (operation !== 'equals' && operation !== 'pattern match') return undefined;
  const list = /^\^?\(?(\w+(?:\|\w+)*)\)?\$?$/.exec(value)?.[1];
  return list?.split('|');
}
