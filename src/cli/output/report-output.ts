import { lstat, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { createTurns } from '../../threads/turns.ts';
import { ClairError } from '../../errors.ts';
import type { Report } from '../../model/report/report.ts';
import type { Format, Look } from '../../report/format.ts';
import { printable } from '../../model/printable.ts';
import { FORMAT_LOADERS, type FormatLoader } from './format-loaders.ts';
import { replaceFile } from '../../updater/exchange/replaced-file.ts';
import { type Console, interruptible } from '../console.ts';

/** A requested format and the path of its file; the path is null for standard output. */
export type ReportOutput = { readonly format: FormatLoader; readonly path: string | null };

/**
 * Parses a value of `--format`, a comma-separated list of FORMAT[=FILE], and appends the parsed items to earlier
 * values. Every comma separates items, so that a misspelled format is an error and not a part of a file name.
 *
 * @throws InvalidArgumentError for an unknown format and for an empty file name
 */
export function formatOption(text: string, before: readonly ReportOutput[] = []): readonly ReportOutput[] {
  return [...before, ...text.split(',').map(reportOutput)];
}

function reportOutput(text: string): ReportOutput {
  const [id = '', ...rest] = text.split('=');
  const format = FORMAT_LOADERS.find((each) => each.id === id);
  if (format === undefined) {
    throw new InvalidArgumentError(
      `"${id}" must be one of ${formatNames()}. For a file name with a comma, use --output.`,
    );
  }
  const path = rest.length === 0 ? null : rest.join('=');
  if (path === '') throw new InvalidArgumentError(`"${text}" names no file: write ${id} or ${id}=FILE.`);
  return { format, path };
}

/** Returns the list of the format names for help. */
export function formatNames(): string {
  return FORMAT_LOADERS.map(({ id }) => id).join(', ');
}

/**
 * Returns the formats to write and their files. Without a requested format, returns the default format on standard
 * output.
 *
 * @param output the file of `--output`, for the format that names no file
 * @throws ClairError `cli/usage` if two formats have the same destination, or no format uses `--output`
 */
export function reportOutputs(asked: readonly ReportOutput[] = [], output?: string): readonly ReportOutput[] {
  const [first] = FORMAT_LOADERS;
  if (first === undefined) throw new Error('there is no output format');
  const all = asked.length === 0 ? [{ format: first, path: null }] : asked;
  const withoutFile = all.filter(({ path }) => path === null).map(({ format }) => format.id);
  if (withoutFile.length > 1) {
    const place = output === undefined ? 'standard output' : `--output ${output}`;
    const message = `only one format can be written to ${place}, not ${withoutFile.join(' and ')}: name files, for example --format sarif=clair.sarif`;
    throw new ClairError('cli/usage', message);
  }
  if (output !== undefined && withoutFile.length === 0) {
    throw new ClairError(
      'cli/usage',
      `--output ${output} has no effect, because every --format names its own file: remove --output`,
    );
  }
  const outputs = all.map(({ format, path }) => ({ format, path: path ?? output ?? null }));
  const paths = outputs.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new ClairError('cli/usage', `two formats name the same file ${twice}: name a different file for each format`);
  }
  return outputs;
}

/**
 * Writes the reports in all requested formats. Files are written first, so that all files are complete even if the
 * reader closes standard output. Files have no colours and no terminal width. If a format cannot represent the reports,
 * a line on standard error states the reason, and the file of the format is removed. A line on standard error also
 * describes the parts that a document omits.
 *
 * @param reports a report, or an array of reports for a run over all platforms
 * @throws ClairError `export/unwritable`
 */
export async function writeReports(
  outputs: readonly ReportOutput[],
  reports: Report | readonly Report[],
  console: Console,
  look: Look,
): Promise<void> {
  const piecesOf = (format: Format, of: Look): Iterable<string> =>
    'target' in reports ? format.write(reports, of) : format.writeAll(reports, of);
  const remark = (text: string): void => console.err(`${printable(`clair: ${text}`)}\n`);
  const shown: Look = { ...look, remark };
  const { columns: _columns, colors: _colors, ...plain } = shown;
  const loaded = await Promise.all(outputs.map(async ({ format, path }) => ({ format: await format.load(), path })));
  const written = loaded.filter(({ format }) => {
    const why = format.whyNone?.('target' in reports ? [reports] : reports);
    if (why !== undefined) console.err(`clair: ${why}\n`);
    return why === undefined;
  });
  // Delete the file, because users must not mistake a document of an earlier run for a document of this run.
  for (const output of loaded) if (output.path !== null && !written.includes(output)) await removeFile(output.path);
  for (const { format, path } of written) if (path !== null) await writeFile(console, path, piecesOf(format, plain));
  for (const { format, path } of written) if (path === null) await writePieces(console, piecesOf(format, shown));
}

/**
 * Writes a text piece by piece to a file or, without a path, to standard output. @throws ClairError `export/unwritable`
 */
export async function writeTo(console: Console, path: string | undefined, pieces: Pieces): Promise<void> {
  if (path === undefined) await writePieces(console, pieces);
  else await writeFile(console, path, pieces);
}

/** The text of a document, in pieces. */
export type Pieces = Iterable<string> | AsyncIterable<string>;

async function writeFile({ signal }: Console, path: string, pieces: Pieces): Promise<void> {
  await replaceFile(path, bytesOf(pieces, signal));
}

async function removeFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() === true) await rm(path, { force: true });
}

/**
 * Writes a long result piece by piece, as fast as the reader accepts the pieces. A signal ends the process immediately.
 *
 * @throws the abort reason of the signal of the console
 */
async function writePieces(console: Console, pieces: Pieces): Promise<void> {
  await interruptible(console, async () => {
    const turns = createTurns();
    for await (const piece of pieces) {
      console.signal.throwIfAborted();
      console.out(piece);
      await console.drained?.();
      if (turns.areDue()) await turns.take();
    }
  });
}

/** Yields the bytes of the pieces. Checks the signal between pieces, so that a signal leaves no partial file. */
async function* bytesOf(pieces: Pieces, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await setImmediate();
    signal.throwIfAborted();
    yield Buffer.from(piece);
  }
}
