import { namespaceName } from '../../../model/releases/namespace.ts';

/** A series of Amazon Linux advisories: the series of a release, or of a repository with its own series. */
export type Series = {
  readonly namespace: string;
  /** The page of the advisory. */
  readonly link: string;
  /** The version at the end of the repository name: `5.15` for `kernel-5.15`. */
  readonly line?: string;
};

/**
 * Parses an advisory identifier, `ALAS[RELEASE][REPOSITORY]-YEAR-NUMBER`: `ALAS-2011-1` is for Amazon Linux 1,
 * `ALAS2-2018-939` and `ALAS2KERNEL-5.15-2022-001` for 2, `ALAS2023LIVEPATCH-2023-001` for 2023
 * (https://alas.aws.amazon.com/faqs.html). Returns undefined for any other text.
 */
export function readSeries(id: string): Series | undefined {
  const [, release = '1', repository = '', number = ''] = PATTERN.exec(id) ?? [];
  if (number === '') return undefined;
  const folder = release === '1' ? '' : `AL${release}/`;
  const [line] = /\d+(?:\.\d+)*$/.exec(repository) ?? [];
  return {
    namespace: namespaceName('amzn', release === '1' ? VERSION_OF_FIRST : release),
    link: `${PAGES}${folder}ALAS${repository}-${number}.html`,
    ...(line !== undefined && { line }),
  };
}

/**
 * Returns the first version of the version line that a repository fixes; undefined when the version line is unknown.
 *
 * Packages in Amazon Linux 2 extras share names with packages in core and in other extras but have different version
 * lines, and an installed package does not name its repository. If the repository name contains the version
 * (`kernel-5.15`, `php8.0`) and the fix is in that version line, versions below the version line are not affected.
 * Otherwise all lower versions are affected: an advisory of an extra may then match a core package, but no package of
 * the extra is missed.
 */
export function versionLine({ line }: Series, fixed: string): string | undefined {
  const [, epoch = '', version = ''] = /^(\d+:)?(.*)$/s.exec(fixed) ?? [];
  return line !== undefined && /^[.~^+_-]/.test(version.slice(line.length)) && version.startsWith(line)
    ? `${epoch}${line}`
    : undefined;
}

const PATTERN = /^ALAS(20\d\d|2(?!\d))?([A-Z][A-Za-z0-9._-]*?)?-(\d{4}-\d+)$/;

const PAGES = 'https://alas.aws.amazon.com/';

/** Since 2018, Amazon Linux 1 images state the version of the last release. */
const VERSION_OF_FIRST = '2018.03';
