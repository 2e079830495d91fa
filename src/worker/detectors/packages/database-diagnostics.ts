import { ClairError } from '../../../errors.ts';
import { type SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic, DiagnosticCode } from '../../../model/report/diagnostic.ts';
import { ecosystemOf } from '../../../ecosystems/index.ts';
import { SCHEMES } from '../../../versions/index.ts';
import type { SchemeId } from '../../../versions/index.ts';
import type { FileFacts } from '../detector.ts';

/** Real fields are far shorter; a longer field is damaged, or an attack on the report. */
export const MAX_FIELD_LENGTH = 1024;

const MAX_DIAGNOSTICS = 50;

/** The largest images have fewer than 10,000 packages. */
export const MAX_PACKAGES = 20_000;

/**
 * The limit is higher than the limit for packages, because dpkg also lists removed packages, and rpm also lists public
 * keys.
 */
const MAX_ENTRIES = 100_000;

/** Collects a bounded number of diagnostics for one package database. */
export type DatabaseDiagnostics = {
  /** Adds a diagnostic. `line` starts at 1; in a database without lines, `line` is the number of the entry. */
  readonly add: (line: number, code: DiagnosticCode, message: string) => void;
  /**
   * Adds a diagnostic for each version that the package manager rejects. The package is listed, but advisories are not
   * compared with a rejected version.
   */
  readonly addInvalidVersions: (line: number, of: SystemPackage) => void;
  /** Returns whether a limit is exceeded; if so, `facts` returns a diagnostic about the limit. */
  readonly isFull: (packages: number, entries: number) => boolean;
  /**
   * Returns the facts of the file. If every entry produced a diagnostic and no entry produced a package, the file is
   * unreadable as a whole, and the message contains `expected`: "x is not a dpkg database: none of its 2 stanzas …".
   */
  readonly facts: (packages: readonly SystemPackage[], expected: ExpectedDatabase) => FileFacts;
};

export type ExpectedDatabase = {
  readonly manager: string;
  readonly entries: number;
  /** The plural noun for entries of the database. */
  readonly entryNoun: string;
};

/** Creates an empty collection for the database at `path`. */
export function createDatabaseDiagnostics(path: string): DatabaseDiagnostics {
  const diagnostics: Diagnostic[] = [];
  const untold = new Map<DiagnosticCode, number>();
  let count = 0;
  let limit: string | undefined;

  function add(line: number, code: DiagnosticCode, message: string): void {
    count += 1;
    if (diagnostics.length < MAX_DIAGNOSTICS) diagnostics.push({ code, message, where: `${path}:${line}` });
    else untold.set(code, (untold.get(code) ?? 0) + 1);
  }

  return {
    add,
    isFull(packages, entries) {
      const isFull = packages > MAX_PACKAGES || entries > MAX_ENTRIES;
      if (isFull) limit = packages > MAX_PACKAGES ? `${MAX_PACKAGES} packages` : `${MAX_ENTRIES} entries`;
      return isFull;
    },
    addInvalidVersions(line, of) {
      const { scheme } = ecosystemOf(of);
      for (const version of new Set([of.version, of.source.version])) {
        const refusal = refusalOf(version, scheme);
        if (refusal !== undefined) add(line, 'package-version-invalid', `${of.name}: ${refusal}`);
      }
    },
    facts(packages, { manager, entries, entryNoun }) {
      if (entries > 0 && packages.length === 0 && count === entries) {
        const message = `${path} is not ${manager === 'dpkg' ? 'a' : 'an'} ${manager} database: ${entries === 1 ? 'its only entry is not' : `none of its ${entries} ${entryNoun} is`} readable`;
        return { diagnostics: [{ code: 'package-database-unreadable', message, where: path }] };
      }
      const rest = [...untold].map(([code, more]): Diagnostic => {
        const what = more === 1 ? 'diagnostic' : 'diagnostics';
        return { code, message: `${more} more ${what} of this kind in ${path}`, where: path };
      });
      if (limit === undefined) return { packages, diagnostics: [...diagnostics, ...rest] };
      const message = `${path} has more than ${limit}; the rest were not read`;
      const limited: Diagnostic = { code: 'package-limit-reached', message, where: path };
      return { packages: packages.slice(0, MAX_PACKAGES), diagnostics: [...diagnostics, ...rest, limited] };
    },
  };
}

function refusalOf(version: string, scheme: SchemeId): string | undefined {
  try {
    SCHEMES[scheme].key(version);
    return undefined;
  } catch (error) {
    if (error instanceof ClairError) return error.message;
    throw error;
  }
}
