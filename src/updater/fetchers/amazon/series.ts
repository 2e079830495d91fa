import { namespaceName } from '../../../model/releases/namespace.ts';

/** A series of Amazon Linux advisories. Each release has a series, and some repositories have separate series. */
export type Series = {
  readonly namespace: string;
  /** The page of the advisory. */
  readonly link: string;
  /** The version at the end of the repository name, such as `5.15` for `kernel-5.15`. */
  readonly line?: string;
};

/**
 * Parses an advisory identifier of the form `ALAS[RELEASE][REPOSITORY]-YEAR-NUMBER`. `ALAS-2011-1` is for Amazon Linux
 * 1, `ALAS2-2018-939` and `ALAS2KERNEL-5.15-2022-001` are for Amazon Linux 2, and `ALAS2023LIVEPATCH-2023-001` is for
 * Amazon Linux 2023 (https://alas.aws.amazon.com/faqs.html). Returns undefined for any other text.
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
 * Returns the lowest version that an advisory of a repository can affect; undefined if every lower version can be
 * affected.
 *
 * Packages in Amazon Linux 2 extras share names with packages in core and in other extras, but have different upstream
 * versions. An installed package does not name its repository. If the repository name contains an upstream version
 * (`kernel-5.15`, `php8.0`) and the fixed version starts with it, lower upstream versions are not affected. Otherwise,
 * all lower versions are affected. An advisory of an extra may then match a core package, but no package of the extra
 * is missed.
 */
export function versionLine({ line }: Series, fixed: string): string | undefined {
  const [, epoch = '', version = ''] = /^(\d+:)?(.*)$/s.exec(fixed) ?? [];
  return line !== undefined && /^[.~^+_-]/.test(version.slice(line.length)) && version.startsWith(line)
    ? `${epoch}${line}`
    : undefined;
}

const PATTERN = /^ALAS(20\d\d|2(?!\d))?([A-Z][A-Za-z0-9._-]*?)?-(\d{4}-\d+)$/;

const PAGES = 'https://alas.aws.amazon.com/';

/** The release in the namespace of Amazon Linux 1, because Amazon Linux 1 images since 2018 state this version. */
const VERSION_OF_FIRST = '2018.03';
