import { isIndexable, MAX_INDEXED_BYTES } from '../../../model/indexed-text.ts';
import { DEBIAN_RELEASES, debianNamespace } from '../../../model/releases/debian-releases.ts';
import type { Distribution } from '../../../model/releases/distribution.ts';
import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { ReleaseFacts } from '../../detectors/detector.ts';
import { distributionIdOfName, distributionRule } from '../../detectors/os/distributions.ts';
import { RELEASE_FILES } from '../../detectors/os/redhat-release.ts';
import { type FileTree, listDirectory, lookUp } from '../tree/file-tree.ts';
import { unresolvedLinkText } from '../tree/unresolved-link.ts';

export type Identification = {
  readonly distribution: Distribution | null;
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Identifies the operating system of a file tree. The first of these files that names an operating system is used:
 *
 * 1. `etc/os-release`, links followed;
 * 2. `usr/lib/os-release`;
 * 3. `etc/lsb-release`;
 * 4. the release files of the Red Hat family, the release file of each distribution before `etc/system-release` and
 *    `etc/redhat-release`;
 * 5. `etc/system-release-cpe`, which states the release as a CPE;
 * 6. `etc/alpine-release`;
 * 7. `etc/debian_version`.
 *
 * The rule of the distribution (`distributions.ts`) then derives the namespace. Debian's testing and unstable state no
 * version: for these releases, the apt sources are used, and for the suite `testing` the code name.
 */
export function identifyDistribution(tree: FileTree): Identification {
  // Use a set, so that a file that is reached through several links is reported once.
  const diagnostics = new Set<Diagnostic>();
  const words = releaseWords(tree, diagnostics);
  if (words === undefined) {
    const message = 'no release file names the operating system, so distribution packages are listed but not matched';
    diagnostics.add({ code: 'distribution-unknown', message, where: 'etc/os-release' });
    return { distribution: null, diagnostics: [...diagnostics] };
  }
  const { ID: id = '', VERSION_ID: versionId = '' } = words;
  const namespace = namespaceOf(tree, words, diagnostics);
  if (!isIndexable(namespace)) {
    const message = `the name of the release is longer than ${MAX_INDEXED_BYTES} bytes, so distribution packages are listed but not matched`;
    diagnostics.add({ code: 'release-file-unreadable', message, where: 'etc/os-release' });
    return { distribution: null, diagnostics: [...diagnostics] };
  }
  const version = versionId === '' ? (namespace.split(':')[1] ?? '') : versionId;
  const prettyName = words['PRETTY_NAME'] ?? `${id} ${version}`.trim();
  return { distribution: { id, version, namespace, prettyName }, diagnostics: [...diagnostics] };
}

type Place = {
  readonly path: string;
  /** Converts a file's facts to os-release fields; if the result has no `ID`, the next place is tried. */
  readonly wordsOf: (facts: ReleaseFacts) => ReleaseFacts;
};

const OS_RELEASES: readonly Place[] = ['etc/os-release', 'usr/lib/os-release'].map((path) => ({
  path,
  wordsOf: (facts) => facts,
}));

const OTHER_PLACES: readonly Place[] = [
  {
    path: 'etc/lsb-release',
    wordsOf: ({ DISTRIB_ID: id, DISTRIB_RELEASE: release, DISTRIB_CODENAME: codename, DISTRIB_DESCRIPTION: text }) => ({
      ...(id !== undefined && { ID: distributionIdOfName(id) }),
      ...(release !== undefined && { VERSION_ID: release }),
      ...(codename !== undefined && { VERSION_CODENAME: codename }),
      ...(text !== undefined && { PRETTY_NAME: text }),
    }),
  },
  ...RELEASE_FILES.map((name) => ({
    path: `etc/${name}`,
    wordsOf: (facts: ReleaseFacts) => ({ ...facts, ID: distributionIdOfName(facts['NAME'] ?? '') }),
  })),
  { path: 'etc/system-release-cpe', wordsOf: (facts) => facts },
  {
    path: 'etc/alpine-release',
    wordsOf: ({ ALPINE_VERSION: version = '' }) => ({ ID: 'alpine', VERSION_ID: version }),
  },
  {
    path: 'etc/debian_version',
    wordsOf: ({ DEBIAN_VERSION: version = '' }) => ({
      ID: 'debian',
      ...(/^\d/.test(version) && { VERSION_ID: version }),
    }),
  },
];

/**
 * Returns the fields of the first file that names a system. Keeps the diagnostics of earlier files unless an os-release
 * names the operating system.
 */
function releaseWords(tree: FileTree, diagnostics: Set<Diagnostic>): ReleaseFacts | undefined {
  const ofFirst = new Set<Diagnostic>();
  const words = firstWords(tree, OS_RELEASES, ofFirst);
  if (words !== undefined) return words;
  for (const each of ofFirst) diagnostics.add(each);
  return firstWords(tree, OTHER_PLACES, diagnostics);
}

function firstWords(tree: FileTree, places: readonly Place[], diagnostics: Set<Diagnostic>): ReleaseFacts | undefined {
  for (const { path, wordsOf } of places) {
    const facts = releaseAt(tree, path, diagnostics);
    const words = facts && wordsOf(facts);
    const id = words?.['ID']?.toLowerCase() ?? '';
    if (id !== '') return { ...words, ID: id };
  }
  return undefined;
}

function releaseAt(tree: FileTree, path: string, diagnostics: Set<Diagnostic>): ReleaseFacts | undefined {
  const found = lookUp(tree, path);
  if (found.kind === 'file' && found.facts !== undefined) {
    for (const diagnostic of found.facts.diagnostics) diagnostics.add(diagnostic);
    return found.facts.release;
  }
  if (found.kind === 'file') {
    const message = `${path} is a link to a file that was not read`;
    diagnostics.add({ code: 'link-unresolved', message, where: path });
  }
  if (found.kind === 'unresolved') {
    diagnostics.add({ code: 'link-unresolved', message: unresolvedLinkText(found), where: path });
  }
  return undefined;
}

function namespaceOf(tree: FileTree, words: ReleaseFacts, diagnostics: Set<Diagnostic>): string {
  const { ID: id = '', VERSION_ID: versionId = '' } = words;
  const rule = distributionRule(words);
  if (rule === undefined) return namespaceName(id, versionId.toLowerCase());
  const { namespace, release } = rule;
  if (id === 'alpine') return alpineNamespaceOf(tree, versionId, release.versionOf, diagnostics);
  const version = release.versionOf(versionId);
  if (version !== undefined) return namespaceName(namespace, version);
  if (id === 'debian') return debianNamespaceOf(tree, words, release.versionOf, diagnostics);
  return namespaceName(namespace, versionId.toLowerCase());
}

type VersionOf = (versionId: string) => string | undefined;

/**
 * apk installs from its repositories regardless of the release files, so a single branch in all untagged lines is the
 * release. If there are several branches, or only `latest-stable`, the release files name the release. All branches
 * other than the release, including branches in tagged lines, result in a diagnostic.
 */
function alpineNamespaceOf(
  tree: FileTree,
  versionId: string,
  versionOf: VersionOf,
  diagnostics: Set<Diagnostic>,
): string {
  const { branches, tagged } = apkBranches(tree);
  const [only, ...more] = branches;
  const stated =
    versionOf(versionId) ?? versionOf(releaseAt(tree, 'etc/alpine-release', diagnostics)?.['ALPINE_VERSION'] ?? '');
  const release = more.length === 0 && only !== undefined && only !== MOVING_BRANCH ? only : stated;
  if (release === undefined) return namespaceName('alpine', versionId.toLowerCase());

  if (stated !== undefined && stated !== release) {
    const message = `the release files name ${stated}, but all apk repositories are for ${release}; all packages were matched as ${release}`;
    diagnostics.add({ code: 'release-mixed', message, where: APK_REPOSITORIES });
  }
  const others = [...new Set([...branches, ...tagged])].filter((branch) => branch !== release);
  if (others.length > 0) {
    const message = `apk may also install packages of ${others.join(', ')}; all packages were matched as ${release}`;
    diagnostics.add({ code: 'release-mixed', message, where: APK_REPOSITORIES });
  }
  return namespaceName('alpine', release);
}

const APK_REPOSITORIES = 'etc/apk/repositories';

const MOVING_BRANCH = 'latest-stable';

function apkBranches(tree: FileTree): { readonly branches: readonly string[]; readonly tagged: readonly string[] } {
  const paths = [APK_REPOSITORIES, ...listDirectory(tree, 'etc/apk/repositories.d')];
  return { branches: factWords(tree, paths, 'BRANCHES'), tagged: factWords(tree, paths, 'TAGGED') };
}

function debianNamespaceOf(
  tree: FileTree,
  words: ReleaseFacts,
  versionOf: VersionOf,
  diagnostics: Set<Diagnostic>,
): string {
  const debianVersion = releaseAt(tree, 'etc/debian_version', diagnostics)?.['DEBIAN_VERSION'];
  const number = versionOf(debianVersion ?? '');
  if (number !== undefined) return namespaceName('debian', number);

  const codename = debianVersion?.split('/', 1)[0] ?? words['VERSION_CODENAME'] ?? '';
  const lists = ['etc/apt/sources.list', ...listDirectory(tree, 'etc/apt/sources.list.d')];
  const suites = new Set(factWords(tree, lists, 'SUITES'));
  const unstable = namespaceName('debian', 'unstable');
  if (suites.has('unstable')) return unstable;
  // Use the newest release, because apt sources may include older releases; sid is newer than every other release.
  const named = DEBIAN_RELEASES.findLast((release) => suites.has(release.codename));
  if (named !== undefined) return namespaceName('debian', named.version);
  const testing = debianNamespace(codename);
  if (suites.has('testing') && testing !== undefined) return testing;

  const message =
    'neither a version nor the apt sources distinguish testing from unstable; all packages were matched as unstable';
  diagnostics.add({ code: 'release-ambiguous', message, where: 'etc/apt/sources.list' });
  return unstable;
}

function factWords(tree: FileTree, paths: readonly string[], fact: string): readonly string[] {
  const words = new Set<string>();
  for (const path of paths) {
    const found = lookUp(tree, path);
    const text = found.kind === 'file' ? (found.facts?.release?.[fact] ?? '') : '';
    for (const word of text.split(' ').filter((each) => each !== '')) words.add(word);
  }
  return [...words];
}
