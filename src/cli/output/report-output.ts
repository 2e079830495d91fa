import { lstat, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { ClairError } from '../../errors.ts';
import type { Report } from '../../model/report/report.ts';
import type { Format, Look } from '../../report/format.ts';
import { FORMATS } from '../../report/index.ts';
import { replaceFile } from '../../updater/exchange/replaced-file.ts';
import { type Console, endableAtOnce } from '../console.ts';

/** A form in which the report is asked for, and the file that it goes to; null for standard output. */
export type ReportOutput = { readonly format: Format; readonly path: string | null };

/**
 * Reads one `--format FORMAT[=FILE]`, behind those that were read before.
 *
 * @throws InvalidArgumentError for a format that is not in the list, and for an empty name of a file
 */
export function formatOption(text: string, before: readonly ReportOutput[] = []): readonly ReportOutput[] {
  const [id = '', ...rest] = text.split('=');
  const format = FORMATS.find((each) => each.id === id);
  if (format === undefined) throw new InvalidArgumentError(`It must be one of ${formatNames()}.`);
  const path = rest.length === 0 ? null : rest.join('=');
  if (path === '') throw new InvalidArgumentError('The file behind = has no name.');
  return [...before, { format, path }];
}

/** The names of the formats, as help has them. */
export function formatNames(): string {
  return FORMATS.map(({ id }) => id).join(', ');
}

/**
 * What is to be written, and where: the default format to standard output when nothing is asked for.
 *
 * @param output the file of `--output`, for the one format that names none
 * @throws ClairError `cli/usage` when two would go to the same place, or none to that of `--output`
 */
export function reportOutputs(asked: readonly ReportOutput[] = [], output?: string): readonly ReportOutput[] {
  const [first] = FORMATS;
  if (first === undefined) throw new Error('there is no output format');
  const all = asked.length === 0 ? [{ format: first, path: null }] : asked;
  const withoutFile = all.filter(({ path }) => path === null).length;
  if (withoutFile > 1) {
    throw new ClairError(
      'cli/usage',
      'only one form can go to standard output: name files for the others, as in --format sarif=clair.sarif',
    );
  }
  if (output !== undefined && withoutFile === 0) {
    throw new ClairError('cli/usage', '--output needs a --format that names no file itself');
  }
  const outputs = all.map(({ format, path }) => ({ format, path: path ?? output ?? null }));
  const paths = outputs.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new ClairError('cli/usage', `two forms of the report would go to ${twice}`);
  return outputs;
}

/**
 * Writes the reports in all their forms; files first, so that a reader of standard output who goes away costs none of them.
 * A file is for anybody: it has no colours, and no width of a terminal. A format that has no document for the reports is left
 * out, with a line on standard error and without a file.
 *
 * @param reports one, or, for a run that was asked for several, an array
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
  const { columns: _columns, colors: _colors, ...plain } = look;
  const written = outputs.filter(({ format }) => {
    const why = format.whyNone?.('target' in reports ? [reports] : reports);
    if (why !== undefined) console.err(`clair: ${why}\n`);
    return why === undefined;
  });
  // A document of an earlier run must not pass for one of this run.
  for (const output of outputs) if (output.path !== null && !written.includes(output)) await removeFile(output.path);
  for (const { format, path } of written) {
    if (path !== null) await replaceFile(path, bytesOf(piecesOf(format, plain), console.signal));
  }
  for (const { format, path } of written) if (path === null) await writePieces(console, piecesOf(format, look));
}

async function removeFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() === true) await rm(path, { force: true });
}

/**
 * Writes results that may be long, a piece at a time, as fast as they are read. A signal ends the process at once.
 *
 * @throws the reason of the signal of the console
 */
export async function writePieces(console: Console, pieces: Iterable<string>): Promise<void> {
  await endableAtOnce(console, async () => {
    for (const piece of pieces) {
      console.signal.throwIfAborted();
      console.out(piece);
      await console.drained?.();
      await setImmediate();
    }
  });
}

/** A signal must not leave a part of a file behind: it is noticed between two pieces. */
async function* bytesOf(pieces: Iterable<string>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await setImmediate();
    signal.throwIfAborted();
    yield Buffer.from(piece);
  }
}
