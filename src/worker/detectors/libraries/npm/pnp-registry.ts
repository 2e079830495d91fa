import { shownName } from '../../../../bytes/tar/name.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileFacts } from '../../detector.ts';
import { objectOf, readJson } from '../json-value.ts';
import { textFault } from '../library-fields.ts';

/** Yarn writes about 500 bytes for a package. */
export const MAX_PLUG_AND_PLAY_BYTES: number = 32 * 1024 * 1024;

export const MAX_PLUG_AND_PLAY_PACKAGES = 20_000;

/** The maximum number of packages that a diagnostic names. */
const MAX_NAMED = 5;

/**
 * Reads the packages of a project with Yarn Plug'n'Play from `.pnp.cjs`, or from `.pnp.data.json` beside it. Yarn
 * writes the installed packages into this file, and programs use the file to find the packages. The names of the zip
 * files in the cache are not sufficient: `@a-b-c-npm-1.0.0-….zip` may be `@a/b-c` or `@a-b/c`, and the cache may
 * contain other packages. Unplugged packages have a package.json; packages of the project are not installed.
 *
 * Source: `generatePnpScript` of Yarn 2 to 4 (yarnpkg/berry, packages/yarnpkg-pnp).
 */
export function readPlugAndPlay(path: string, bytes: Uint8Array): FileFacts {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (bytes.length > MAX_PLUG_AND_PLAY_BYTES)
    return unread(path, `${file} is larger than ${MAX_PLUG_AND_PLAY_BYTES} bytes`);
  const json = path.endsWith('.json') ? bytes : inlinedState(bytes);
  if (json === undefined) {
    // The detector reads the separate file by itself.
    if (Buffer.from(bytes).includes(DATA_FILE)) return { diagnostics: [] };
    return unread(path, `${file} has no package data of Yarn 2 or later`);
  }
  const reading = readJson(json, MAX_PLUG_AND_PLAY_BYTES);
  if ('problem' in reading) return unread(path, `the package data in ${file} ${reading.problem}`);
  const registry = objectOf(reading.value)?.['packageRegistryData'];
  if (!Array.isArray(registry)) return unread(path, `the package data in ${file} has no \`packageRegistryData\``);
  return packagesIn(registry, path);
}

const DATA_FILE = '.pnp.data.json';

const START = "'{\\\n";

/**
 * Returns the JSON in the script's string literal `'…'`; a backslash in the literal escapes the next character or line
 * end.
 */
function inlinedState(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = text.indexOf(START);
  if (start === -1) return undefined;
  const json = Buffer.alloc(text.length - start);
  let length = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) return json.subarray(0, length);
    if (byte === BACKSLASH) at += 1;
    const next = text[at];
    if (next !== undefined && !(byte === BACKSLASH && next === LINE_END)) json[length++] = next;
  }
  return undefined;
}

const [QUOTE, BACKSLASH, LINE_END] = [0x27, 0x5c, 0x0a];

/**
 * The registry is a list of `[name, [[reference, {packageLocation, …}], …]]`; name and reference of the root are null.
 */
function packagesIn(registry: readonly unknown[], path: string): FileFacts {
  const found = new Map<string, LibraryPackage>();
  const others = new Set<string>();
  let invalid = 0;
  for (const { name, reference, facts } of registry.flatMap(entriesOf)) {
    if (name === null && reference === null) continue;
    if (typeof name !== 'string' || typeof reference !== 'string' || textFault('name', name) !== undefined) {
      invalid += 1;
      continue;
    }
    if (isElsewhere(reference, facts)) continue;
    const version = versionOf(reference);
    if (version === undefined) others.add(name);
    else if (textFault('version', version) !== undefined) invalid += 1;
    else found.set(`${name}\n${version}`, { type: 'npm', name, version });
  }
  const features = [...found.values()].slice(0, MAX_PLUG_AND_PLAY_PACKAGES).map((feature) => ({ feature, path }));
  return {
    features,
    diagnostics: [
      ...(registry.length === 0 ? unread(path, 'the package registry is empty').diagnostics : []),
      ...(invalid > 0 ? [unreadEntries(path, invalid)] : []),
      ...otherDiagnostic(path, [...others]),
      ...(found.size > features.length ? [cutDiagnostic(path)] : []),
    ],
  };
}

type RegistryEntry = { readonly name: unknown; readonly reference: unknown; readonly facts: unknown };

/** Returns the packages in an item of the registry; an item of another form yields an entry with an undefined name. */
function entriesOf(value: unknown): readonly RegistryEntry[] {
  const [name, references]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(references)) return [{ name: undefined, reference: undefined, facts: undefined }];
  return references.map((each: unknown) => {
    const [reference, facts]: readonly unknown[] = Array.isArray(each) ? each : [];
    return { name, reference, facts };
  });
}

/** Returns whether a package belongs to the project, or is unplugged and so has its own package.json. */
function isElsewhere(reference: string, facts: unknown): boolean {
  const location = objectOf(facts)?.['packageLocation'];
  const isUnplugged = typeof location === 'string' && location.includes('/unplugged/');
  return isUnplugged || /^(?:workspace|link|portal):/.test(withoutVirtual(reference));
}

/**
 * Returns a reference without its virtual part. Yarn creates a virtual package for each set of peer dependencies:
 * `virtual:HASH#npm:18.2.0`.
 */
function withoutVirtual(reference: string): string {
  return reference.startsWith('virtual:') ? reference.slice(reference.indexOf('#') + 1) : reference;
}

/**
 * Returns the version; undefined for a package from outside a registry, because only the archive of such a package
 * contains the version.
 */
function versionOf(reference: string): string | undefined {
  const [, ofRegistry] = /^npm:([^:]+)(?:::|$)/.exec(withoutVirtual(reference)) ?? [];
  const [, ofPatch] = /^patch:.*::version=([^&]+)(?:&|$)/.exec(withoutVirtual(reference)) ?? [];
  return ofRegistry ?? ofPatch;
}

function otherDiagnostic(path: string, names: readonly string[]): readonly Diagnostic[] {
  if (names.length === 0) return [];
  const more = names.length - MAX_NAMED;
  const listed = `${names.slice(0, MAX_NAMED).map(shownName).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const [what, versions] =
    names.length === 1
      ? [`1 package of ${projectOf(path)} is`, 'its version is']
      : [`${names.length} packages of ${projectOf(path)} are`, 'their versions are'];
  const message = `${what} not from a registry, so ${versions} unknown: ${listed}`;
  return [{ code: 'project-unreadable', message, where: path }];
}

function cutDiagnostic(path: string): Diagnostic {
  const message = `${projectOf(path)} has more than ${MAX_PLUG_AND_PLAY_PACKAGES} packages; the rest were not read`;
  return { code: 'package-limit-reached', message, where: path };
}

function unreadEntries(path: string, count: number): Diagnostic {
  const entries = count === 1 ? '1 entry' : `${count} entries`;
  const message = `${entries} in the package registry of ${projectOf(path)}, which uses Yarn Plug'n'Play, could not be read`;
  return { code: 'project-unreadable', message, where: path };
}

function unread(path: string, why: string): FileFacts {
  const message = `the packages of ${projectOf(path)}, which uses Yarn Plug'n'Play, were not read: ${why}`;
  return { diagnostics: [{ code: 'project-unreadable', message, where: path }] };
}

function projectOf(path: string): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return `the project in ${folder === '' ? 'the root directory' : shownName(folder)}`;
}
