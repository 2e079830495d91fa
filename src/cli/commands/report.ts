import { env } from 'node:process';
import { Argument, Command } from 'commander';
import type { ApiClient } from '../../client/api-client.ts';
import { imageReport, imagesOfReference, type ListedImage } from '../../client/image-reports.ts';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import { fitsPlatform, type Platform, parsePlatform, platformText } from '../../worker/sources/image/platform.ts';
import { type Console, endableAtOnce } from '../console.ts';
import { platformOption } from '../image-run.ts';
import { addReportOptions, type ReportOptions, reportWriter } from '../options/report-options.ts';
import { addServerOptions, type ServerOptions, withServer } from '../options/server-option.ts';

type ReportCommandOptions = ServerOptions & ReportOptions & { readonly platform?: Platform };

const HELP = `
Of a name the image is taken that was read last. No image is read: clair submit does that.

Exit status: 0 reported, 2 the server could not be asked or does not know the image, 3 reported but the answer is
incomplete, 4 there are findings that --fail-on does not let pass.

Examples:
  clair report registry.example/app:1.2 --server https://clair.example:6060
  clair report sha256:3f5a… --format html=report.html`;

/** `clair report IMAGE`: what a server says by now of an image that it knows. */
export function reportCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('report')
    .description('Report an image that a server has read, by what it knows now.')
    .addArgument(new Argument('<image>', 'the name of the image, as the server has it, or its digest'))
    .addOption(platformOption('the only one').helpGroup('Image:'));
  addReportOptions(command);
  return addServerOptions(command)
    .addHelpText('after', HELP)
    .action(async (name: string, options: ReportCommandOptions) => {
      const writer = reportWriter(console, options);
      await withServer(options, env, async (client) => {
        const digest = isDigest(name) ? name : await digestOf(client, name, options.platform, console.signal);
        const report = await endableAtOnce(console, () => imageReport(client, digest, console.signal));
        await writer.write(report);
        exit(writer.pass(report));
      });
    });
}

/** The digest of the image that was read last by a name: of a registry, as the name is short for it, else of an archive. */
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
  throw new ClairError('image/unknown', `${client.server} knows no image ${name}`);
}

function imageFor(reference: string, images: readonly ListedImage[], wanted: Platform | undefined): ListedImage {
  const platforms = [...new Set(images.map(({ platform }) => platform))];
  const latest = images.find(({ platform }) => wanted === undefined || isFor(wanted, platform));
  if (latest !== undefined && (wanted !== undefined || platforms.length === 1)) return latest;
  const whom = wanted === undefined ? 'name one by --platform' : `and none for ${platformText(wanted)}`;
  throw new ClairError('image/choice-needed', `the server knows ${reference} for ${platforms.join(', ')}: ${whom}`);
}

function isFor(wanted: Platform, text: string): boolean {
  const platform = parsePlatform(text);
  return platform !== undefined && fitsPlatform(wanted, platform);
}
