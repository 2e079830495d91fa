import { shownName } from '../../../../bytes/tar/name.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileFacts } from '../../detector.ts';
import { objectOf, readJson } from '../json-value.ts';
import { valueFault } from '../library-fields.ts';

/** The largest real files are extension manifests and old manifests that contain the README, below 1 MiB. */
export const MAX_PACKAGE_JSON_BYTES: number = 4 * 1024 * 1024;

/**
 * Reads the package.json of an installed npm package, at `path`. The name comes from the file, because under an alias
 * the directory has another name. Ignores the manifest of a VS Code extension or Unity package, and a file without a
 * name or version, because npm installs no package without these fields.
 */
export function readPackageJson(path: string, bytes: Uint8Array): FileFacts {
  const reading = readJson(bytes, MAX_PACKAGE_JSON_BYTES);
  if ('problem' in reading) return unreadable(path, `it ${reading.problem}`);
  const manifest = objectOf(reading.value);
  if (manifest === undefined) return unreadable(path, 'it is not a JSON object');
  const { name, version } = manifest;
  if (isAbsent(name) || isAbsent(version) || isOtherManifest(manifest)) return { diagnostics: [] };
  const fault = valueFault('name', name) ?? valueFault('version', version);
  if (fault !== undefined) return unreadable(path, `it has ${fault}`);
  const feature = { type: 'npm', name: String(name), version: String(version) };
  return { features: [{ feature, path }], diagnostics: [] };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/**
 * npm packages for use in VS Code extensions, such as vscode-languageclient, also name the engine `vscode`, but have
 * neither `contributes` nor `activationEvents`. In a package for Unity, `unity` is the oldest supported version of
 * Unity.
 */
function isOtherManifest({
  engines,
  contributes,
  activationEvents,
  unity,
}: Readonly<Record<string, unknown>>): boolean {
  const isForCode = objectOf(engines)?.['vscode'] !== undefined;
  return typeof unity === 'string' || (isForCode && (contributes !== undefined || activationEvents !== undefined));
}

function unreadable(path: string, why: string): FileFacts {
  const message = `${shownName(path)} is not a valid package.json: ${why}`;
  const diagnostic: Diagnostic = { code: 'library-unreadable', message, where: path };
  return { diagnostics: [diagnostic] };
}
