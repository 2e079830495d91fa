import { type Command, Option } from 'commander';
import { type PartialFetch, parsePartialFetch } from '../../worker/parts/parts-scope.ts';
import { parseRegistryMirror, type RegistryMirror } from '../../worker/sources/registry/registry-mirror.ts';
import { listOption, type ListParser, nameList, pathList } from './list-option.ts';

/** The values of the options that {@link addRegistryOptions} adds. */
export type RegistryOptions = {
  readonly insecureRegistry: readonly string[];
  readonly registryCa: readonly string[];
  readonly registryMirror: readonly RegistryMirror[];
  /** Absent for commands without this option. */
  readonly partialFetch?: readonly PartialFetch[];
};

/** Adds the options of every command that can pull from a registry. */
export function addRegistryOptions(command: Command): Command {
  return command
    .option('--insecure-registry <hosts>', 'Use plain HTTP for these registries, HOST[:PORT] (list)', nameList, [])
    .option('--registry-ca <file>', 'Trust the CA certificates in this PEM file (repeatable)', pathList, [])
    .addOption(
      new Option('--registry-mirror <host=mirror>', 'Try MIRROR[:PORT][/PREFIX] before registry HOST (list)')
        .argParser(mirrors)
        .default([]),
    );
}

/** Parses the value of `--partial-fetch`. @throws InvalidArgumentError for anything but a registry */
export const partialFetches: ListParser<PartialFetch> = listOption(
  parsePartialFetch,
  'HOST[:PORT] or HOST[:PORT]=any, such as registry.example=any',
);

const mirrors: ListParser<RegistryMirror> = listOption(
  parseRegistryMirror,
  'HOST=MIRROR, such as docker.io=mirror.example:5000/docker-hub',
);
