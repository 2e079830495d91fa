import { env } from 'node:process';
import { Argument, Command } from 'commander';
import type { ApiClient } from '../../client/api-client.ts';
import { imageReport } from '../../client/image-reports.ts';
import { sentFile, boundedBytes, MAX_ARCHIVE_BYTES, MAX_SBOM_BYTES } from '../../client/sent-file.ts';
import {
  followSubmission,
  submitArchive,
  submitReference,
  submitSbom,
  type ToldSubmission,
  untilTaken,
} from '../../client/submission.ts';
import { platformText } from '../../worker/sources/image/platform.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { EXIT_STATUS, worstStatus } from '../exit-status.ts';
import { platformOption } from '../image-options.ts';
import { addReportOptions, FORMATS_NOTE, type ReportOptions } from '../options/report-options.ts';
import { reportWriter } from '../output/report-writer.ts';
import { addServerOptions, type ServerOptions, withServer } from '../options/server-option.ts';
import { withStandardInput } from '../options/standard-input.ts';
import { showSubmission, type SubmissionProgress } from '../output/submission-progress.ts';
import { type SubmissionTarget, submissionTarget } from '../options/submission-target.ts';
import {
  checkSbomOptions,
  distributionOption,
  sbomImageOption,
  type SbomOptions,
  sbomVexOption,
} from '../sbom-options.ts';
import { printable } from '../../model/printable.ts';

type SubmitOptions = ServerOptions & ReportOptions & Omit<SbomOptions, 'attestations'> & { readonly detach: boolean };

const HELP: HelpParts = {
  examples: [
    'clair submit registry.example/app:1.2 --server https://clair.example:6060',
    'docker save app | clair submit - --fail-on high --fail-on-fixed',
    'clair submit app.tar --detach',
    'clair submit sbom:app.json --distribution debian:12',
  ],
  notes: [
    FORMATS_NOTE,
    'For an image name, the server pulls the image from its registry. Clair uploads archives of at most 4 GiB, and SBOMs of at most 64 MiB.',
  ],
  exitStatus: {
    0: 'the report was printed, and no finding matches --fail-on; with --detach: the image was submitted',
    2: 'the server failed or could not analyse the image, or an option is invalid',
    3: 'the report is incomplete, or --fail-on cannot evaluate a finding',
    4: 'a finding matches --fail-on',
    130: 'the command was stopped; the server still analyses a submitted image',
  },
};

/** Creates `clair submit IMAGE`, which analyses an image on a server and prints the report. */
export function submitCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('submit')
    .description('Analyse an image on a Clair server and print the report.')
    .addArgument(new Argument('<image>', 'Image name, path of an archive, sbom:FILE, or - for standard input'))
    .option('--detach', 'Print the ID of the submission and exit without waiting', false);
  addReportOptions(command)
    .addOption(platformOption('Linux on the architecture of the server').helpGroup('Image:'))
    .addOption(distributionOption().helpGroup('Image:'))
    .addOption(sbomImageOption().helpGroup('Image:'))
    .addOption(sbomVexOption().helpGroup('Image:'));
  return addHelp(addServerOptions(command), HELP).action(async (text: string, options: SubmitOptions) => {
    const target = submissionTarget(text);
    checkSbomOptions(options, [text]);
    const writer = reportWriter(console, options);
    await withServer(options, env, async (client) => {
      const submitted = await submit(console, client, target, options);
      if (options.detach) {
        console.out(`${printable(submitted.id)}\n`);
        return;
      }
      const done = await followedOrLeft(console, client, submitted);
      if (done === undefined) {
        exit(EXIT_STATUS.stopped);
        return;
      }
      const reports = await Promise.all(done.images.map((digest) => imageReport(client, digest, console.signal)));
      const [first, ...others] = reports;
      if (first !== undefined) await writer.write(others.length === 0 ? first : reports);
      exit(worstStatus(reports.map((report) => writer.pass(report))));
    });
  });
}

/** Submits the reference of an image, or uploads an archive or an SBOM. */
async function submit(
  console: Console,
  client: ApiClient,
  target: SubmissionTarget,
  { platform, distribution, sbomImage, sbomVex = false }: SubmitOptions,
): Promise<ToldSubmission> {
  const wanted = { ...(platform && { platform: platformText(platform) }) };
  if (target.kind === 'reference') {
    const { reference } = target;
    return await showing(console, reference, async ({ waits }) =>
      untilTaken(async () => await submitReference(client, { reference, ...wanted }, console.signal), {
        signal: console.signal,
        waits,
      }),
    );
  }
  const { kind, name, path } = target;
  const maxBytes = kind === 'sbom' ? MAX_SBOM_BYTES : MAX_ARCHIVE_BYTES;
  return await showing(console, name, async ({ sent, waits }) => {
    const send = async (bytes: AsyncIterable<Uint8Array>, where: string, size?: number): Promise<ToldSubmission> => {
      const counted = boundedBytes(bytes, { where, maxBytes, read: (now) => sent(now, size) });
      const file = { name, bytes: counted, size };
      return kind === 'sbom'
        ? await submitSbom(client, { ...file, distribution, appliesVex: sbomVex, image: sbomImage }, console.signal)
        : await submitArchive(client, { ...file, ...wanted }, console.signal);
    };
    if (path !== undefined) {
      const sendFile = async (): Promise<ToldSubmission> => {
        const { bytes, size } = await sentFile(path, maxBytes);
        return await send(bytes, path, size);
      };
      return await untilTaken(sendFile, { signal: console.signal, waits });
    }
    // The upload is not retried, because standard input cannot be read twice.
    return await withStandardInput(console, `clair submit ${kind === 'sbom' ? 'sbom:-' : '-'}`, async (bytes) => {
      return await send(bytes, 'standard input');
    });
  });
}

/** Waits until the server has analysed the image. If the user stops waiting, prints a message and returns undefined. */
async function followedOrLeft(
  console: Console,
  client: ApiClient,
  submitted: ToldSubmission,
): Promise<ToldSubmission | undefined> {
  const { signal } = console;
  try {
    return await showing(console, submitted.target, async ({ told }) => {
      told(submitted);
      return await followSubmission(client, submitted, { signal, progress: told });
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    console.err(
      `clair: stopped waiting; the server continues with submission ${printable(submitted.id)}. To print the report later, run clair report ${printable(submitted.target)}\n`,
    );
    return undefined;
  }
}

async function showing<Result>(
  console: Console,
  name: string,
  work: (progress: SubmissionProgress) => Promise<Result>,
): Promise<Result> {
  const progress = showSubmission(console, name);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
