/** The content of the lines of Go's build information. */
export type BuildLines = {
  /** The import path of the main package; empty if absent. */
  readonly path: string;
  /** The module of the main package. */
  readonly main?: GoModule;
  readonly dependencies: readonly GoModule[];
  /** The value of the option `-ldflags`; empty if absent. */
  readonly linkerFlags: string;
  /** GOOS, which Go 1.18 and later record; empty if absent. */
  readonly os: string;
  /** GOARCH, which Go 1.18 and later record; empty if absent. */
  readonly arch: string;
  /** The number of lines in a form that Go does not write; all lines after `MAX_LINES` lines count as one line. */
  readonly invalidLines: number;
};

export type GoModule = {
  readonly path: string;
  /** The version, such as `v1.2.3`; `(devel)` or empty for a module in a local directory. */
  readonly version: string;
  /** The module that replaces this module in the build, from a repository or a local directory. */
  readonly replacement?: GoModule;
};

/** Kubernetes has about 300 modules. */
const MAX_LINES = 20_000;

/** Longer lines are cut; features have a lower limit for the paths of modules. */
const MAX_LINE_CHARACTERS = 65_536;

/**
 * Reads the lines of Go's build information. Leaves out modules without a path, which old Go releases wrote.
 *
 * Source: `ParseBuildInfo` in Go's package `runtime/debug`.
 */
export function parseBuildInformation(text: string): BuildLines {
  let path = '';
  let linkerFlags = '';
  let os = '';
  let arch = '';
  let invalidLines = 0;
  let main: GoModule | undefined;
  const dependencies: GoModule[] = [];
  let replaceable: 'main' | 'dependency' | undefined;
  let lines = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    const line = text.slice(at, Math.min(end, at + MAX_LINE_CHARACTERS));
    at = end + 1;
    lines += 1;
    if (lines > MAX_LINES) {
      invalidLines += 1;
      break;
    }
    const [word = '', ...columns] = line.split('\t', 5);
    const module = moduleOf(columns);
    if (word === 'path') path = columns[0] ?? '';
    else if (word === 'build') {
      const setting = line.slice('build\t'.length);
      linkerFlags ||= linkerFlagsOf(setting);
      os ||= valueOf(setting, 'GOOS=');
      arch ||= valueOf(setting, 'GOARCH=');
    } else if (word === 'mod' && module !== undefined) [main, replaceable] = [module, 'main'];
    else if (word === 'dep' && module !== undefined) {
      dependencies.push(module);
      replaceable = 'dependency';
    } else if (word === '=>' && module !== undefined && replaceable !== undefined) {
      if (replaceable === 'main') main = main && { ...main, replacement: module };
      else dependencies.push(...dependencies.splice(-1).map((each) => ({ ...each, replacement: module })));
      replaceable = undefined;
    } else if (word === 'mod' || word === 'dep' || word === '=>') {
      invalidLines += 1;
      replaceable = undefined;
    }
  }
  return {
    path,
    ...(main !== undefined && main.path !== '' && { main }),
    dependencies: dependencies.filter((each) => each.path !== ''),
    linkerFlags,
    os,
    arch,
    invalidLines,
  };
}

/** The columns are the path, the version and, unless the module is replaced or in a local directory, a checksum. */
function moduleOf([path, version, ...others]: readonly string[]): GoModule | undefined {
  if (path === undefined || version === undefined || others.length > 1) return undefined;
  return { path, version };
}

function valueOf(setting: string, name: string): string {
  return setting.startsWith(name) ? setting.slice(name.length) : '';
}

function linkerFlagsOf(setting: string): string {
  const [, value] = /^"?-ldflags"?=(.*)$/s.exec(setting) ?? [];
  return value === undefined ? '' : unquoted(value);
}

/** Returns the text in a quoted Go string; a string without quotes is returned unchanged. */
function unquoted(value: string): string {
  const quote = value[0];
  if ((quote !== '"' && quote !== '`') || value.length < 2 || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  if (quote === '`') return inner;
  return inner.replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gs, (_, byte, unit, character) => {
    if (character === undefined) return String.fromCharCode(Number.parseInt(byte ?? unit, 16));
    return ESCAPES.get(character) ?? character;
  });
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
