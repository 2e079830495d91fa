import { Argument, Command, Option } from 'commander';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import type { ScanOptions } from '../image-scan.ts';
import { addImageOptions, IMAGE_ARGUMENT, IMAGE_FORMS } from '../image-options.ts';
import { addReportOptions, FORMATS_NOTE } from '../options/report-options.ts';

const HELP: HelpParts = {
  examples: [
    'clair scan debian:12 --update',
    'docker save app | clair scan -',
    'clair scan app.tar --severity high,critical',
    'clair scan app.tar --fail-on high --fail-on-fixed --format table,sarif=clair.sarif',
  ],
  notes: [
    FORMATS_NOTE,
    IMAGE_FORMS,
    '--severity and --type filter only the report: --fail-on also evaluates the hidden findings.',
  ],
  exitStatus: {
    0: 'the image was scanned, and no finding matches --fail-on',
    2: 'the image could not be analysed, or an option is invalid',
    3: 'the report is incomplete, or --fail-on cannot evaluate a finding',
    4: 'a finding matches --fail-on, even if the report is incomplete',
    130: 'the command was stopped',
  },
};

/** Creates `clair scan IMAGE`, which analyses an image and reports its vulnerabilities. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('scan')
    .description('Scan an image for vulnerabilities and report the layers that add them.')
    .addArgument(new Argument('<image>', IMAGE_ARGUMENT));
  addReportOptions(command);
  addImageOptions(command)
    .addOption(
      new Option('--attestations', 'Read SBOMs and VEX documents attached to the image in its registry')
        .default(false)
        .helpGroup('Image:'),
    )
    .addOption(
      new Option('--all-platforms', 'Scan the images of all platforms')
        .default(false)
        .conflicts('platform')
        .helpGroup('Image:'),
    );
  return addHelp(command, HELP).action(async (text: string, options: ScanOptions) => {
    // The analysis is loaded on demand, because the help does not need the analysis and loading the analysis is slow.
    const { scanImage } = await import('../image-scan.ts');
    exit(await scanImage(console, text, options));
  });
}
