import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { firstBytes } from '../config/bounded-file.ts';
import { asClairError, ClairError } from '../errors.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { RuleSet, SuppressionRule } from './suppression-rule.ts';

/** The files of a command, by kind. */
export type SuppressionFiles = { readonly ignore: readonly string[]; readonly vex: readonly string[] };

/** The maximum size of an ignore file in bytes; enough for about 10,000 entries. */
export const MAX_IGNORE_BYTES: number = 1024 * 1024;

/** The maximum size of a VEX document in bytes. The largest documents of Red Hat are about 10 MB. */
export const MAX_VEX_BYTES: number = 32 * 1024 * 1024;

/**
 * Reads ignore files and VEX documents. The content of a VEX document determines its standard.
 *
 * @throws ClairError `suppression/invalid` for a file that is unreadable, too large or invalid
 */
export async function readSuppressionFiles({ ignore, vex }: SuppressionFiles): Promise<RuleSet> {
  const rules: SuppressionRule[] = [];
  for (const file of ignore) {
    // The parsers are loaded on demand, because loading a YAML library takes longer than most commands.
    const { parseIgnoreFile } = await import('./ignore-file.ts');
    for (const rule of parseIgnoreFile(await textOf(file, MAX_IGNORE_BYTES), file)) rules.push(rule);
  }
  for (const file of vex) for (const rule of await parseVex(await textOf(file, MAX_VEX_BYTES), file)) rules.push(rule);
  return { rules, isShared: false };
}

/** Rules that are reloaded when their files change. */
export type FollowedRules = {
  /**
   * Returns the current rules. If the inode, size or modification time of a file has changed, the files are read again.
   * If the changed files are invalid, the previous rules remain in effect, with a diagnostic.
   *
   * @throws the errors of {@link readSuppressionFiles}, if the files were never valid
   */
  readonly current: () => Promise<RuleSet>;
  /**
   * Returns a digest of the current bytes of the files; instances with the same files return the same digest. The
   * caller must call this function before {@link FollowedRules.current}, so that rules are never older than the digest.
   */
  readonly digest: () => Promise<string>;
};

/**
 * Follows the suppression files of an instance. Files named `*.json` are VEX documents; all other files are ignore
 * files. No file is read before one of the returned functions is called.
 */
export function followSuppressionFiles(files: readonly string[]): FollowedRules {
  const vex = files.filter((file) => file.endsWith('.json'));
  const ignore = files.filter((file) => !vex.includes(file));
  let version: string | undefined;
  let reading: Promise<RuleSet> | undefined;
  let digested: { readonly version: string; readonly digest: Promise<string> } | undefined;

  async function read(before: Promise<RuleSet> | undefined): Promise<RuleSet> {
    try {
      const { rules } = await readSuppressionFiles({ ignore, vex });
      return { rules, isShared: true };
    } catch (error) {
      if (before === undefined || !(error instanceof ClairError)) throw error;
      const { rules } = await before;
      const diagnostic: Diagnostic = {
        code: 'suppression-unreadable',
        // A diagnostic is a single line, but the error of an ignore file lists each fault on a separate line.
        message: error.message.replaceAll(/\n\s*/g, '; ').replace(':; ', ': '),
        where: 'suppression.files',
      };
      return { rules, isShared: true, diagnostics: [diagnostic] };
    }
  }

  return {
    async current() {
      const now = await versionOf(files);
      if (reading === undefined || now !== version) {
        version = now;
        const next = read(reading);
        reading = next;
        // A failed first load stores no state and throws the error.
        next.catch(() => {
          if (reading === next) reading = undefined;
        });
      }
      return await reading;
    },
    async digest() {
      const now = await versionOf(files);
      if (digested?.version !== now) digested = { version: now, digest: digestOfFiles(files) };
      return await digested.digest;
    },
  };
}

/** Returns a text that changes when a file changes. An inaccessible file causes no error here; reading it does. */
async function versionOf(files: readonly string[]): Promise<string> {
  const each = files.map(async (file) => {
    const found = await stat(file).catch(() => undefined);
    return found === undefined ? 'missing' : `${found.ino} ${found.size} ${found.mtimeMs}`;
  });
  return (await Promise.all(each)).join('\n');
}

/** Returns the digest of the names and bytes of all files, in their order. The files are read in chunks. */
async function digestOfFiles(files: readonly string[]): Promise<string> {
  const all = createHash('sha256');
  for (const file of files) {
    const hash = createHash('sha256');
    try {
      // The bytes beyond the maximum are not needed, because reading the rules rejects larger files.
      for await (const piece of createReadStream(file, { end: MAX_VEX_BYTES })) hash.update(piece);
      all.update(`${JSON.stringify(file)} ${hash.digest('hex')}\n`);
    } catch {
      all.update(`${JSON.stringify(file)} unreadable\n`);
    }
  }
  return all.digest('hex');
}

async function parseVex(text: string, file: string): Promise<readonly SuppressionRule[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ClairError('suppression/invalid', `${file} is not valid JSON; VEX documents are JSON`, { cause: error });
  }
  const { isOpenVex, parseOpenVex } = await import('./openvex.ts');
  if (isOpenVex(value)) return parseOpenVex(value, file);
  const { parseCsafVex } = await import('./csaf-vex.ts');
  return parseCsafVex(value, file);
}

async function textOf(file: string, atMost: number): Promise<string> {
  // An additional byte shows that the file exceeds `atMost` bytes.
  const bytes = await firstBytes(file, atMost + 1).catch((error: unknown) => {
    throw asClairError(error, 'suppression/invalid', `cannot read ${file}`);
  });
  if (bytes.length > atMost) throw new ClairError('suppression/invalid', `${file} exceeds ${atMost} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ClairError('suppression/invalid', `${file} is not valid UTF-8`, { cause: error });
  }
}
