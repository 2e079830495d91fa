import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { firstBytes } from '../config/bounded-file.ts';
import { asClairError, ClairError } from '../errors.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import { parseCsafVex } from './csaf-vex.ts';
import { parseIgnoreFile } from './ignore-file.ts';
import { isOpenVex, parseOpenVex } from './openvex.ts';
import type { RuleSet, SuppressionRule } from './suppression-rule.ts';

/** The files that a command names, by what they are said to be. */
export type SuppressionFiles = { readonly ignore: readonly string[]; readonly vex: readonly string[] };

/** Of an ignore file; ten thousand entries have about as much. */
export const MAX_IGNORE_BYTES: number = 1024 * 1024;

/** Of a VEX document; the largest ones of Red Hat have some ten megabytes. */
export const MAX_VEX_BYTES: number = 32 * 1024 * 1024;

/**
 * Reads ignore files and VEX documents; which standard a VEX document follows is told by what it says.
 *
 * @throws ClairError `suppression/invalid` for a file that cannot be read, is too large, or is not what it should be.
 */
export async function readSuppressionFiles({ ignore, vex }: SuppressionFiles): Promise<RuleSet> {
  const rules: SuppressionRule[] = [];
  for (const file of ignore)
    for (const rule of parseIgnoreFile(await textOf(file, MAX_IGNORE_BYTES), file)) rules.push(rule);
  for (const file of vex) for (const rule of parseVex(await textOf(file, MAX_VEX_BYTES), file)) rules.push(rule);
  return { rules, isShared: false };
}

/** Rules that follow their files. */
export type FollowedRules = {
  /**
   * The rules as the files say now: read again when one has another size or time than before. Should they be no good then,
   * those hold that were read before, with a diagnostic that says so.
   *
   * @throws ClairError as {@link readSuppressionFiles}, when nothing was read before.
   */
  readonly current: () => Promise<RuleSet>;
  /**
   * A digest of the bytes of the files as they are now: instances with the same files have the same. Call it before
   * {@link FollowedRules.current}, so that rules are never newer than the digest says.
   */
  readonly digest: () => Promise<string>;
};

/**
 * Follows files that are for all images of an instance. Those named `*.json` are VEX documents, the others ignore files.
 * Nothing is read before it is asked for.
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
        message: error.message,
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
        // A first reading that failed leaves nothing behind; who asks is told by what is returned.
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

/** What is another text when a file is another one; one that cannot be looked at is told when it is read. */
async function versionOf(files: readonly string[]): Promise<string> {
  const each = files.map(async (file) => {
    const found = await stat(file).catch(() => undefined);
    return found === undefined ? 'missing' : `${found.ino} ${found.size} ${found.mtimeMs}`;
  });
  return (await Promise.all(each)).join('\n');
}

/** Of the names and bytes of all files; no file may take the place of another. Reads them in pieces. */
async function digestOfFiles(files: readonly string[]): Promise<string> {
  const all = createHash('sha256');
  for (const file of files) {
    const hash = createHash('sha256');
    try {
      // More bytes are refused when the rules are read.
      for await (const piece of createReadStream(file, { end: MAX_VEX_BYTES })) hash.update(piece);
      all.update(`${JSON.stringify(file)} ${hash.digest('hex')}\n`);
    } catch {
      all.update(`${JSON.stringify(file)} unreadable\n`);
    }
  }
  return all.digest('hex');
}

function parseVex(text: string, file: string): readonly SuppressionRule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ClairError('suppression/invalid', `${file} is no JSON, as VEX documents are`, { cause: error });
  }
  return isOpenVex(value) ? parseOpenVex(value, file) : parseCsafVex(value, file);
}

async function textOf(file: string, atMost: number): Promise<string> {
  // One byte more than there may be tells that there are too many.
  const bytes = await firstBytes(file, atMost + 1).catch((error: unknown) => {
    throw asClairError(error, 'suppression/invalid', `cannot read ${file}`);
  });
  if (bytes.length > atMost) throw new ClairError('suppression/invalid', `${file} has more than ${atMost} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ClairError('suppression/invalid', `${file} is no text in UTF-8`, { cause: error });
  }
}
