import type { StoredDiagnostic } from '../../../model/report/owned-diagnostics.ts';
import { ownersAtLayer } from '../owners/owner-evidence.ts';
import { shownPath } from '../shown-path.ts';
import type { ExecutableGroup, UnknownExecutables } from './executable-groups.ts';
import { countOf } from '../../../model/counted-noun.ts';

/** The maximum number of layers with their own diagnostic; the programs of further layers are counted together. */
const MAX_LAYERS = 100;

/** The maximum number of programs that a diagnostic names. */
const MAX_NAMED = 3;

/**
 * Returns the diagnostics about programs of unknown origin, by layer.
 *
 * @param originOf returns the index of the layer that added a package, given its `placeKey()`; undefined if the package
 * is not installed
 */
export function executableDiagnostics(
  { groups, owners, lists, more }: UnknownExecutables,
  originOf: (key: string) => number | undefined,
): readonly StoredDiagnostic[] {
  const isOwned = (path: string): boolean => {
    const evidence = owners.get(path);
    return evidence !== undefined && ownersAtLayer(evidence, originOf).length > 0;
  };
  const unowned = new Map<number, ExecutableGroup[]>();
  for (const group of groups) {
    if (group.paths.some(isOwned)) continue;
    const known = unowned.get(group.layer);
    if (known === undefined) unowned.set(group.layer, [group]);
    else known.push(group);
  }
  const layers = [...new Set([...unowned.keys(), ...more.keys()])].toSorted((a, b) => a - b);
  const counts = layers.map((layer) => {
    return { layer, groups: unowned.get(layer) ?? [], unread: more.get(layer) ?? 0 };
  });
  const own = counts.slice(0, MAX_LAYERS).map((each) => diagnosticOf([each], `layer ${each.layer}`, lists));
  const rest = counts.slice(MAX_LAYERS);
  return rest.length === 0 ? own : [...own, diagnosticOf(rest, countOf(rest.length, 'more layer'), lists)];
}

type LayerCount = {
  readonly layer: number;
  readonly groups: readonly ExecutableGroup[];
  /** The number of programs that were not examined. */
  readonly unread: number;
};

function diagnosticOf(
  layers: readonly LayerCount[],
  where: string,
  lists: UnknownExecutables['lists'],
): StoredDiagnostic {
  const found = layers.flatMap(({ groups }) => groups);
  const unread = layers.reduce((sum, each) => sum + each.unread, 0);
  const named = found.slice(0, MAX_NAMED).map(({ paths: [first] }) => shownPath(first));
  const list = `${named.join(', ')}${found.length > named.length ? ', …' : ''}`;
  const known = `${executablesWords(found.length)} of unknown origin in ${where}${REASONS[lists]}: ${list}`;
  const texts = [
    ...(found.length === 0 ? [] : [known, ACTIONS[lists](found.length === 1 ? 'it' : 'them')]),
    ...(unread === 0
      ? []
      : [
          `${executablesWords(unread)} in ${where} ${unread === 1 ? 'was' : 'were'} not examined, because the layer or the image has more executables than Clair examines`,
        ]),
  ];
  return {
    code: 'executable-origin-unknown',
    message: texts.join('; '),
    where,
    executables: layers.map(({ layer, groups, unread: more }) => ({ layer, count: groups.length + more })),
  };
}

const REASONS = {
  read: '',
  unlisted: ', because the installed packages have no file lists',
  unknown: ', because the package file lists were read only in part',
} as const;

const ACTIONS = {
  read: (them: string) => `install ${them} with a package, or describe ${them} with a classifier`,
  unlisted: () => 'keep the file lists in the image, such as var/lib/dpkg/info',
  unknown: (them: string) => `check ${them} manually`,
} as const;

function executablesWords(count: number): string {
  return countOf(count, 'executable');
}
