import { type AffectedImport, MAX_GO_NAME, MAX_IMPORTS, MAX_SYMBOLS } from '../../../model/advisories/advisory.ts';
import { textOrder } from '../../../model/text-order.ts';
import { fieldsOf } from '../../formats/json-fields.ts';
import type { OsvAffected } from '../../formats/osv.ts';

/** The packages and functions that a document names, by module. Modules without named packages are absent. */
export type ModuleImports = ReadonlyMap<string, readonly AffectedImport[]>;

/**
 * The maximum size of the names of a module in all its ranges, as JSON, in UTF-16 code units; all names in the Go
 * database have 0.4 million units.
 */
const MAX_LENGTH = 1_000_000;

/**
 * Returns the packages and functions that a document names for each Go module. Unites the names of all members of the
 * document about the module, because members may repeat a range. Leaves out a module if one of these members names no
 * packages, or if the names exceed a limit. All packages of the module are then treated as affected. Malformed names
 * widen the result, so that a vulnerable program is always reported.
 *
 * The Go vulnerability database defines the format (https://go.dev/doc/security/vuln/database).
 */
export function importsOfModules(members: readonly Member[]): ModuleImports {
  const byModule = new Map<string, Member[]>();
  for (const member of members) {
    const known = byModule.get(member.name);
    if (known === undefined) byModule.set(member.name, [member]);
    else known.push(member);
  }
  const modules = new Map<string, readonly AffectedImport[]>();
  for (const [name, ofModule] of byModule) {
    const imports = importsOf(ofModule);
    if (imports !== undefined) modules.set(name, imports);
  }
  return modules;
}

type Member = Pick<OsvAffected, 'name' | 'specific' | 'intervals'>;

function importsOf(members: readonly Member[]): readonly AffectedImport[] | undefined {
  const found = new Map<string, AffectedImport>();
  for (const { specific } of members) {
    const imports = readImports(specific['imports']);
    if (imports === undefined) return undefined;
    for (const each of imports) found.set(JSON.stringify(each), each);
  }
  const texts = [...found.keys()];
  const ranges = members.reduce((sum, { intervals }) => sum + intervals.length, 0);
  const length = texts.reduce((sum, text) => sum + text.length, 0) * ranges;
  if (texts.length > MAX_IMPORTS || length > MAX_LENGTH) return undefined;
  return texts.toSorted(textOrder).flatMap((text) => found.get(text) ?? []);
}

function readImports(value: unknown): readonly AffectedImport[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_IMPORTS) return undefined;
  const imports: AffectedImport[] = [];
  for (const item of value) {
    const fields = fieldsOf(item) ?? {};
    const { path } = fields;
    if (!isName(path)) return undefined;
    const [symbols, goos, goarch] = [listOf(fields['symbols']), listOf(fields['goos']), listOf(fields['goarch'])];
    imports.push({ path, ...(symbols && { symbols }), ...(goos && { goos }), ...(goarch && { goarch }) });
  }
  return imports;
}

/**
 * Returns the sorted names in a list; undefined for a malformed list, so that all functions, systems or processors are
 * affected.
 */
function listOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_SYMBOLS || !value.every(isName))
    return undefined;
  return [...new Set(value)].toSorted(textOrder);
}

const NAME = /^[^\p{Cc}\s]+$/u;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_GO_NAME && NAME.test(value);
}
