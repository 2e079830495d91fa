import type { ComparisonRules } from './differences.ts';
import { type Rename, renamedPath } from './renamed-fields.ts';

/**
 * Returns the comparison rules under the names after the renames.
 *
 * @throws Error for a rename that moves a field out of a list element
 */
export function comparisonRules(renames: readonly Rename[]): ComparisonRules {
  const elements = Object.entries(LIST_ELEMENTS).map(([list, fields]) => {
    const path = renamedPath(list, renames);
    const names = fields.map((field) => {
      const renamed = renamedPath(`${list}.${field}`, renames);
      if (!renamed.startsWith(`${path}.`))
        throw new Error(`${renamed} identifies elements of ${path}, but is not in them`);
      return renamed.slice(path.length + 1);
    });
    return [path, names] as const;
  });
  return {
    elements: new Map(elements),
    ignored: new Set(VOLATILE_FIELDS.map((path) => renamedPath(path, renames))),
  };
}

/**
 * The lists whose elements are matched by identity: maps the path of a list to the fields that identify an element.
 * Paths and fields use their names from before the renames. Elements of other lists are compared by index.
 */
const LIST_ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  errors: ['image'],
  outcomes: ['feed'],
  'report.layers': ['index'],
  'report.packages': ['namespace', 'name', 'version', 'arch'],
  'report.vulnerabilities': ['id', 'package', 'version'],
  'report.vulnerabilities.cves': ['id'],
  'report.vulnerabilities.cves.cvss': ['source', 'version'],
  'report.suppressed': ['id', 'package', 'version'],
  'report.suppressed.cves': ['id'],
  'report.suppressed.cves.cvss': ['source', 'version'],
  'report.undecided.listed': ['id', 'reportedBy', 'package', 'version'],
  'report.sources': ['name'],
  'report.problems': ['code', 'where'],
  explanations: ['id'],
  'explanations.answer.packages': ['package', 'version', 'arch'],
  'explanations.answer.packages.rules': ['source', 'vulnerability', 'name', 'from', 'to'],
  'explanations.answer.cves': ['id'],
  'explanations.answer.cves.cvss': ['source', 'version'],
  'explanations.answer.facts': ['name'],
  'explanations.answer.records': ['source', 'name'],
  'explanations.answer.problems': ['code', 'where'],
  affected: ['id'],
  'affected.answer.layers': ['name'],
  'affected.answer.layers.packages': ['name', 'version'],
  'affected.answer.images': ['digest', 'reference'],
  'affected.answer.images.packages': ['name', 'version', 'layer'],
};

const VOLATILE_FIELDS: readonly string[] = ['report.createdAt', 'report.clairVersion', 'report.sources.ageSeconds'];
