import { namespaceName } from '../../../model/releases/namespace.ts';

/** A series of advisories of Amazon Linux: those of one release, or of one repository of it that has its own. */
export type Series = {
  readonly namespace: string;
  /** The page of the advisory. */
  readonly link: string;
  /** The version with which the name of its repository ends: `5.15` of `kernel-5.15`. */
  readonly line?: string;
};

/**
 * Reads the identifier of an advisory, `ALAS[RELEASE][REPOSITORY]-YEAR-NUMBER`: `ALAS-2011-1` is of Amazon Linux 1,
 * `ALAS2-2018-939` and `ALAS2KERNEL-5.15-2022-001` are of 2, `ALAS2023LIVEPATCH-2023-001` is of 2023
 * (https://alas.aws.amazon.com/faqs.html). Undefined for any other.
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
 * Where the version line of a package starts that a repository of one line fixes; undefined when nothing tells.
 *
 * Repositories of the extras of Amazon Linux 2 hold packages with the names of those in core and in each other, in other
 * version lines, and no installed package tells where it came from. If the name of the repository tells the line, as
 * `kernel-5.15` and `php8.0` do, and the fix is of that line, nothing below it is meant. Else all versions are: a package
 * of core may be judged by an advisory of an extra then, but none of the extra is missed.
 */
export function versionLine({ line }: Series, fixed: string): string | undefined {
  const [, epoch = '', version = ''] = /^(\d+:)?(.*)$/s.exec(fixed) ?? [];
  return line !== undefined && /^[.~^+_-]/.test(version.slice(line.length)) && version.startsWith(line)
    ? `${epoch}${line}`
    : undefined;
}

const PATTERN = /^ALAS(20\d\d|2(?!\d))?([A-Z][A-Za-z0-9._-]*?)?-(\d{4}-\d+)$/;

const PAGES = 'https://alas.aws.amazon.com/';

/** Amazon Linux 1 was one line of packages; its images from 2018 on are called after its last release. */
const VERSION_OF_FIRST = '2018.03';
