import { Argument, Command, Option } from 'commander';
import type { Report } from '../../model/report/report.ts';
import { differenceMarkdown } from '../../report/difference/difference-markdown.ts';
import { differenceText } from '../../report/difference/difference-text.ts';
import { differenceOf, type ImageDifference } from '../../report/difference/image-difference.ts';
import type { Look } from '../../report/format.ts';
import { isIncomplete } from '../../report/writing/finding-words.ts';
import { jsonLines } from '../../report/writing/json-pieces.ts';
import type { Console } from '../console.ts';
import { addEndOfLifeOption, type EndOfLifeOption, judgedReport } from '../options/end-of-life.ts';
import { scanStatus } from '../exit-status.ts';
import {
  addGateOptions,
  checkGate,
  type Gate,
  gateDiagnostics,
  gateText,
  newGateFailures,
  newUnjudgedFindings,
} from '../options/gate.ts';
import { writePieces } from '../output/report-output.ts';
import { addImageOptions, type ImageOptions, TARGET_FORMS, withAnalyzedTargets } from '../image-run.ts';
import { printable } from '../../model/printable.ts';

const FORMATS: Readonly<
  Record<'table' | 'json' | 'markdown', (difference: ImageDifference, look?: Look) => Iterable<string>>
> = {
  table: (difference, look) => [differenceText(difference, look)],
  json: (difference) => jsonLines(difference),
  markdown: (difference) => [differenceMarkdown(difference)],
};

type DiffOptions = ImageOptions & Gate & EndOfLifeOption & { readonly format: keyof typeof FORMATS };

const HELP = `
Exit status: 0 compared, 2 it could not be done, 3 compared, but the answer about one of them is incomplete, 4 there are new
findings that --fail-on does not let pass (whether the answer is complete or not).

Examples:
  clair diff registry.example/app:1.0 registry.example/app:1.1
  clair diff debian:12 image.tar --format markdown
  clair diff registry.example/app:main app.tar --fail-on High --only-fixed`;

/** `clair diff TARGET TARGET`: what packages and findings the second image has that the first one has not, and the reverse. */
export function diffCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('diff')
    .description(
      'Compare two images: packages and vulnerabilities that were added, removed and changed, with their layers.',
    )
    .addArgument(new Argument('<before>', TARGET_FORMS))
    .addArgument(new Argument('<after>', 'the same'))
    .addOption(new Option('--format <format>', 'how to write it').choices(Object.keys(FORMATS)).default('table'));
  return addImageOptions(addEndOfLifeOption(addGateOptions(command)))
    .addHelpText('after', HELP)
    .action(async (before: string, after: string, options: DiffOptions) => {
      checkGate(options);
      exit(
        await withAnalyzedTargets(console, options, [before, after], async (_, [one, other]) => {
          if (one === undefined || other === undefined) throw new Error('of two images not both were analysed');
          const difference = differenceOf(judgedReport(one.report, options), judgedReport(other.report, options));
          await writePieces(console, FORMATS[options.format](difference, console.look));
          return passGate(console, difference, options, other.report);
        }),
      );
    });
}

/** Gives the status of a difference; what the gate does not let pass, and diagnostics of it, is told. */
function passGate(console: Console, difference: ImageDifference, gate: Gate, report: Report): number {
  const { before, after } = difference;
  const failures = newGateFailures(difference, gate);
  if (failures.length > 0) {
    const notNew = isIncomplete(before) ? '; the answer about the first image is incomplete: they may be old' : '';
    const more = isIncomplete(after) ? '; the answer is incomplete, and there may be more' : '';
    console.err(
      `${printable(`clair: ${after.target.platform}: ${gateText(failures, gate, 'new finding')}`)}${notNew}${more}\n`,
    );
  }
  const diagnostics = gateDiagnostics(gate, { ...report, unjudged: newUnjudgedFindings(difference, gate) });
  for (const { text } of diagnostics) console.err(`${printable(`clair: ${after.target.platform}: ${text}`)}\n`);
  const isUndecided = diagnostics.some(({ isDecided }) => !isDecided);
  const incomplete = isIncomplete(before) || isIncomplete(after) || isUndecided;
  return scanStatus(incomplete, failures.length > 0);
}
