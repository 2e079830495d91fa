import type { Command, Option } from 'commander';
import { PACKAGE_KINDS } from '../../model/package-kind.ts';
import { INCLUDED_CLASSES } from '../../model/report/finding-class.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { FORMAT_LOADERS } from '../output/format-loaders.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';

/** A command for completion scripts. */
export type CommandNode = {
  /** The full command, such as `clair db export`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
};

export type OptionNode = {
  /** The long form, such as `--format`. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The possible values; if the list is empty, shells complete files. */
  readonly values: readonly string[];
};

/** Returns the tree of visible commands and options of a program. */
export function commandTree(command: Command, above = ''): CommandNode {
  const path = above === '' ? command.name() : `${above} ${command.name()}`;
  const help = command.createHelp();
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).flatMap((option) => optionNode(option)),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .map((each) => commandTree(each, path)),
  };
}

/** Returns all commands of a tree. Each command follows its parent. */
export function allCommands(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.commands.flatMap(allCommands)];
}

/** Quotes a text as a single word for a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function optionNode({ long, description, required, optional, argChoices }: Option): readonly OptionNode[] {
  if (long === undefined) return [];
  const values = argChoices ?? VALUES.get(long) ?? [];
  return [{ long, description, takesValue: required || optional, values }];
}

/** The possible values of the options that the program parses with its own functions. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['--format', FORMAT_LOADERS.map(({ id }) => id)],
  ['--severity', SEVERITIES],
  ['--fail-on', [...SEVERITIES, 'kev']],
  ['--feed', [...FETCHERS, ...ENRICHERS].map(({ id }) => id)],
  ['--type', PACKAGE_KINDS],
  ['--include', INCLUDED_CLASSES],
]);
