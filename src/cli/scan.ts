import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { composeClair, openTargetImage } from '../compose.ts';
import { FORMATS } from '../report/index.ts';
import { reportImage } from '../report/image-report.ts';
import { type Platform, parsePlatform } from '../worker/sources/platform.ts';
import { parseTarget } from '../worker/sources/target.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { scanStatus } from './exit-status.ts';

type ScanOptions = {
  readonly format: string;
  readonly db: string;
  readonly platform?: Platform;
  readonly insecureRegistry: readonly string[];
};

/** `clair scan TARGET`: analyses an image and reports what threatens it. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('scan')
    .description('Analyse a container image and report its vulnerabilities, each with the layer that brought it in.')
    .addArgument(
      new Argument('<target>', 'docker-archive:PATH, oci:PATH[:TAG], registry:NAME, or a path or name alone'),
    )
    .addOption(
      new Option('--format <format>', 'how to write the report').choices(FORMATS.map(({ id }) => id)).default('table'),
    )
    .option('--platform <os/arch[/variant]>', 'image to take of several; Linux on this processor by default', platform)
    .option('--insecure-registry <host...>', 'ask this registry, HOST or HOST:PORT, without encryption', [])
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete.')
    .action(async (text: string, options: ScanOptions) => {
      exit(await scan(console, text, options));
    });
}

async function scan(console: Console, text: string, options: ScanOptions): Promise<number> {
  const format = FORMATS.find(({ id }) => id === options.format);
  if (format === undefined) throw new Error(`commander let the format ${options.format} pass`);
  const image = await openTargetImage(parseTarget(text), {
    platform: options.platform,
    signal: console.signal,
    insecureRegistries: options.insecureRegistry,
    dockerConfig: env['DOCKER_CONFIG'] || join(homedir(), '.docker'),
  });
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

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be an operating system and a processor, as in linux/arm64 or linux/arm/v7.');
}
