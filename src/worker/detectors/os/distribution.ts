import { DEBIAN_RELEASES, debianNamespace } from '../../../model/debian-releases.ts';
import type { Distribution } from '../../../model/distribution.ts';
import { namespaceName } from '../../../model/namespace.ts';
import type { Problem } from '../../../model/problem.ts';
import { type FileTree, listDirectory, lookUp } from '../../layer/file-tree.ts';
import type { ReleaseFacts } from '../detector.ts';

/** The operating system of an image, and what is to be said about how it was told. */
export type Identification = { readonly distribution: Distribution | null; readonly problems: readonly Problem[] };

/**
 * Tells which operating system a file tree is, in this fixed order, of which the first that knows an `ID` counts:
 *
 * 1. `etc/os-release`, links followed;
 * 2. `usr/lib/os-release`, only where the first is missing, leads nowhere or says nothing;
 * 3. `etc/debian_version`, for images that have neither.
 *
 * Debian's testing and unstable state no version: there apt's sources decide, then the code name.
 */
export function identifyDistribution(tree: FileTree): Identification {
  const problems: Problem[] = [];
  const facts = osReleaseFacts(tree, problems);
  const doubts: Problem[] = [];
  const debianVersion = releaseAt(tree, 'etc/debian_version', doubts)?.['DEBIAN_VERSION'];
  const id = facts?.['ID']?.toLowerCase() ?? (debianVersion === undefined ? undefined : 'debian');
  // What is wrong with the file matters only where os-release does not tell what it would have told.
  if (id === undefined || (id === 'debian' && facts?.['VERSION_ID'] === undefined)) problems.push(...doubts);
  if (id === undefined) {
    const message = 'no file names the operating system; packages are listed, but not matched';
    problems.push({ code: 'distribution-unknown', message, where: 'etc/os-release' });
    return { distribution: null, problems };
  }
  const namespace =
    id === 'debian'
      ? debianNamespaceOf(tree, facts, debianVersion, problems)
      : namespaceName(id, facts?.['VERSION_ID']?.toLowerCase());
  const version = namespace.slice(id.length + 1);
  const prettyName = facts?.['PRETTY_NAME'] ?? `${id} ${debianVersion ?? version}`.trim();
  return { distribution: { id, version, namespace, prettyName }, problems };
}

function osReleaseFacts(tree: FileTree, problems: Problem[]): ReleaseFacts | undefined {
  const doubts: Problem[] = [];
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const facts = releaseAt(tree, path, doubts);
    if (facts?.['ID'] !== undefined && facts['ID'] !== '') return facts;
  }
  problems.push(...doubts);
  return undefined;
}

function releaseAt(tree: FileTree, path: string, problems: Problem[]): ReleaseFacts | undefined {
  const found = lookUp(tree, path);
  if (found.kind === 'file') {
    problems.push(...found.findings.problems);
    return found.findings.release;
  }
  if (found.kind === 'unresolved') {
    const message = `${found.link} is a link to ${found.target}, which the layers do not show`;
    problems.push({ code: 'link-unresolved', message, where: path });
  }
  return undefined;
}

/**
 * From etch (4) on, the number before the first dot names the release; older ones need both numbers. The code name may
 * follow, as in `VERSION`: `7 (wheezy)`.
 */
function debianNumber(text: string): string | undefined {
  const [number, major] = /^(\d+)(?:\.\d+)*(?= |$)/.exec(text) ?? [];
  if (number === undefined || major === undefined) return undefined;
  return Number(major) >= 4 ? major : number;
}

function debianNamespaceOf(
  tree: FileTree,
  facts: ReleaseFacts | undefined,
  debianVersion: string | undefined,
  problems: Problem[],
): string {
  const number = debianNumber(facts?.['VERSION_ID'] ?? '') ?? debianNumber(debianVersion ?? '');
  if (number !== undefined) return namespaceName('debian', number);

  const codename = debianVersion?.split('/', 1)[0] ?? facts?.['VERSION_CODENAME'] ?? '';
  const suites = aptSuites(tree);
  const unstable = namespaceName('debian', 'unstable');
  if (suites.has('unstable')) return unstable;
  // The newest counts, and sid is the last of the list: older ones may be read from beside the present one.
  const named = DEBIAN_RELEASES.findLast((release) => suites.has(release.codename));
  if (named !== undefined) return namespaceName('debian', named.version);
  const testing = debianNamespace(codename);
  if (suites.has('testing') && testing !== undefined) return testing;

  const message = 'neither a version nor apt sources tell testing from unstable; judged as unstable';
  problems.push({ code: 'release-ambiguous', message, where: 'etc/apt/sources.list' });
  return unstable;
}

function aptSuites(tree: FileTree): ReadonlySet<string> {
  const suites = new Set<string>();
  for (const path of ['etc/apt/sources.list', ...listDirectory(tree, 'etc/apt/sources.list.d')]) {
    const found = lookUp(tree, path);
    const words = found.kind === 'file' ? (found.findings.release?.['SUITES'] ?? '') : '';
    for (const suite of words.split(' ')) suites.add(suite);
  }
  return suites;
}
