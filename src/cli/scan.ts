import { Argument, Command, Option } from 'commander';
import { composeClair } from '../compose.ts';
import { FORMATS } from '../report/index.ts';
import { reportImage } from '../report/image-report.ts';
import { openImage, parseTarget } from '../worker/sources/target.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { scanStatus } from './exit-status.ts';

/** `clair scan TARGET`: analyses an image and reports what threatens it. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('scan')
    .description('Analyse a container image and report its vulnerabilities, each with the layer that brought it in.')
    .addArgument(new Argument('<target>', 'docker-archive:PATH, oci:PATH[:TAG], or a path'))
    .addOption(
      new Option('--format <format>', 'how to write the report').choices(FORMATS.map(({ id }) => id)).default('table'),
    )
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete.')
    .action(async (text: string, options: { format: string; db: string }) => {
      exit(await scan(console, text, options));
    });
}

async function scan(console: Console, text: string, options: { format: string; db: string }): Promise<number> {
  const format = FORMATS.find(({ id }) => id === options.format);
  if (format === undefined) throw new Error(`commander let the format ${options.format} pass`);
  const image = await openImage(parseTarget(text));
  try {
    const clair = await composeClair(databaseOptions(options.db));
    try {
      const layers = await clair.worker.analyzeImage(image, console.signal);
      const described = image.layers.map(({ digest, diffId, createdBy }) => ({ digest, diffId, createdBy }));
      const report = await reportImage(clair.store, { ...image, layers: described }, layers);
      console.out(format.render(report));
      return scanStatus(report.problems);
    } finally {
      await clair.close();
    }
  } finally {
    await image.close();
  }
}
