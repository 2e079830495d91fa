import { env } from 'node:process';
import { Argument, Command } from 'commander';
import type { ApiClient } from '../../client/api-client.ts';
import { imageReport } from '../../client/image-reports.ts';
import { archiveInFile, boundedArchive } from '../../client/saved-archive.ts';
import {
  followSubmission,
  submitArchive,
  submitReference,
  type ToldSubmission,
  untilTaken,
} from '../../client/submission.ts';
import { type Platform, platformText } from '../../worker/sources/image/platform.ts';
import type { Console } from '../console.ts';
import { EXIT_STATUS, worstStatus } from '../exit-status.ts';
import { platformOption } from '../image-run.ts';
import { addReportOptions, type ReportOptions, reportWriter } from '../options/report-options.ts';
import { addServerOptions, type ServerOptions, withServer } from '../options/server-option.ts';
import { withStandardInput } from '../options/standard-input.ts';
import { showSubmission, type SubmissionProgress } from '../output/submission-progress.ts';
import { type SubmissionTarget, submissionTarget } from '../options/submission-target.ts';
import { printable } from '../../model/printable.ts';

type SubmitOptions = ServerOptions & ReportOptions & { readonly platform?: Platform; readonly detach: boolean };

const HELP = `
Exit status: 0 reported, 2 the server could not be asked or could not read the image, 3 reported but the answer is
incomplete, 4 there are findings that --fail-on does not let pass, 130 stopped by Ctrl-C: the server goes on.

Examples:
  clair submit registry.example/app:1.2 --server https://clair.example:6060
  docker save app | clair submit - --fail-on High --only-fixed
  clair submit app.tar --detach`;

/** `clair submit TARGET`: lets a server analyse an image, and reports what it says. */
export function submitCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('submit')
    .description('Let a server analyse a container image, and report what it says.')
    .addArgument(
      new Argument(
        '<target>',
        '[registry:]NAME of an image that the server fetches, the path of an archive that it is sent, or - for one on standard input',
      ),
    )
    .option('--detach', 'do not wait: write the name of the submission, and end', false)
    .addOption(platformOption('Linux on the processor of the server').helpGroup('Image:'));
  addReportOptions(command);
  return addServerOptions(command)
    .addHelpText('after', HELP)
    .action(async (text: string, options: SubmitOptions) => {
      const target = submissionTarget(text);
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

/** Gives the image to the server: its name, or the archive of it. */
async function submit(
  console: Console,
  client: ApiClient,
  target: SubmissionTarget,
  { platform }: SubmitOptions,
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
  const { name } = target;
  return await showing(console, name, async ({ sent, waits }) => {
    if (target.kind === 'archive') {
      const send = async (): Promise<ToldSubmission> => {
        const { bytes, size } = await archiveInFile(target.path);
        const counted = boundedArchive(bytes, { where: target.path, read: (now) => sent(now, size) });
        return await submitArchive(client, { name, bytes: counted, size, ...wanted }, console.signal);
      };
      return await untilTaken(send, { signal: console.signal, waits });
    }
    // What was read of standard input cannot be read again.
    return await withStandardInput(console, 'clair submit -', async (bytes) => {
      const counted = boundedArchive(bytes, { where: 'standard input', read: (now) => sent(now, undefined) });
      return await submitArchive(client, { name, bytes: counted, ...wanted }, console.signal);
    });
  });
}

/** Waits until the server has read the image; undefined when the user does not want to wait any more, which is told. */
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
      `clair: stopped; the server goes on with submission ${printable(submitted.id)}: clair report has the image when it is read\n`,
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
