import type { OvalCriterion, OvalField, OvalNode, OvalTest } from './oval.ts';

/**
 * The maximum number of conditions in all ways to meet the criteria of a definition. The number is limited, because
 * nested criteria can have very many combinations.
 */
export const MAX_CONDITIONS = 1_000_000;

/** A requirement that an image must meet. */
export type OvalCondition =
  /** The image has one of the releases with these namespaces. */
  | {
      readonly kind: 'release';
      readonly namespaces: readonly string[];
      /** Set for extended support and special editions. */
      readonly isForSubscribers?: true;
    }
  /** A package is installed in a version within the bounds, or in any version if `bounds` is empty. */
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly bounds: readonly OvalField[];
      readonly archs?: readonly string[];
      /** A diagnostic that names the part that could not be interpreted, and its treatment. */
      readonly diagnostic?: string;
    }
  /** A package is not installed in a certain state. */
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'arch'; readonly archs: readonly string[] }
  /** The package is from an rpm module stream, in the form `name:stream`. */
  | { readonly kind: 'module'; readonly module: string }
  /** A condition that cannot be interpreted and may narrow the other conditions. */
  | { readonly kind: 'diagnostics'; readonly diagnostic: string };

/** A condition, or the result of a criterion that all images or no images meet. */
export type OvalVerdict = OvalCondition | 'always' | 'never';

/**
 * Returns the verdict for a criterion that is specific to the feed's dialect, mainly checks of the release; undefined
 * for all other criteria.
 */
export type OvalRules = (criterion: OvalCriterion) => OvalVerdict | undefined;

/** A way to meet criteria. An image meets the criteria if it meets all conditions of a way. */
export type OvalWay = readonly OvalCondition[];

/**
 * Returns the ways to meet criteria. Drops ways that no image can meet, and conditions that all images meet, to limit
 * the number of combinations.
 *
 * Reads ONE and XOR as OR. The operators differ only if several conditions are met, and no publisher uses ONE or XOR.
 *
 * @returns undefined if the ways have more than `maxConditions` conditions
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
  if (node.isNegated) return unclearWay('negated criteria');
  if (node.children.length === 0) return unclearWay('empty criteria');
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
  // A way without conditions makes the other ways redundant.
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

/**
 * Returns the number of conditions. Counts a way without conditions as one condition, because the way also needs
 * memory.
 */
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
  return { kind: 'diagnostics', diagnostic: `negated criterion: ${comment || ref}` };
}

/** Matches the signature check, which criteria repeat for every package. */
const SIGNED = / is signed with /;

/** Matches live patches, which change a running kernel and are not part of images. */
const LIVE_PATCH = /^(?:kgraft-patch|kernel-livepatch|kpatch-patch)-/;

function readCriterion({ comment, ref, test }: OvalCriterion): OvalVerdict {
  if (SIGNED.test(comment)) return 'always';
  const shown = comment || ref;
  if (test === undefined) return readComment(comment) ?? { kind: 'diagnostics', diagnostic: `missing test: ${shown}` };
  if (test.kind !== 'rpminfo') return { kind: 'diagnostics', diagnostic: `the test is not about a package: ${shown}` };
  const [name, ...others] = test.names;
  if (name === undefined)
    return readComment(comment) ?? { kind: 'diagnostics', diagnostic: `the test names no package: ${shown}` };
  if (others.length > 0) return { kind: 'diagnostics', diagnostic: `the test names several packages: ${shown}` };
  const isAbsent = test.check === 'none satisfy' || test.checkExistence === 'none_exist';
  if (isAbsent) return LIVE_PATCH.test(name) ? 'always' : { kind: 'absent', name };
  return readPackage(name, test, shown);
}

/**
 * Match comments such as `bind is earlier than 30:9.3.3-8.el5`, `tar-1.34-2.2 is installed` (from SUSE), and `tar is
 * affected` (without a fix).
 */
const COMMENTS = [/^(\S+) is earlier than (\S+)$/, /^(\S+)-(\d[^\s-]*-\d[^\s-]*) is installed$/, /^(\S+) is affected$/];

/** Reads the comment of a criterion whose test is missing in the document or names no package. */
function readComment(comment: string): OvalVerdict | undefined {
  for (const pattern of COMMENTS) {
    const [, name, value] = pattern.exec(comment) ?? [];
    if (name === undefined) continue;
    const bounds = value === undefined ? [] : [{ name: 'evr', operation: 'less than', value }];
    return {
      kind: 'package',
      name,
      bounds,
      diagnostic: `the test is missing, so the comment of the criterion was used: ${comment}`,
    };
  }
  return undefined;
}

function readPackage(name: string, { fields }: OvalTest, shown: string): OvalVerdict {
  if (fields === undefined) return { kind: 'package', name, bounds: [], diagnostic: `missing state: ${shown}` };
  // SUSE writes the version 0 for a package that is not affected in any version.
  if (fields.some(({ name: field, value }) => field === 'version' && value === '0')) return 'never';
  const bounds = fields.filter((field) => field.name === 'evr');
  const [arch, ...others] = fields.filter((field) => field.name === 'arch');
  const archs = arch && archsOf(arch);
  const isUnderstood = bounds.length + (arch === undefined ? 0 : 1) === fields.length && others.length === 0;
  const diagnostics = [
    ...(isUnderstood ? [] : [`unknown state: ${shown}`]),
    ...(arch !== undefined && archs === undefined
      ? [`unsupported architecture pattern ${arch.value}: treated as all architectures`]
      : []),
  ];
  return {
    kind: 'package',
    name,
    bounds,
    ...(archs !== undefined && { archs }),
    ...(diagnostics.length > 0 && { diagnostic: diagnostics.join('; ') }),
  };
}

/** Returns the architectures in a field: a name such as `x86_64` or a pattern such as `(aarch64|x86_64)`. */
function archsOf({ operation, value }: OvalField): readonly string[] | undefined {
  if (operation !== 'equals' && operation !== 'pattern match') return undefined;
  const list = /^\^?\(?(\w+(?:\|\w+)*)\)?\$?$/.exec(value)?.[1];
  return list?.split('|');
}
