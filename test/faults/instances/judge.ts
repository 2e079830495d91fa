import { openPostgres } from '../../../src/database/engines/postgres/engine.ts';
import { untilAllIsTold } from './carried-work.ts';
import type { Cluster } from './cluster.ts';
import { type FinalReports, finalReports } from './final-reports.ts';
import type { ImageWork } from './image-work.ts';
import { runHousekeeping, untilNothingIsHeld } from './leases.ts';
import type { QuietRun } from './quiet-run.ts';
import type { Tally } from './retrying-client.ts';
import { differences, digestOfContents, readContents } from './table-contents.ts';

export type JudgeOptions = {
  readonly work: ImageWork;
  readonly program: readonly string[];
  readonly expected: QuietRun;
  readonly tally: Tally;
  readonly wrong: (what: string) => void;
};

/**
 * Checks that all work finished, stops the instances, and compares the stored data. Returns the digest of the stored
 * data.
 */
export async function judge(
  { instances, postgres, reader }: Pick<Cluster, 'instances' | 'postgres' | 'reader'>,
  { work, program, expected, tally, wrong }: JudgeOptions,
): Promise<string> {
  const source = `${postgres.source}?sslmode=disable`;
  const engine = await openPostgres(source);
  try {
    for (const what of await untilAllIsTold(engine)) wrong(what);
    for (const { name, url } of instances) {
      for (const what of otherReports(await finalReports(url, work), expected.reports)) wrong(`${name}: ${what}`);
    }
    for (const instance of instances) {
      const ending = await instance.stop();
      if (ending !== undefined) wrong(ending);
      for (const end of instance.ends) wrong(end);
    }
    for (const what of await untilNothingIsHeld(engine)) wrong(what);
    const due = await engine.read.all<{ name: string }>('SELECT name FROM notification ORDER BY id');
    for (const { name } of due) {
      if (!reader.read.has(name)) wrong(`the notification ${name} did not arrive`);
    }
    tally.count('notifications', due.length);
    tally.count('notifications sent again', reader.receiver.received.length - due.length);
    await runHousekeeping(program, source);
    const contents = await readContents(engine);
    for (const what of differences(contents, expected.contents)) wrong(what);
    return digestOfContents(contents);
  } finally {
    await engine.close();
  }
}

function otherReports(actual: FinalReports, expected: FinalReports): readonly string[] {
  const other = [...expected].filter(([name, report]) => actual.get(name) !== report);
  return other.length === 0 ? [] : [`${other.length} reports are wrong, for example ${other[0]?.[0]}`];
}
