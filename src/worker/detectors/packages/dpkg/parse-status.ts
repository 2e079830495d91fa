import { ClairError } from '../../../../errors.ts';
import type { Package } from '../../../../model/package.ts';
import type { Problem, ProblemCode } from '../../../../model/problem.ts';
import { SCHEMES } from '../../../../versions/index.ts';
import type { FileFindings } from '../../detector.ts';
import { parseControl, type Stanza } from './parse-control.ts';

/** No field that is read here comes near this; a longer one is damage (or an attack on whatever shows it). */
const MAX_FIELD_LENGTH = 1024;

/** How many problems of one file are told one by one; the rest is counted. */
const MAX_PROBLEMS = 50;

/**
 * Reads the installed packages from a dpkg status file, or from one file of `status.d`.
 *
 * What is installed is decided by the third word of `Status`, the state (dpkg(1), "Package states"). The states in
 * which the files are on disk but configuration is unfinished count too, with a problem that says so.
 * Files of `status.d` need no `Status`; those beside them that are no control files are skipped.
 */
export function readDpkgStatus(path: string, bytes: Uint8Array): FileFindings {
  const inDirectory = path.includes('/status.d/');
  const text = new TextDecoder().decode(bytes);
  if (inDirectory && !/^package\s*:/im.test(text)) return { problems: [] };

  const packages: Package[] = [];
  const report = createReport(path);
  let stanzas = 0;
  for (const stanza of parseControl(text)) {
    stanzas += 1;
    const found = packageOf(stanza, inDirectory, report.add);
    if (found !== undefined) packages.push(found);
  }
  if (stanzas > 0 && packages.length === 0 && report.count() === stanzas) {
    const message = `${path} is no dpkg database: none of its ${stanzas} stanzas could be read`;
    return { problems: [{ code: 'package-database-unreadable', message, where: path }] };
  }
  return { packages, problems: report.problems() };
}

type AddProblem = (stanza: Stanza, code: ProblemCode, message: string) => void;

function packageOf(stanza: Stanza, statusMayBeMissing: boolean, problem: AddProblem): Package | undefined {
  const { fields } = stanza;
  const name = fields.get('package') ?? '';
  const tooLong = READ_FIELDS.find((field) => (fields.get(field) ?? '').length > MAX_FIELD_LENGTH);
  const skip = (why: string): undefined => {
    problem(
      stanza,
      'package-entry-unreadable',
      `${name === '' || tooLong === 'package' ? 'an entry' : name} was skipped: ${why}`,
    );
  };

  if (tooLong !== undefined) return skip(`its ${tooLong} has more than ${MAX_FIELD_LENGTH} characters`);
  if (stanza.damage !== undefined) return skip(stanza.damage);
  if (name === '') return skip('it has no Package field');
  const status = fields.get('status') ?? (statusMayBeMissing ? 'install ok installed' : '');
  const state = status.split(/\s+/)[2] ?? '';
  if (NOT_INSTALLED.has(state)) return undefined;
  if (state !== 'installed' && !UNFINISHED.has(state)) return skip(`its Status is "${status}"`);
  const version = fields.get('version') ?? '';
  if (version === '') return skip('it has no Version field');
  const source = sourceOf(fields.get('source') ?? '', name, version);
  if (source === undefined) return skip(`its Source is "${fields.get('source')}"`);

  if (state !== 'installed') problem(stanza, 'package-half-configured', `${name} is ${state}, not installed`);
  for (const each of new Set([version, source.version])) {
    const refusal = refusalOf(each);
    if (refusal !== undefined) problem(stanza, 'package-version-invalid', `${name}: ${refusal}`);
  }
  return { kind: 'deb', name, version, arch: fields.get('architecture') ?? '', source };
}

const READ_FIELDS: readonly string[] = ['package', 'status', 'version', 'source', 'architecture'];

/** dpkg(1), "Package states": none of the package's files are there, or nobody can say which. */
const NOT_INSTALLED: ReadonlySet<string> = new Set(['not-installed', 'config-files', 'half-installed']);

/** The states in which the files are on disk. */
const UNFINISHED: ReadonlySet<string> = new Set([
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
]);

/**
 * Debian Policy 5.6.1: `Source: name` or `name (version)`; without it the package is its own source, and without the
 * version the source has that of the binary package, epoch included.
 */
function sourceOf(field: string, name: string, version: string): Package['source'] | undefined {
  if (field === '') return { name, version };
  const [whole, source, sourceVersion] = /^([^\s()]+)\s*(?:\(\s*([^\s()]+)\s*\))?$/.exec(field) ?? [];
  if (whole === undefined || source === undefined) return undefined;
  return { name: source, version: sourceVersion ?? version };
}

function refusalOf(version: string): string | undefined {
  try {
    SCHEMES.dpkg.key(version);
    return undefined;
  } catch (error) {
    if (error instanceof ClairError) return error.message;
    throw error;
  }
}

function createReport(path: string): {
  readonly add: AddProblem;
  readonly count: () => number;
  readonly problems: () => readonly Problem[];
} {
  const problems: Problem[] = [];
  const untold = new Map<ProblemCode, number>();
  let count = 0;
  return {
    add(stanza, code, message) {
      count += 1;
      if (problems.length < MAX_PROBLEMS) problems.push({ code, message, where: `${path}:${stanza.line}` });
      else untold.set(code, (untold.get(code) ?? 0) + 1);
    },
    count: () => count,
    problems() {
      const rest = [...untold].map(([code, more]): Problem => {
        return { code, message: `${path} has ${more} more problems of this kind`, where: path };
      });
      return [...problems, ...rest];
    },
  };
}
