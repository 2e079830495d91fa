import { Argument, Command } from 'commander';
import type { Report } from '../../model/report/report.ts';
import { differenceMarkdown } from '../../report/difference/difference-markdown.ts';
import { differenceText } from '../../report/difference/difference-text.ts';
import { differenceOf, filteredDifference, type ImageDifference } from '../../report/difference/image-difference.ts';
import type { Look } from '../../report/format.ts';
import { isIncomplete } from '../../report/writing/finding-words.ts';
import { jsonLines } from '../../report/writing/json-pieces.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { type AcceptOptions, addAcceptOptions, judgedReport } from '../options/accepted-diagnostics.ts';
import { scanStatus } from '../exit-status.ts';
import { addFindingOptions, findingFilter, type FindingOptions } from '../options/finding-options.ts';
import {
  addGateOptions,
  type Gate,
  gatedImage,
  gateDiagnostics,
  gateOf,
  type GateOptions,
  gateText,
  newGateFailures,
  newUnjudgedFindings,
} from '../options/gate.ts';
import { addOutputOptions, type OutputOptions, writeOutput } from '../options/output-options.ts';
import { withAnalyzedTargets } from '../image-run.ts';
import { addImageOptions, IMAGE_ARGUMENT, IMAGE_FORMS, type ImageOptions } from '../image-options.ts';
import { printable } from '../../model/printable.ts';

const FORMATS: Readonly<
  Record<'table' | 'json' | 'markdown', (difference: ImageDifference, look?: Look) => Iterable<string>>
> = {
  table: (difference, look) => [differenceText(difference, look)],
  json: (difference) => jsonLines(difference),
  markdown: (difference) => [differenceMarkdown(difference)],
};

type DiffOptions = ImageOptions & GateOptions & FindingOptions & AcceptOptions & OutputOptions<keyof typeof FORMATS>;

const HELP: HelpParts = {
  examples: [
    'clair diff registry.example/app:1.0 registry.example/app:1.1',
    'clair diff debian:12 image.tar --format markdown',
    'clair diff registry:registry.example/app:main app.tar --fail-on high --fail-on-fixed',
  ],
  notes: [IMAGE_FORMS, '--fail-on evaluates only findings that are new in the second image.'],
  exitStatus: {
    0: 'the images were compared, and no new finding matches --fail-on',
    2: 'an image could not be analysed, or an option is invalid',
    3: 'a report is incomplete, or --fail-on cannot evaluate a finding',
    4: 'a new finding matches --fail-on',
    130: 'the command was stopped',
  },
};

/** Creates `clair diff IMAGE IMAGE`, which compares the packages and findings of two images. */
export function diffCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('diff')
    .description('Compare the packages and vulnerabilities of two images.')
    .addArgument(new Argument('<before>', IMAGE_ARGUMENT))
    .addArgument(new Argument('<after>', 'Image to compare with the first image'))
    .optionsGroup('Report:');
  addOutputOptions(command, Object.keys(FORMATS));
  addImageOptions(addGateOptions(addAcceptOptions(addFindingOptions(command))));
  return addHelp(command, HELP).action(async (before: string, after: string, options: DiffOptions) => {
    const gate = gateOf(options);
    exit(
      await withAnalyzedTargets(console, options, [before, after], async ([one, other]) => {
        if (one === undefined || other === undefined) throw new Error('only one of two images was analysed');
        const difference = differenceOf(judgedReport(one.report, options), judgedReport(other.report, options));
        const shown = filteredDifference(difference, findingFilter(options));
        await writeOutput(console, options, (look) => FORMATS[options.format](shown, look));
        return passGate(console, difference, gate, other.report);
      }),
    );
  });
}

/**
 * Prints the new findings that fail the gate, and the reasons why the gate cannot evaluate findings. Returns the exit
 * status.
 */
function passGate(console: Console, difference: ImageDifference, gate: Gate, report: Report): number {
  const { before, after } = difference;
  const image = gatedImage(after.target);
  const failures = newGateFailures(difference, gate);
  if (failures.length > 0) {
    const notNew = isIncomplete(before)
      ? '; the report of the first image is incomplete, so these findings may not be new'
      : '';
    const more = isIncomplete(after)
      ? '; the report of the second image is incomplete, so there may be more new findings'
      : '';
    console.err(`${printable(`clair: ${image}: ${gateText(failures, gate, 'new finding')}`)}${notNew}${more}\n`);
  }
  const diagnostics = gateDiagnostics(gate, { ...report, unjudged: newUnjudgedFindings(difference, gate) });
  for (const { text } of diagnostics) console.err(`${printable(`clair: ${image}: ${text}`)}\n`);
  const isUndecided = diagnostics.some(({ isDecided }) => !isDecided);
  const incomplete = isIncomplete(before) || isIncomplete(after) || isUndecided;
  return scanStatus(incomplete, failures.length > 0);
}
