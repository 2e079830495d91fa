import { type Command, Option } from 'commander';
import { PACKAGE_KINDS, type PackageKind } from '../../model/package-kind.ts';
import { parseSeverity, SEVERITIES, type Severity } from '../../model/severity.ts';
import type { FindingFilter } from '../../report/image/finding-filter.ts';
import { listOption, type ListParser } from './list-option.ts';

/** The values of the options that {@link addFindingOptions} adds. */
export type FindingOptions = {
  readonly severity?: readonly Severity[];
  readonly onlyFixed: boolean;
  readonly type?: readonly PackageKind[];
  readonly reachable?: boolean;
};

/** Adds the options that choose which findings a command shows. */
export function addFindingOptions(command: Command): Command {
  return command
    .addOption(severityOption('Show only findings of these severities, such as high,critical'))
    .option('--only-fixed', 'Show and evaluate only findings with a fix (alias: --ignore-unfixed)', false)
    .addOption(typeOption('Show only findings of this type; --fail-on evaluates every type'))
    .option('--reachable', 'Hide and ignore Go findings whose vulnerable code is not in the binary')
    .addOption(new Option('--ignore-unfixed').implies({ onlyFixed: true }).hideHelp());
}

/** Returns the option `--severity`, whose value is a list of severities. */
export function severityOption(description: string): Option {
  return new Option('--severity <severities>', description).argParser(severityList);
}

/** Returns the option `--type`, whose value is a list of package kinds. */
export function typeOption(description: string): Option {
  return new Option('--type <os,library,file>', description).argParser(kindList);
}

/** The list of severities for help and messages. */
export const SEVERITY_NAMES: string = SEVERITIES.join(', ').toLowerCase();

/** Returns the filter that the options describe. */
export function findingFilter({ severity, onlyFixed, reachable = false, type }: FindingOptions): FindingFilter {
  return {
    ...(severity && { severities: severity }),
    onlyFixed,
    ...(reachable && { onlyReachable: true }),
    ...(type && { kinds: type }),
  };
}

/**
 * Parses the list of `--severity`, in any case. `critical` includes Defcon1, because other scanners have no worse
 * severity than critical, and a list that was written for another scanner must not hide worse findings.
 *
 * @throws InvalidArgumentError for an unknown severity
 */
export const severityList: ListParser<Severity> = (text, before) => [
  ...new Set(
    parsedSeverities(text, before).flatMap((severity) => (severity === 'Critical' ? CRITICAL_AND_WORSE : [severity])),
  ),
];

const CRITICAL_AND_WORSE: readonly Severity[] = ['Critical', 'Defcon1'];

const parsedSeverities = listOption(parseSeverity, `one of ${SEVERITY_NAMES}`);

const kindList: ListParser<PackageKind> = listOption(
  (text) => PACKAGE_KINDS.find((kind) => kind === text.toLowerCase()),
  `one of ${PACKAGE_KINDS.join(', ')}`,
);
