import { env } from 'node:process';
import { Argument, Command } from 'commander';
import type { ApiClient } from '../../client/api-client.ts';
import { imageReport, imagesOfReference, type ListedImage } from '../../client/image-reports.ts';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import { fitsPlatform, type Platform, parsePlatform, platformText } from '../../worker/sources/image/platform.ts';
import { type Console, interruptible } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { platformOption } from '../image-options.ts';
import { addReportOptions, FORMATS_NOTE, type ReportOptions } from '../options/report-options.ts';
import { reportWriter } from '../output/report-writer.ts';
import { addServerOptions, type ServerOptions, withServer } from '../options/server-option.ts';

type ReportCommandOptions = ServerOptions & ReportOptions & { readonly platform?: Platform };

const HELP: HelpParts = {
  examples: [
    'clair report registry.example/app:1.2 --server https://clair.example:6060',
    'clair report sha256:3f5a… --format html=report.html',
  ],
  notes: [FORMATS_NOTE, 'The report uses the current data of the server. To analyse a new image, use clair submit.'],
  exitStatus: {
    0: 'the report was printed, and no finding matches --fail-on',
    2: 'the server failed or does not have the image, or an option is invalid',
    3: 'the report is incomplete, or --fail-on cannot evaluate a finding',
    4: 'a finding matches --fail-on',
    130: 'the command was stopped',
  },
};

/** Creates `clair report IMAGE`, which prints the current report of an image on a server. */
export function reportCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('report')
    .description('Print the report of an image that a Clair server has analysed.')
    .addArgument(new Argument('<image>', 'Name or digest of the image on the server'));
  addReportOptions(command).addOption(platformOption('the only platform').helpGroup('Image:'));
  return addHelp(addServerOptions(command), HELP).action(async (name: string, options: ReportCommandOptions) => {
    const writer = reportWriter(console, options);
    await withServer(options, env, async (client) => {
      const digest = isDigest(name) ? name : await digestOf(client, name, options.platform, console.signal);
      const report = await interruptible(console, () => imageReport(client, digest, console.signal));
      await writer.write(report);
      exit(writer.pass(report));
    });
  });
}

/**
 * Returns the digest of the latest image that has this name. Interprets the name first as the short name of a registry
 * image, and then looks up the name as typed.
 */
async function digestOf(
  client: ApiClient,
  name: string,
  wanted: Platform | undefined,
  signal: AbortSignal,
): Promise<string> {
  const reference = parseImageReference(name);
  for (const each of new Set([...(reference === undefined ? [] : [imageReferenceText(reference)]), name])) {
    const images = await imagesOfReference(client, each, signal);
    if (images.length > 0) return imageFor(each, images, wanted).digest;
  }
  throw new ClairError('image/unknown', `${client.server} has no image ${name}`);
}

function imageFor(reference: string, images: readonly ListedImage[], wanted: Platform | undefined): ListedImage {
  const platforms = [...new Set(images.map(({ platform }) => platform))];
  const latest = images.find(({ platform }) => wanted === undefined || isFor(wanted, platform));
  if (latest !== undefined && (wanted !== undefined || platforms.length === 1)) return latest;
  const choice = wanted === undefined ? ': choose one with --platform' : `, but not for ${platformText(wanted)}`;
  throw new ClairError('image/choice-needed', `the server has ${reference} for ${platforms.join(', ')}${choice}`);
}

function isFor(wanted: Platform, text: string): boolean {
  const platform = parsePlatform(text);
  return platform !== undefined && fitsPlatform(wanted, platform);
}
