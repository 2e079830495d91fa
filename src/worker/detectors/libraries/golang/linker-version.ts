import type { BuildLines, GoModule } from './parse-build-information.ts';

/**
 * The names of variables that contain the version of a program, in lower case and without underscores; the first set
 * with a match is used.
 */
const NAMES: readonly ReadonlySet<string>[] = [
  new Set(['version']),
  new Set([
    'appversion',
    'binaryversion',
    'buildversion',
    'cliversion',
    'currentversion',
    'gittag',
    'gitversion',
    'releaseversion',
    'semver',
    'tag',
    'ver',
    'versionnumber',
    'versionstring',
    'versiontag',
  ]),
];

/** The versions of Go modules (semver.org), with or without `v`. */
const SEMVER = /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

const MAX_VERSION_CHARACTERS = 256;

/** Real programs set about ten variables. */
const MAX_WORDS = 1000;

/**
 * Returns the version that the linker writes into a variable of the main module (`-X main.version=1.2.3`), with a
 * leading `v`. Returns undefined unless there is exactly one such version: a program may be linked with the versions of
 * several products.
 */
export function linkerVersion(lines: BuildLines): string | undefined {
  const { main } = lines;
  if (main === undefined) return undefined;
  const settings = variableSettings(lines.linkerFlags).filter(({ packagePath }) =>
    isOfModule(packagePath, main, lines.dependencies),
  );
  for (const names of NAMES) {
    const versions = new Set(
      settings
        .filter(({ variable, value }) => names.has(variable) && isVersion(value))
        .map(({ value }) => (value.startsWith('v') ? value : `v${value}`)),
    );
    const [version] = versions;
    if (version !== undefined) return versions.size === 1 ? version : undefined;
  }
  return undefined;
}

function isVersion(value: string): boolean {
  return value.length <= MAX_VERSION_CHARACTERS && SEMVER.test(value);
}

type VariableSetting = { readonly packagePath: string; readonly variable: string; readonly value: string };

/** Reads `-X package.variable=value` and `-X=package.variable=value`. */
function variableSettings(linkerFlags: string): readonly VariableSetting[] {
  const words = wordsOf(linkerFlags);
  const settings: VariableSetting[] = [];
  for (const [index, word] of words.entries()) {
    const setting = /^--?X$/.test(word) ? words[index + 1] : /^--?X=(.*)$/s.exec(word)?.[1];
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(withoutQuotes(setting ?? '')) ?? [];
    if (name === undefined || value === undefined) continue;
    const dot = name.lastIndexOf('.');
    const variable = name
      .slice(dot + 1)
      .replaceAll('_', '')
      .toLowerCase();
    settings.push({ packagePath: name.slice(0, Math.max(dot, 0)), variable, value: withoutQuotes(value) });
  }
  return settings;
}

/** Splits a text at blanks outside quotes, as the go command does. */
function wordsOf(text: string): readonly string[] {
  return (text.match(/'[^']*'|"[^"]*"|[^\s'"][^\s]*/g) ?? []).slice(0, MAX_WORDS).map(withoutQuotes);
}

/** Build scripts can leave quotation marks around the value. */
function withoutQuotes(text: string): string {
  const quote = text[0];
  return text.length > 1 && (quote === "'" || quote === '"') && text.endsWith(quote) ? text.slice(1, -1) : text;
}

/** A package belongs to the module with the longest path that is a prefix of the path of the package. */
function isOfModule(packagePath: string, main: GoModule, dependencies: readonly GoModule[]): boolean {
  if (packagePath === 'main') return true;
  if (packagePath.includes('/vendor/') || !isBelow(packagePath, main.path)) return false;
  return !dependencies.some(({ path }) => path.length > main.path.length && isBelow(packagePath, path));
}

function isBelow(packagePath: string, modulePath: string): boolean {
  return packagePath === modulePath || packagePath.startsWith(`${modulePath}/`);
}
